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
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};

use crate::call::converted::{Unlike, converted, of_one_sort};
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
        let array = if array.data_type() == self.data_type() {
            array
        } else {
            converted(&array, self.data_type()).map_err(|unlike| self.another_type(&array, &unlike))?
        };
        if !self.field.is_nullable() && array.logical_null_count() > 0 {
            return Err(self.returned_nulls());
        }
        Ok(array)
    }

    /// Takes an array, or one value that stands for `rows` rows.
    pub(crate) fn array_or_value(&self, returned: &Bound<'_, PyAny>, rows: usize) -> PyResult<ArrayRef> {
        if is_scalar(returned)? {
            return self.value(returned)?.to_array_of_size(rows).map_err(value_error);
        }
        self.array(returned)
    }

    /// Takes an array of one value for each of `wanted` things, e.g. `rows`.
    pub(crate) fn column(
        &self,
        returned: &Bound<'_, PyAny>,
        wanted: usize,
        things: &str,
    ) -> PyResult<ArrayRef> {
        self.of_length(self.array(returned)?, wanted, things)
    }

    /// Checks the length of an array.
    pub(crate) fn of_length(&self, array: ArrayRef, wanted: usize, things: &str) -> PyResult<ArrayRef> {
        if array.len() == wanted { Ok(array) } else { Err(self.wrong_length(array.len(), wanted, things)) }
    }

    pub(crate) fn wrong_length(&self, found: usize, wanted: usize, things: &str) -> PyErr {
        PyValueError::new_err(format!("{} returned {found} values for {wanted} {things}", self.returns))
    }

    fn another_type(&self, array: &ArrayRef, unlike: &Unlike) -> PyErr {
        let (found, wanted) = (summary(array.data_type()), summary(self.data_type()));
        let remedy = match unlike {
            Unlike::Sort => format!("convert it to {wanted} in the function, or declare {found}"),
            Unlike::Value => format!(
                "{wanted} does not hold all of its values exactly: round or cast them in the function, or \
                 declare {found}"
            ),
        };
        let returns = self.returns;
        PyTypeError::new_err(format!(
            "{returns} returned an array of {found} where it declares {wanted}; {remedy}"
        ))
    }

    /// Takes one value: a pyarrow scalar, a plain Python value, or an array of one value; for a list
    /// type an array is the list.
    pub(crate) fn value(&self, returned: &Bound<'_, PyAny>) -> PyResult<ScalarValue> {
        let value = match value::plain(returned, self.data_type())? {
            Some(value) => value,
            None => self.by_pyarrow(returned).map_err(|cause| self.another_value(returned, cause))?,
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

    /// Names the method that returned a value of which the declared type has none.
    fn another_value(&self, returned: &Bound<'_, PyAny>, cause: PyErr) -> PyErr {
        let py = returned.py();
        let text = format!(
            "{} returned {} where it declares {}: {}",
            self.returns,
            class_name(returned),
            summary(self.data_type()),
            summary(cause.value(py))
        );
        let named = match cause.is_instance_of::<PyTypeError>(py) {
            true => PyTypeError::new_err(text),
            false if cause.is_instance_of::<PyValueError>(py) => PyValueError::new_err(text),
            false => return cause,
        };
        named.set_cause(py, Some(cause));
        named
    }

    fn any_array(&self, returned: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
        let py = returned.py();
        // A chunked array exports a stream rather than one array.
        let array = if returned.is_instance(chunked_array_class(py)?)? {
            returned.call_method0(intern!(py, "combine_chunks"))
        } else if returned.is_instance(array_class(py)?)? || returned.hasattr("__arrow_c_array__")? {
            Ok(returned.clone())
        } else {
            self.made_array(returned)
        };
        let data = array.and_then(|array| ArrayData::from_pyarrow_bound(&array)).map_err(|error| {
            let wrong = PyTypeError::new_err(format!(
                "{} returned {} where an array of {} is wanted",
                self.returns,
                class_name(returned),
                summary(self.data_type())
            ));
            wrong.set_cause(py, Some(error));
            wrong
        })?;
        Ok(make_array(data))
    }

    fn is_of_its_sort(&self, array: &Bound<'_, PyAny>) -> PyResult<bool> {
        let found = DataType::from_pyarrow_bound(&array.getattr("type")?)?;
        Ok(of_one_sort(&found, self.data_type()))
    }

    /// Lets pyarrow make an array of rows in another form: numpy's, those of data frames, or a list.
    fn made_array<'py>(&self, returned: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = returned.py();
        let pyarrow = py.import("pyarrow")?;
        let made = if returned.hasattr("__arrow_c_stream__")? {
            pyarrow.call_method1("chunked_array", (returned,))?
        } else if returned.is_instance_of::<PyList>() || returned.is_instance_of::<PyTuple>() {
            // Without a type first, because with one pyarrow drops digits of floats in silence.
            match pyarrow.call_method1("array", (returned,)) {
                Ok(inferred) if !self.data_type().is_nested() || self.is_of_its_sort(&inferred)? => inferred,
                _ => pyarrow.call_method1("array", (returned, self.in_pyarrow(py)?))?,
            }
        } else if returned.hasattr("__array__")? {
            let is_numpys = returned.hasattr("iloc")? || returned.hasattr("__array_interface__")?;
            let rows = if is_numpys { returned.clone() } else { returned.call_method0("__array__")? };
            pyarrow.call_method1("array", (rows,))?
        } else {
            return Err(PyTypeError::new_err("it holds no rows"));
        };
        if made.is_instance(chunked_array_class(py)?)? {
            return made.call_method0(intern!(py, "combine_chunks"));
        }
        Ok(made)
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

/// Whether an object is one value, which stands for all rows.
fn is_scalar(returned: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = returned.py();
    if returned.is_instance(array_class(py)?)? {
        return Ok(false);
    }
    if returned.is_instance_of::<PyBool>()
        || returned.is_instance_of::<PyInt>()
        || returned.is_instance_of::<PyFloat>()
        || returned.is_instance_of::<PyString>()
        || returned.is_instance_of::<PyBytes>()
        || returned.is_instance(scalar_class(py)?)?
    {
        return Ok(true);
    }
    let module = returned.get_type().module()?;
    if matches!(module.to_cow()?.as_ref(), "datetime" | "decimal") {
        return Ok(true);
    }
    // A value of numpy's is an array without a dimension.
    match returned.getattr_opt("ndim")? {
        Some(dimensions) => Ok(dimensions.extract::<usize>().is_ok_and(|count| count == 0)),
        None => Ok(false),
    }
}

fn class_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "an object".to_owned(), |name| name.to_string())
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
