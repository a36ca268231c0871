//! Scalar functions that run a Python callable.

use std::iter::once;

use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;
use planwire_registry::Kind;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyFunction, PyTuple};

use crate::call::arguments::Arguments;
use crate::call::declared::Declared;
use crate::call::figures;
use crate::error::{attached, value_error};
use crate::function::callable::Callable;
use crate::function::{PythonFunction, aliased};
use crate::interpreter::called::Called;

/// A scalar function that runs a Python callable over pyarrow arrays.
///
/// The callable gets one array for each argument, all of the batch's length, and returns an array of that
/// length and of the declared type, or one value for all rows. An array of another type is converted if no
/// value changes. If every argument is constant and the function is not volatile, the
/// arrays have one value, and the callable has to return one value. A callable without arguments returns one
/// value too; if it is volatile, it is called for each row.
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

    /// The function with its payload kept, see [`PythonFunction::frozen`].
    #[must_use]
    pub fn frozen(&self) -> Self {
        Self { function: self.function.clone().frozen() }
    }

    /// The declaration of the function.
    #[must_use]
    pub const fn function(&self) -> &PythonFunction {
        &self.function
    }

    fn call(&self, callable: &Bound<'_, PyAny>, args: &ScalarFunctionArgs) -> PyResult<ColumnarValue> {
        let py = callable.py();
        if args.args.is_empty() {
            return self.call_without_arguments(callable, args.number_rows);
        }
        // Each row of a volatile function is a separate call, whatever the arguments.
        let is_one = self.function.volatility() != Volatility::Volatile
            && args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_one { 1 } else { args.number_rows };
        let columns = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<Vec<_>>>();
        let columns = columns.map_err(value_error)?;
        let arguments = Arguments::of(py, &args.arg_fields, self.function.inputs())?;
        let declared = self.declared();
        let most = batch_size(callable)?.unwrap_or(rows).max(1);
        let call_on = |start: usize| {
            let rows = most.min(rows - start);
            let columns: Vec<_> = columns.iter().map(|column| column.slice(start, rows)).collect();
            let arguments = PyTuple::new(py, arguments.to_pyarrow(py, &columns)?)?;
            figures::add_rows(rows);
            let returned = callable.called(arguments)?;
            declared.of_length(declared.array_or_value(&returned, rows)?, rows, "rows")
        };
        let mut column = call_on(0)?;
        if most < rows {
            let others = (most..rows).step_by(most).map(call_on).collect::<PyResult<Vec<_>>>()?;
            let parts: Vec<&dyn Array> = once(&column).chain(&others).map(AsRef::as_ref).collect();
            column = concat(&parts).map_err(value_error)?;
        }
        if is_one { one_value(&column) } else { Ok(ColumnarValue::Array(column)) }
    }

    /// Without arguments the callable cannot know the number of rows, so one value is for all of them. A
    /// volatile function is called for each row instead.
    fn call_without_arguments(&self, callable: &Bound<'_, PyAny>, rows: usize) -> PyResult<ColumnarValue> {
        let declared = self.declared();
        figures::add_rows(1);
        let first = declared.array_or_value(&callable.called(())?, 1)?;
        if first.len() == rows {
            return Ok(ColumnarValue::Array(first));
        }
        if first.len() != 1 {
            return Err(declared.wrong_length(first.len(), rows, "rows"));
        }
        if self.function.volatility() != Volatility::Volatile {
            return one_value(&first);
        }
        figures::add_rows(rows.saturating_sub(1));
        let mut columns = vec![first];
        for _ in 1..rows {
            let column = declared.array_or_value(&callable.called(())?, 1)?;
            columns.push(declared.of_length(column, 1, "rows")?);
        }
        let columns: Vec<&dyn Array> = columns.iter().map(AsRef::as_ref).collect();
        let column = concat(&columns).map_err(value_error)?;
        Ok(ColumnarValue::Array(column.slice(0, rows)))
    }

    fn declared(&self) -> Declared {
        Declared::new("it", self.function.output().clone())
    }
}

/// The number of rows that a function asks for in one call at most.
fn batch_size(callable: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    let Ok(function) = callable.cast::<PyFunction>() else { return Ok(None) };
    let size = function.getattr_opt(intern!(callable.py(), "__planwire_batch_size__"))?;
    size.map(|size| size.extract()).transpose()
}

fn one_value(column: &ArrayRef) -> PyResult<ColumnarValue> {
    ScalarValue::try_from_array(column, 0).map(ColumnarValue::Scalar).map_err(value_error)
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

    fn documentation(&self) -> Option<&Documentation> {
        aliased::answer(self);
        None
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let callable = self.function.open(Kind::ScalarUdf)?;
        Ok(attached(Kind::ScalarUdf, self.name(), "running", |py| self.call(callable.bind(py), &args))?)
    }
}
