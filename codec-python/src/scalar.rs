//! Scalar functions that run a Python callable.

use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use planwire_registry::Kind;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::PythonFunction;
use crate::callable::Callable;
use crate::convert::{all_to_pyarrow, array_from_python};
use crate::error::attached;

/// A scalar function that runs a Python callable over pyarrow arrays.
///
/// The callable gets one array for each argument, all of the batch's length, and returns an array of
/// that length and of the declared type. If every argument is constant, the arrays have one value,
/// and one value is wanted back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PythonScalarUdf {
    function: PythonFunction,
}

impl PythonScalarUdf {
    /// Makes a function of `callable`; only the types and metadata of `inputs` count, not their names.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        callable: Py<PyAny>,
        inputs: Vec<FieldRef>,
        output: FieldRef,
        volatility: Volatility,
    ) -> Self {
        Self::of(PythonFunction::new(name.into(), Callable::new(callable), inputs, output, volatility))
    }

    pub(crate) const fn of(function: PythonFunction) -> Self {
        Self { function }
    }

    /// What the function was declared with.
    #[must_use]
    pub const fn function(&self) -> &PythonFunction {
        &self.function
    }

    fn call(&self, py: Python<'_>, args: &ScalarFunctionArgs) -> PyResult<ColumnarValue> {
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if constant && !args.args.is_empty() { 1 } else { args.number_rows };
        let arrays = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<Vec<_>>>();
        let arguments = PyTuple::new(py, all_to_pyarrow(py, &arrays.map_err(not_values)?)?)?;
        let returned = self.function.callable().bind(py).call1(arguments)?;
        let column = array_from_python(&returned, self.function.output_type())?;
        // Without arguments the callable cannot know how many rows there are, so one value is for all.
        let wanted = if constant { 1 } else { rows };
        if column.len() == rows && !constant {
            return Ok(ColumnarValue::Array(column));
        }
        if column.len() == wanted {
            return ScalarValue::try_from_array(&column, 0).map(ColumnarValue::Scalar).map_err(not_values);
        }
        Err(PyValueError::new_err(format!("it returned {} values for {wanted} rows", column.len())))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands the error over")]
fn not_values(error: DataFusionError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

impl ScalarUDFImpl for PythonScalarUdf {
    fn name(&self) -> &str {
        self.function.name()
    }

    fn signature(&self) -> &Signature {
        self.function.signature()
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.function.output_type().clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(self.function.output_named(self.function.name()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(attached(Kind::ScalarUdf, self.name(), "running", |py| self.call(py, &args))?)
    }
}
