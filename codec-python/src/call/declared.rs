//! Declared fields, which the arrays and values that functions return are checked against.

use std::fmt;
use std::sync::Arc;

use arrow_pyarrow::{FromPyArrow, ToPyArrow};
use datafusion::arrow::array::{Array, ArrayData, ArrayRef, ListArray, make_array, new_empty_array};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::Result as DataFusionResult;
use datafusion::scalar::ScalarValue;
use pyo3::exceptions::{PyException, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use crate::call::classes::{self, class_name};
use crate::call::converted::{Unlike, converted};
use crate::call::rows::{self, Refusal};
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

    /// Takes an array from anything that exports one by the Arrow C data interface, or rows in another form.
    pub(crate) fn array(&self, returned: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
        let array = self.any_rows(returned).map_err(|refusal| match refusal {
            Refusal::Unlike(found, unlike) => self.another_type(&found, &unlike),
            Refusal::Raised(cause) => self.no_array(returned, cause),
        })?;
        self.with_allowed_nulls(array)
    }

    fn with_allowed_nulls(&self, array: ArrayRef) -> PyResult<ArrayRef> {
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

    fn another_type(&self, found: &DataType, unlike: &Unlike) -> PyErr {
        PyTypeError::new_err(format!(
            "{} returned an array of {} where it declares {}; {}",
            self.returns,
            summary(found),
            summary(self.data_type()),
            self.remedy(found, unlike)
        ))
    }

    fn remedy(&self, found: &DataType, unlike: &Unlike) -> String {
        let (found, wanted) = (summary(found), summary(self.data_type()));
        match unlike {
            Unlike::Sort => format!("convert it to {wanted} in the function, or declare {found}"),
            Unlike::Value => format!(
                "{wanted} does not hold all of its values exactly: round or cast them in the function, or \
                 declare {found}"
            ),
        }
    }

    /// Takes one value: a pyarrow scalar, a plain Python value, or an array of one value; for a list
    /// type an array is the list.
    pub(crate) fn value(&self, returned: &Bound<'_, PyAny>) -> PyResult<ScalarValue> {
        let value = match value::plain(returned, self.data_type())? {
            Some(value) => value,
            None => match self.one_value(returned) {
                Ok(value) => value,
                Err(refusal) => return Err(self.another_value(returned, refusal)),
            },
        };
        if value.is_null() && !self.field.is_nullable() {
            return Err(self.returned_nulls());
        }
        Ok(value)
    }

    /// Puts values that were taken into one array.
    pub(crate) fn collect(&self, values: Vec<ScalarValue>) -> DataFusionResult<ArrayRef> {
        if values.is_empty() {
            return Ok(new_empty_array(self.data_type()));
        }
        ScalarValue::iter_to_array(values)
    }

    /// Names the method that returned a value of which the declared type has none.
    fn another_value(&self, returned: &Bound<'_, PyAny>, refusal: Refusal) -> PyErr {
        let py = returned.py();
        let (why, cause) = match refusal {
            Refusal::Unlike(found, unlike) => (self.remedy(&found, &unlike), None),
            Refusal::Raised(cause) if cause.is_instance_of::<PyException>(py) => {
                (summary(cause.value(py)), Some(cause))
            }
            Refusal::Raised(interrupt) => return interrupt,
        };
        let text = format!(
            "{} returned {} where it declares {}: {why}",
            self.returns,
            class_name(returned),
            summary(self.data_type()),
        );
        let is_value = cause.as_ref().is_some_and(|cause| cause.is_instance_of::<PyValueError>(py));
        let named = if is_value { PyValueError::new_err(text) } else { PyTypeError::new_err(text) };
        named.set_cause(py, cause);
        named
    }

    fn no_array(&self, returned: &Bound<'_, PyAny>, cause: PyErr) -> PyErr {
        let py = returned.py();
        if !cause.is_instance_of::<PyException>(py) {
            return cause;
        }
        let wrong = PyTypeError::new_err(format!(
            "{} returned {} where an array of {} is wanted",
            self.returns,
            class_name(returned),
            summary(self.data_type())
        ));
        wrong.set_cause(py, Some(cause));
        wrong
    }

    /// Takes rows in any form.
    fn any_rows(&self, returned: &Bound<'_, PyAny>) -> Result<ArrayRef, Refusal> {
        if returned.is_instance_of::<PyList>() || returned.is_instance_of::<PyTuple>() {
            return self.of_rows(&returned.try_iter()?.collect::<PyResult<Vec<_>>>()?, returned.py());
        }
        self.of_array(&array_of(returned, self.data_type())?)
    }

    fn of_array(&self, array: &ArrayRef) -> Result<ArrayRef, Refusal> {
        if array.data_type() == self.data_type() {
            return Ok(Arc::clone(array));
        }
        converted(array, self.data_type())
            .map_err(|unlike| Refusal::Unlike(array.data_type().clone(), unlike))
    }

    fn of_rows(&self, rows: &[Bound<'_, PyAny>], py: Python<'_>) -> Result<ArrayRef, Refusal> {
        let rows = PyList::new(py, rows)?;
        let wanted = self.in_pyarrow(py)?;
        // Only the extension type itself knows the objects that stand for its values.
        if wanted.is_instance(classes::extension_type(py)?)?
            && let Ok(made) = py.import("pyarrow")?.call_method1("array", (&rows, wanted))
            && made.call_method0(intern!(py, "to_pylist"))?.eq(&rows)?
        {
            return self.of_array(&make_array(ArrayData::from_pyarrow_bound(&made)?));
        }
        rows::of_rows(&rows, self.data_type())
    }

    /// Takes one value by an array of it.
    fn one_value(&self, returned: &Bound<'_, PyAny>) -> Result<ScalarValue, Refusal> {
        let py = returned.py();
        let array = if is_array(returned)? {
            let array = array_of(returned, self.data_type())?;
            self.of_array(&if value::is_list(self.data_type()) { one_list(array)? } else { array })?
        } else if returned.is_instance(classes::scalar(py)?)? {
            if !returned.getattr(intern!(py, "is_valid"))?.is_truthy()?
                && let Ok(null) = ScalarValue::try_new_null(self.data_type())
            {
                return Ok(null);
            }
            let of_type = returned.getattr(intern!(py, "type"))?;
            let array = py.import("pyarrow")?.call_method1("array", ([returned], of_type))?;
            self.of_array(&make_array(ArrayData::from_pyarrow_bound(&array)?))?
        } else if is_numpys(returned)? {
            let array = returned.call_method1(intern!(py, "reshape"), (1,))?;
            self.of_array(&array_of(&array, self.data_type())?)?
        } else {
            self.of_rows(std::slice::from_ref(returned), py)?
        };
        let column = self.of_length(array, 1, "rows")?;
        Ok(ScalarValue::try_from_array(&column, 0).map_err(value_error)?)
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
    if returned.is_instance(classes::array(py)?)? {
        return Ok(false);
    }
    if returned.is_instance_of::<PyBool>()
        || returned.is_instance_of::<PyInt>()
        || returned.is_instance_of::<PyFloat>()
        || returned.is_instance_of::<PyString>()
        || returned.is_instance_of::<PyBytes>()
    {
        return Ok(true);
    }
    let classes = [
        classes::scalar(py)?,
        classes::date(py)?,
        classes::time(py)?,
        classes::timedelta(py)?,
        classes::decimal(py)?,
    ];
    for class in classes {
        if returned.is_instance(class)? {
            return Ok(true);
        }
    }
    has_no_dimension(returned)
}

/// Whether an object is a value of numpy's, which is an array without a dimension.
fn is_numpys(returned: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(returned.hasattr("__array_interface__")? && has_no_dimension(returned)?)
}

fn has_no_dimension(returned: &Bound<'_, PyAny>) -> PyResult<bool> {
    let dimensions = returned.getattr_opt("ndim")?;
    Ok(dimensions.is_some_and(|count| count.extract::<usize>().is_ok_and(|count| count == 0)))
}

fn is_array(returned: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = returned.py();
    Ok(returned.is_instance(classes::array(py)?)? || returned.is_instance(classes::chunked_array(py)?)?)
}

/// An array as one list.
fn one_list(items: ArrayRef) -> Result<ArrayRef, Refusal> {
    let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
    let lengths = OffsetBuffer::from_lengths([items.len()]);
    Ok(Arc::new(ListArray::try_new(field, lengths, items, None)?))
}

/// The array that an object is or exports, or that pyarrow makes of numpy's rows and those of data frames.
fn array_of(returned: &Bound<'_, PyAny>, wanted: &DataType) -> PyResult<ArrayRef> {
    let py = returned.py();
    let made = if is_array(returned)? || returned.hasattr("__arrow_c_array__")? {
        returned.clone()
    } else if wanted.is_floating() && has_floats(returned)? {
        // Pyarrow takes NaN for null in pandas' rows, where a declared float has both.
        let options = PyDict::new(py);
        options.set_item("from_pandas", false)?;
        py.import("pyarrow")?.call_method("array", (returned,), Some(&options))?
    } else if returned.hasattr("__arrow_c_stream__")? {
        py.import("pyarrow")?.call_method1("chunked_array", (returned,))?
    } else if returned.hasattr("__array__")? {
        let is_numpys = returned.hasattr("iloc")? || returned.hasattr("__array_interface__")?;
        let rows = if is_numpys { returned.clone() } else { returned.call_method0("__array__")? };
        py.import("pyarrow")?.call_method1("array", (rows,))?
    } else {
        return Err(PyTypeError::new_err("it holds no rows"));
    };
    // A chunked array exports a stream rather than one array.
    let made = if made.is_instance(classes::chunked_array(py)?)? {
        made.call_method0(intern!(py, "combine_chunks"))?
    } else {
        made
    };
    Ok(make_array(ArrayData::from_pyarrow_bound(&made)?))
}

/// Whether an object is one column of numpy's floats, e.g. a pandas Series of them.
fn has_floats(returned: &Bound<'_, PyAny>) -> PyResult<bool> {
    let Some(kind) = returned.getattr_opt("dtype")? else { return Ok(false) };
    // Only numpy's own types have a character.
    let Some(_) = kind.getattr_opt("char")? else { return Ok(false) };
    kind.getattr(intern!(returned.py(), "kind"))?.eq("f")
}
