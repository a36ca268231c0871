//! Values: plain Python objects of the common types, taken without a detour over pyarrow.

use datafusion::arrow::datatypes::DataType;
use datafusion::scalar::ScalarValue;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyType};

/// Takes a value of `wanted` type, if it is one of a few types and needs no conversion.
///
/// An accumulator is asked for its state or result once for each group, and making a pyarrow array each time
/// would take longer than everything else in the call.
pub(crate) fn plain(value: &Bound<'_, PyAny>, wanted: &DataType) -> PyResult<Option<ScalarValue>> {
    let py = value.py();
    // A pyarrow scalar of exactly this type holds the Python value; pyarrow has to cast any other.
    let inside;
    let value = match scalar_class(py, wanted)? {
        Some(class) if value.get_type().is(class) => {
            inside = value.call_method0(intern!(py, "as_py"))?;
            &inside
        }
        _ => value,
    };
    if value.is_none() {
        return Ok(ScalarValue::try_new_null(wanted).ok());
    }
    // Exact types only: a subclass may mean more than its value. Pyarrow reports any value that does not fit.
    Ok(match wanted {
        DataType::Int64 if value.is_exact_instance_of::<PyInt>() => {
            value.extract().ok().map(|number| ScalarValue::Int64(Some(number)))
        }
        DataType::Float64 if value.is_exact_instance_of::<PyFloat>() => {
            value.extract().ok().map(|number| ScalarValue::Float64(Some(number)))
        }
        DataType::Boolean if value.is_exact_instance_of::<PyBool>() => {
            value.extract().ok().map(|truth| ScalarValue::Boolean(Some(truth)))
        }
        DataType::Utf8 if value.is_exact_instance_of::<PyString>() => {
            value.extract().ok().map(|text| ScalarValue::Utf8(Some(text)))
        }
        _ => None,
    })
}

/// Whether values of a type are lists.
pub(crate) const fn is_list(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::List(_)
            | DataType::LargeList(_)
            | DataType::FixedSizeList(_, _)
            | DataType::ListView(_)
            | DataType::LargeListView(_)
    )
}

/// The class of pyarrow's scalars of a type that [`plain`] knows.
fn scalar_class<'py>(py: Python<'py>, data_type: &DataType) -> PyResult<Option<&'py Bound<'py, PyType>>> {
    static INT64: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static FLOAT64: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static BOOLEAN: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static UTF8: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let (class, name) = match data_type {
        DataType::Int64 => (&INT64, "Int64Scalar"),
        DataType::Float64 => (&FLOAT64, "DoubleScalar"),
        DataType::Boolean => (&BOOLEAN, "BooleanScalar"),
        DataType::Utf8 => (&UTF8, "StringScalar"),
        _ => return Ok(None),
    };
    class.import(py, "pyarrow", name).map(Some)
}
