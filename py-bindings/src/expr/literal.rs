//! Literals: Python values, pyarrow scalars and buffers as values of DataFusion.

use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::array::{ArrayData, make_array};
use datafusion::scalar::ScalarValue;
use planwire_registry::slices;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyString, PyType};

use crate::host::call::Call;

/// Turns a Python value into a literal.
///
/// # Errors
///
/// A `TypeError` if Arrow has no type for the value.
pub(crate) fn scalar(value: &Bound<'_, PyAny>) -> PyResult<ScalarValue> {
    if value.is_none() {
        return Ok(ScalarValue::Null);
    }
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(ScalarValue::Boolean(Some(value.is_true())));
    }
    if value.is_exact_instance_of::<PyInt>() {
        if let Ok(value) = value.extract() {
            return Ok(ScalarValue::Int64(Some(value)));
        }
        // pyarrow infers no type for an integer that only an unsigned one holds.
        if let Ok(value) = value.extract() {
            return Ok(ScalarValue::UInt64(Some(value)));
        }
    }
    if value.is_exact_instance_of::<PyFloat>() {
        return Ok(ScalarValue::Float64(Some(value.extract()?)));
    }
    if let Ok(value) = value.cast::<PyString>() {
        return Ok(ScalarValue::Utf8(Some(value.to_cow()?.into_owned())));
    }
    if let Ok(value) = value.cast::<PyBytes>() {
        return Ok(ScalarValue::Binary(Some(value.as_bytes().to_vec())));
    }
    by_arrow(value)
}

/// Leaves everything that is not a plain value to pyarrow, which knows dates, decimals and numpy.
fn by_arrow(value: &Bound<'_, PyAny>) -> PyResult<ScalarValue> {
    static SCALAR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = value.py();
    let pyarrow = py.import("pyarrow")?;
    let scalar = value.is_instance(SCALAR.import(py, "pyarrow", "Scalar")?)?;
    let array = Call::python(py, || match scalar {
        true => pyarrow.call_method1("repeat", (value, 1)),
        false => pyarrow.call_method1("array", ([value],)),
    });
    let array = array.map_err(|cause| {
        let class = value.get_type();
        let class = class.name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
        let error = PyTypeError::new_err(format!("no literal can be made of {class}"));
        error.set_cause(py, Some(cause));
        error
    })?;
    let array = make_array(ArrayData::from_pyarrow_bound(&array)?);
    // A list out of a table would take the table's text along.
    let shown = slices::array(&array).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let value = ScalarValue::try_from_array(&shown.unwrap_or(array), 0);
    value.map_err(|error| PyValueError::new_err(error.to_string()))
}
