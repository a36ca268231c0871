//! Window functions.

use std::sync::Arc;

use datafusion::logical_expr::expr::WindowFunction;
use datafusion::logical_expr::{Expr, WindowUDF};
use planwire_python::{PythonFunction, PythonWindowUdf};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::signature::{Callable, FieldArg, Role, VolatilityArg, declared, fields};
use super::{arguments, own_name};
use crate::expr::{OneOrMany, PyExpr};
use crate::ffi;
use crate::host::shown::shown;

/// A window function: one value for each row, of the rows around it.
///
/// Call it with expressions, or values that become literals, to make an expression; `Expr.over`
/// says which rows.
///
/// Args:
///     name: The name that plans and SQL use.
///     func: Makes a `WindowEvaluator`, e.g. a subclass of it; called once for each partition. Or a
///         function of another library, with `__datafusion_window_udf__`: it brings its own name and
///         declaration, and nothing else is needed.
///     input_types: The `pyarrow.DataType` or `pyarrow.Field` of each argument; one alone may stand
///         without a list.
///     return_type: The type or field of the result.
///     volatility: `"immutable"`, `"stable"` or `"volatile"`, or a `Volatility`.
///
/// Raises:
///     TypeError: `func` is not callable, a type is not one of Arrow's, or one is missing.
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
    /// The declaration of a function that is written in Python.
    fn ours(&self) -> Option<&PythonFunction> {
        self.udf.inner().downcast_ref::<PythonWindowUdf>().map(PythonWindowUdf::function)
    }

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
    #[pyo3(signature = (name, func, input_types = None, return_type = None, volatility = None))]
    fn new(
        name: &str,
        func: &Bound<'_, PyAny>,
        input_types: Option<OneOrMany<FieldArg>>,
        return_type: Option<FieldArg>,
        volatility: Option<VolatilityArg>,
    ) -> PyResult<Self> {
        if let Some(foreign) = ffi::window_udf(func)? {
            return Ok(foreign.into());
        }
        let func: Callable = func.extract()?;
        let inputs = fields(declared(input_types, "input_types")?, Role::Argument);
        let output = declared(return_type, "return_type")?.named(name);
        let volatility = declared(volatility, "volatility")?.0;
        let udf = PythonWindowUdf::new(name, func.0, inputs, output, volatility);
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
    ///     >>> from planwire import WindowEvaluator, udwf
    ///     >>> udwf(WindowEvaluator, pa.int64(), pa.int64(), "immutable", "nothing").freeze()
    ///     WindowUDF("nothing")
    fn freeze(slf: &Bound<'_, Self>) -> PyResult<Py<Self>> {
        let udf = slf.get().udf();
        match udf.inner().downcast_ref::<PythonWindowUdf>() {
            Some(ours) if ours.function().received().is_none() => {
                let frozen = Self::from(Arc::new(WindowUDF::from(ours.frozen())));
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
        let call = WindowFunction::new(Arc::clone(&self.udf), arguments(self.udf.name(), self.ours(), args)?);
        Ok(Expr::from(call).into())
    }

    fn __repr__(&self) -> String {
        format!("WindowUDF({})", shown(format_args!("{:?}", self.udf.name())))
    }
}
