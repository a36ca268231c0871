//! Conversions between Arrow in Rust and pyarrow, with the checks that a function's result needs.

use arrow_pyarrow::{FromPyArrow, ToPyArrow};
use datafusion::arrow::array::{Array, ArrayData, ArrayRef, make_array};
use datafusion::arrow::datatypes::DataType;
use datafusion::scalar::ScalarValue;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// Hands an array to pyarrow without copying it.
pub(crate) fn to_pyarrow<'py>(py: Python<'py>, array: &ArrayRef) -> PyResult<Bound<'py, PyAny>> {
    array.to_data().to_pyarrow(py)
}

/// Hands several arrays to pyarrow.
pub(crate) fn all_to_pyarrow<'py>(py: Python<'py>, arrays: &[ArrayRef]) -> PyResult<Vec<Bound<'py, PyAny>>> {
    arrays.iter().map(|array| to_pyarrow(py, array)).collect()
}

/// Takes an array of `wanted` type from anything that exports one by the Arrow C data interface.
pub(crate) fn array_from_python(value: &Bound<'_, PyAny>, wanted: &DataType) -> PyResult<ArrayRef> {
    let py = value.py();
    // A chunked array exports a stream rather than one array.
    let combined;
    let value = if value.is_instance(chunked_array_class(py)?)? {
        combined = value.call_method0("combine_chunks")?;
        &combined
    } else {
        value
    };
    let data = ArrayData::from_pyarrow_bound(value).map_err(|error| {
        let found = value.get_type().name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
        let wrong = PyTypeError::new_err(format!("it returned {found} where an Arrow array is wanted"));
        wrong.set_cause(py, Some(error));
        wrong
    })?;
    let array = make_array(data);
    if array.data_type() != wanted {
        return Err(PyTypeError::new_err(format!(
            "it returned an array of {} where it declares {wanted}",
            array.data_type()
        )));
    }
    Ok(array)
}

/// Takes an array of `wanted` type and exactly `rows` values.
pub(crate) fn column_from_python(
    value: &Bound<'_, PyAny>,
    wanted: &DataType,
    rows: usize,
) -> PyResult<ArrayRef> {
    let array = array_from_python(value, wanted)?;
    if array.len() == rows {
        Ok(array)
    } else {
        Err(PyValueError::new_err(format!("it returned {} values for {rows} rows", array.len())))
    }
}

/// Takes one value of `wanted` type: a pyarrow scalar, a plain Python value, or an array of one
/// value; for a list type an array is the list.
pub(crate) fn scalar_from_python(value: &Bound<'_, PyAny>, wanted: &DataType) -> PyResult<ScalarValue> {
    let py = value.py();
    let pyarrow = py.import("pyarrow")?;
    let wanted_type = wanted.to_pyarrow(py)?;
    let array = if value.is_instance(scalar_class(py)?)? {
        let scalar = if value.getattr("type")?.eq(&wanted_type)? {
            value.clone()
        } else {
            value.call_method1("cast", (&wanted_type,))?
        };
        pyarrow.call_method1("repeat", (scalar, 1))?
    } else if value.is_instance(array_class(py)?)? {
        if is_list(wanted) {
            let items = value.call_method0("to_pylist")?;
            pyarrow.call_method1("array", ([items], wanted_type))?
        } else {
            value.clone()
        }
    } else {
        pyarrow.call_method1("array", ([value], wanted_type))?
    };
    let column = column_from_python(&array, wanted, 1)?;
    ScalarValue::try_from_array(&column, 0).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn is_list(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::List(_)
            | DataType::LargeList(_)
            | DataType::FixedSizeList(_, _)
            | DataType::ListView(_)
            | DataType::LargeListView(_)
    )
}

fn scalar_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "pyarrow", "Scalar")
}

fn array_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "pyarrow", "Array")
}

fn chunked_array_class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "pyarrow", "ChunkedArray")
}
