//! Window functions.

use std::sync::Arc;

use datafusion::logical_expr::expr::WindowFunction;
use datafusion::logical_expr::{Expr, WindowUDF};
use planwire_python::PythonWindowUdf;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::arguments;
use super::signature::{Callable, FieldArg, Role, VolatilityArg, fields};
use crate::expr::{OneOrMany, PyExpr};

/// A window function: one value for each row, of the rows around it.
///
/// Call it with expressions, or values that become literals, to make an expression; `Expr.over`
/// says which rows.
///
/// Args:
///     name: The name that plans and SQL use.
///     func: Makes a `WindowEvaluator`, e.g. a subclass of it; called once for each partition.
///     input_types: The `pyarrow.DataType` or `pyarrow.Field` of each argument; one alone may stand
///         without a list.
///     return_type: The type or field of the result.
///     volatility: `"immutable"`, `"stable"` or `"volatile"`, or a `Volatility`.
///
/// Raises:
///     TypeError: `func` is not callable, or a type is not one of Arrow's.
///     ValueError: There is no such volatility.
///
/// Example:
///     >>> import pyarrow as pa
///     >>> from planwire import WindowEvaluator, WindowUDF
///     >>> WindowUDF("nothing", WindowEvaluator, [], pa.int64(), "immutable").name
///     'nothing'
#[pyclass(module = "planwire", name = "WindowUDF", frozen, skip_from_py_object)]
pub(crate) struct PyWindowUdf {
    udf: Arc<WindowUDF>,
}

impl PyWindowUdf {
    pub(crate) fn udf(&self) -> &WindowUDF {
        &self.udf
    }
}

impl From<Arc<WindowUDF>> for PyWindowUdf {
    fn from(udf: Arc<WindowUDF>) -> Self {
        Self { udf }
    }
}

#[pymethods]
impl PyWindowUdf {
    #[new]
    fn new(
        name: &str,
        func: Callable,
        input_types: OneOrMany<FieldArg>,
        return_type: FieldArg,
        volatility: VolatilityArg,
    ) -> Self {
        let inputs = fields(input_types, Role::Argument);
        let udf = PythonWindowUdf::new(name, func.0, inputs, return_type.named(name), volatility.0);
        Self { udf: Arc::new(udf.into()) }
    }

    /// The function's name.
    #[getter]
    fn name(&self) -> &str {
        self.udf.name()
    }

    #[pyo3(signature = (*args))]
    fn __call__(&self, args: &Bound<'_, PyTuple>) -> PyResult<PyExpr> {
        let call = WindowFunction::new(Arc::clone(&self.udf), arguments(args)?);
        Ok(Expr::from(call).into())
    }

    fn __repr__(&self) -> String {
        format!("WindowUDF({:?})", self.udf.name())
    }
}
