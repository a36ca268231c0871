//! Scalar functions.

use std::sync::Arc;

use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, ScalarUDF};
use planwire_python::{PythonFunction, PythonScalarUdf};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::signature::{Callable, FieldArg, Role, VolatilityArg, declared, fields};
use super::{arguments, own_name};
use crate::expr::{OneOrMany, PyExpr};
use crate::ffi;
use crate::host::shown::shown;

/// A scalar function: one value for each row.
///
/// Call it with expressions, or values that become literals, to make an expression.
///
/// Args:
///     name: The name that plans and SQL use.
///     func: Gets one `pyarrow.Array` for each argument and returns one of the same length. Or a
///         function of another library, with `__datafusion_scalar_udf__`: it brings its own name and
///         declaration, and nothing else is needed.
///     input_fields: The `pyarrow.DataType` or `pyarrow.Field` of each argument; one alone may stand
///         without a list.
///     return_field: The type or field of the result.
///     volatility: `"immutable"`, `"stable"` or `"volatile"`, or a `Volatility`.
///
/// Raises:
///     TypeError: `func` is not callable, a type is not one of Arrow's, or one is missing.
///     ValueError: There is no such volatility.
///
/// Example:
///     >>> import pyarrow as pa, pyarrow.compute as pc
///     >>> from planwire import ScalarUDF, col
///     >>> half = ScalarUDF("half", lambda a: pc.divide(a, 2.0), pa.float64(), pa.float64(), "immutable")
///     >>> half(col("a"))
///     Expr(half(a))
#[pyclass(module = "planwire", name = "ScalarUDF", frozen, skip_from_py_object)]
pub(crate) struct PyScalarUdf {
    udf: Arc<ScalarUDF>,
}

impl PyScalarUdf {
    /// The declaration of a function that is written in Python.
    fn ours(&self) -> Option<&PythonFunction> {
        self.udf.inner().downcast_ref::<PythonScalarUdf>().map(PythonScalarUdf::function)
    }

    pub(crate) fn udf(&self) -> &ScalarUDF {
        &self.udf
    }
}

impl From<Arc<ScalarUDF>> for PyScalarUdf {
    fn from(udf: Arc<ScalarUDF>) -> Self {
        Self { udf }
    }
}

#[pymethods]
impl PyScalarUdf {
    #[new]
    #[pyo3(signature = (name, func, input_fields = None, return_field = None, volatility = None))]
    fn new(
        name: &str,
        func: &Bound<'_, PyAny>,
        input_fields: Option<OneOrMany<FieldArg>>,
        return_field: Option<FieldArg>,
        volatility: Option<VolatilityArg>,
    ) -> PyResult<Self> {
        if let Some(foreign) = ffi::scalar_udf(func)? {
            return Ok(foreign.into());
        }
        let func: Callable = func.extract()?;
        let inputs = fields(declared(input_fields, "input_fields")?, Role::Argument);
        let output = declared(return_field, "return_field")?.named(name);
        let volatility = declared(volatility, "volatility")?.0;
        let udf = PythonScalarUdf::new(name, func.0, inputs, output, volatility);
        Ok(Self { udf: Arc::new(udf.into()) })
    }

    /// The function's name.
    #[getter]
    fn name(&self) -> &str {
        self.udf.name()
    }

    /// Return the function with its bytes kept: it is pickled the first time that it is sent, and never again.
    ///
    /// Values that it closes over, and that change after that, are sent as they were. Sending it again costs
    /// next to nothing. A function that is not written in Python, or that came in a message, is returned as it is.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import udf
    ///     >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same").freeze()
    ///     >>> same.to_bytes() == same.to_bytes()
    ///     True
    fn freeze(slf: &Bound<'_, Self>) -> PyResult<Py<Self>> {
        let udf = slf.get().udf();
        match udf.inner().downcast_ref::<PythonScalarUdf>() {
            Some(ours) if ours.function().received().is_none() => {
                let frozen = Self::from(Arc::new(ScalarUDF::from(ours.frozen())));
                Py::new(slf.py(), frozen)
            }
            _ => Ok(slf.clone().unbind()),
        }
    }

    /// The name of the Python function, or that of plans.
    #[getter(__name__)]
    fn name_in_python(&self, py: Python<'_>) -> String {
        own_name(py, self.ours(), self.udf.name())
    }

    /// The callable that the function was made of; `None` if it is of another language, or not opened yet.
    #[getter]
    fn _callable(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.ours()?.callable().map(|callable| callable.clone_ref(py))
    }

    #[pyo3(signature = (*args))]
    fn __call__(&self, args: &Bound<'_, PyTuple>) -> PyResult<PyExpr> {
        let call =
            ScalarFunction::new_udf(Arc::clone(&self.udf), arguments(self.udf.name(), self.ours(), args)?);
        Ok(Expr::ScalarFunction(call).into())
    }

    fn __repr__(&self) -> String {
        format!("ScalarUDF({})", shown(format_args!("{:?}", self.udf.name())))
    }
}
