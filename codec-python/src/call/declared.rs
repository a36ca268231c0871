//! Declared fields, which the arrays and values that functions return are checked against.

use std::fmt;

use arrow_pyarrow::{FromPyArrow, ToPyArrow};
use datafusion::arrow::array::{Array, ArrayData, ArrayRef, ListArray, make_array, new_empty_array};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::error::Result;
use datafusion::scalar::ScalarValue;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyFloat, PyType};

use crate::call::value;
use crate::error::{summary, value_error};

/// A declared field, and the method or function that returns arrays or values of it.
pub(crate) struct Declared {
    /// The name of that method or function in error texts, e.g. `evaluate()`.
    returns: &'static str,
    field: FieldRef,
    in_pyarrow: PyOnceLock<Py<PyAny>>,
}

impl Declared {
    pub(crate) const fn new(returns: &'static str, field: FieldRef) -> Self {
        Self { returns, field, in_pyarrow: PyOnceLock::new() }
    }

    fn data_type(&self) -> &DataType {
        self.field.data_type()
    }

    /// Takes an array from anything that exports one by the Arrow C data interface.
    pub(crate) fn array(&self, returned: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
        let array = self.any_array(returned)?;
        if array.data_type() != self.data_type() {
            return Err(PyTypeError::new_err(format!(
                "{} returned an array of {} where it declares {}",
                self.returns,
                summary(array.data_type()),
                summary(self.data_type())
            )));
        }
        if !self.field.is_nullable() && array.logical_null_count() > 0 {
            return Err(self.returned_nulls());
        }
        Ok(array)
    }

    /// Takes an array of one value for each of `wanted` things, e.g. `rows`.
    pub(crate) fn column(
        &self,
        returned: &Bound<'_, PyAny>,
        wanted: usize,
        things: &str,
    ) -> PyResult<ArrayRef> {
        let array = self.array(returned)?;
        if array.len() == wanted { Ok(array) } else { Err(self.wrong_length(array.len(), wanted, things)) }
    }

    pub(crate) fn wrong_length(&self, found: usize, wanted: usize, things: &str) -> PyErr {
        PyValueError::new_err(format!("{} returned {found} values for {wanted} {things}", self.returns))
    }

    /// Takes one value: a pyarrow scalar, a plain Python value, or an array of one value; for a list
    /// type an array is the list.
    pub(crate) fn value(&self, returned: &Bound<'_, PyAny>) -> PyResult<ScalarValue> {
        let value = match value::plain(returned, self.data_type())? {
            Some(value) => value,
            None => self.by_pyarrow(returned)?,
        };
        if value.is_null() && !self.field.is_nullable() {
            return Err(self.returned_nulls());
        }
        Ok(value)
    }

    /// Puts values that were taken into one array.
    pub(crate) fn collect(&self, values: Vec<ScalarValue>) -> Result<ArrayRef> {
        if values.is_empty() {
            return Ok(new_empty_array(self.data_type()));
        }
        ScalarValue::iter_to_array(values)
    }

    fn any_array(&self, returned: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
        let py = returned.py();
        // A chunked array exports a stream rather than one array.
        let combined;
        let returned = if returned.is_instance(chunked_array_class(py)?)? {
            combined = returned.call_method0(intern!(py, "combine_chunks"))?;
            &combined
        } else {
            returned
        };
        let data = ArrayData::from_pyarrow_bound(returned).map_err(|error| {
            let found =
                returned.get_type().name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
            let wrong = PyTypeError::new_err(format!(
                "{} returned {found} where an Arrow array is wanted",
                self.returns
            ));
            wrong.set_cause(py, Some(error));
            wrong
        })?;
        Ok(make_array(data))
    }

    /// Lets pyarrow make an array of one value, and takes the value out of it.
    fn by_pyarrow(&self, returned: &Bound<'_, PyAny>) -> PyResult<ScalarValue> {
        let py = returned.py();
        let pyarrow = py.import("pyarrow")?;
        let wanted = self.in_pyarrow(py)?;
        let is_array =
            returned.is_instance(array_class(py)?)? || returned.is_instance(chunked_array_class(py)?)?;
        let one = if is_array {
            if let Some(list) = self.list_of(returned)? {
                return Ok(list);
            }
            if value::is_list(self.data_type()) {
                let items = returned.call_method0("to_pylist")?;
                pyarrow.call_method1("array", ([items], wanted))?
            } else {
                returned.clone()
            }
        } else if returned.is_instance(scalar_class(py)?)? {
            if !returned.getattr(intern!(py, "is_valid"))?.is_truthy()?
                && let Ok(null) = ScalarValue::try_new_null(self.data_type())
            {
                return Ok(null);
            }
            let same = returned.getattr(intern!(py, "type"))?.eq(wanted)?;
            let scalar = if same {
                returned.clone()
            } else {
                returned.call_method1(intern!(py, "cast"), (wanted,))?
            };
            pyarrow.call_method1("array", ([scalar], wanted))?
        } else if returned.is_instance_of::<PyFloat>() && self.data_type().is_integer() {
            // `pyarrow.array` drops the digits behind the decimal point; a cast reports them.
            let scalar = pyarrow.call_method1("scalar", (returned,))?.call_method1("cast", (wanted,))?;
            pyarrow.call_method1("array", ([scalar], wanted))?
        } else {
            pyarrow.call_method1("array", ([returned], wanted))?
        };
        let column = self.column(&one, 1, "rows")?;
        ScalarValue::try_from_array(&column, 0).map_err(value_error)
    }

    /// Takes an array as one list, if a list of its values was declared.
    fn list_of(&self, returned: &Bound<'_, PyAny>) -> PyResult<Option<ScalarValue>> {
        let DataType::List(item) = self.data_type() else { return Ok(None) };
        let items = self.any_array(returned)?;
        if items.data_type() != item.data_type() || (items.logical_null_count() > 0 && !item.is_nullable()) {
            return Ok(None);
        }
        let lengths = OffsetBuffer::from_lengths([items.len()]);
        let list = ListArray::try_new(item.clone(), lengths, items, None).map_err(value_error)?;
        Ok(Some(ScalarValue::List(list.into())))
    }

    /// The field's type in pyarrow, which is an extension type if the field says so.
    fn in_pyarrow<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyAny>> {
        let make = || Ok::<_, PyErr>(self.field.as_ref().to_pyarrow(py)?.getattr("type")?.unbind());
        Ok(self.in_pyarrow.get_or_try_init(py, make)?.bind(py))
    }

    fn returned_nulls(&self) -> PyErr {
        PyValueError::new_err(format!(
            "{} returned nulls where it declares that there are none",
            self.returns
        ))
    }
}

impl fmt::Debug for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Declared").field("returns", &self.returns).field("field", &self.field).finish()
    }
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
