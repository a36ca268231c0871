//! Rows that a function returned as Python values, e.g. in a list: the array of them, with no value changed.

use std::sync::Arc;

use arrow_pyarrow::{FromPyArrow, ToPyArrow};
use datafusion::arrow::array::{Array, ArrayData, ArrayRef, ListArray, MapArray, StructArray, make_array};
use datafusion::arrow::buffer::{NullBuffer, OffsetBuffer};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};
use datafusion::arrow::error::ArrowError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyDict, PyInt, PyList, PyMemoryView, PyString, PyTuple};

use crate::call::classes;
use crate::call::converted::{Unlike, converted, rounded};
use crate::call::value::is_list;
use crate::error::value_error;

/// Why rows are not taken.
pub(crate) enum Refusal {
    /// They are not of the declared type, but of this one.
    Unlike(DataType, Unlike),
    /// Pyarrow has no array of them.
    Raised(PyErr),
}

impl From<PyErr> for Refusal {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

impl From<ArrowError> for Refusal {
    fn from(error: ArrowError) -> Self {
        Self::Raised(value_error(error))
    }
}

/// Makes an array of `wanted` type.
///
/// Pyarrow is not told the type, because with one it drops digits and changes the sort of values in silence.
///
/// # Errors
///
/// A value would change, or is of another sort.
pub(crate) fn of_rows(rows: &Bound<'_, PyList>, wanted: &DataType) -> Result<ArrayRef, Refusal> {
    of_values(rows, wanted).or_else(|refusal| {
        // Pyarrow does not know what a map is, which fields are missing, or of what an empty list is one.
        if wanted.is_nested() { of_parts(rows, wanted).map_err(|_| refusal) } else { Err(refusal) }
    })
}

/// Makes an array of the type that the rows have by themselves, and converts it.
fn of_values(rows: &Bound<'_, PyList>, wanted: &DataType) -> Result<ArrayRef, Refusal> {
    let py = rows.py();
    let pyarrow = py.import(intern!(py, "pyarrow"))?;
    let made = match pyarrow.call_method1(intern!(py, "array"), (rows,)) {
        Ok(made) => made,
        // Pyarrow looks at no integer of more than 64 bits by itself.
        Err(_) if wanted.is_numeric() && rows.iter().all(|row| is_integer(&row)) => {
            pyarrow.call_method1(intern!(py, "array"), (rows, in_pyarrow(py, wanted)?))?
        }
        Err(error) => match without_missing(rows)? {
            Some(rows) => return of_values(&rows, wanted),
            None => return Err(error.into()),
        },
    };
    let made = match finer(rows, &DataType::from_pyarrow_bound(&made.getattr("type")?)?)? {
        Some(finer) => pyarrow.call_method1(intern!(py, "array"), (rows, in_pyarrow(py, &finer)?))?,
        None => made,
    };
    let array = make_array(ArrayData::from_pyarrow_bound(&made)?);
    let found = array.data_type();
    // Parts of nested rows are looked at one by one.
    if (found.is_nested() && has_mixable(found)) || is_mixed(rows, found)? {
        return Err(Refusal::Unlike(found.clone(), Unlike::Sort));
    }
    if found == wanted {
        return Ok(array);
    }
    match converted(&array, wanted) {
        Ok(made) => Ok(made),
        Err(unlike) => rounded(&array, wanted).ok_or_else(|| Refusal::Unlike(found.clone(), unlike)),
    }
}

/// The rows with None in the place of what pandas has for missing values, if there are any of those.
fn without_missing<'py>(rows: &Bound<'py, PyList>) -> PyResult<Option<Bound<'py, PyList>>> {
    let py = rows.py();
    // Nobody who has not imported pandas has any.
    let modules = py.import("sys")?.getattr("modules")?;
    let Ok(pandas) = modules.get_item("pandas") else { return Ok(None) };
    let missing = [pandas.getattr("NaT")?, pandas.getattr("NA")?];
    let is_missing = |row: &Bound<'py, PyAny>| missing.iter().any(|value| row.is(value));
    if !rows.iter().any(|row| is_missing(&row)) {
        return Ok(None);
    }
    PyList::new(py, rows.iter().map(|row| (!is_missing(&row)).then_some(row))).map(Some)
}

fn is_integer(row: &Bound<'_, PyAny>) -> bool {
    row.is_none() || (row.is_instance_of::<PyInt>() && !row.is_instance_of::<PyBool>())
}

fn in_pyarrow<'py>(py: Python<'py>, data_type: &DataType) -> PyResult<Bound<'py, PyAny>> {
    data_type.to_pyarrow(py)
}

/// The type in nanoseconds, if a row has them: pandas' classes do, and pyarrow drops them.
fn finer(rows: &Bound<'_, PyList>, found: &DataType) -> PyResult<Option<DataType>> {
    let (attribute, finer) = match found {
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            ("nanosecond", DataType::Timestamp(TimeUnit::Nanosecond, zone.clone()))
        }
        DataType::Duration(TimeUnit::Microsecond) => {
            ("nanoseconds", DataType::Duration(TimeUnit::Nanosecond))
        }
        _ => return Ok(None),
    };
    for row in rows {
        if let Some(nanoseconds) = row.getattr_opt(attribute)?
            && nanoseconds.is_truthy()?
        {
            return Ok(Some(finer));
        }
    }
    Ok(None)
}

/// Whether pyarrow takes values of several sorts for one of a type.
fn has_mixable(found: &DataType) -> bool {
    match found {
        DataType::Struct(fields) => fields.iter().any(|field| has_mixable(field.data_type())),
        DataType::List(item) | DataType::Map(item, _) => has_mixable(item.data_type()),
        DataType::Timestamp(..) | DataType::Date32 | DataType::Time64(_) | DataType::Duration(_) => true,
        DataType::Binary => true,
        _ => false,
    }
}

/// Whether rows are of several sorts although pyarrow took them for one.
fn is_mixed(rows: &Bound<'_, PyList>, found: &DataType) -> PyResult<bool> {
    if found.is_nested() || !has_mixable(found) {
        return Ok(false);
    }
    let py = rows.py();
    for row in rows {
        // Numpy's values and pyarrow's are not mixed with others.
        if row.is_none() || row.hasattr("dtype")? || row.is_instance(classes::scalar(py)?)? {
            continue;
        }
        let is_like = match found {
            DataType::Timestamp(_, zone) => {
                row.is_instance(classes::datetime(py)?)?
                    && row.call_method0(intern!(py, "utcoffset"))?.is_none() == zone.is_none()
            }
            DataType::Date32 => {
                row.is_instance(classes::date(py)?)? && !row.is_instance(classes::datetime(py)?)?
            }
            // The types of times have no zone.
            DataType::Time64(_) => row.getattr(intern!(py, "tzinfo"))?.is_none(),
            DataType::Duration(_) => row.is_instance(classes::timedelta(py)?)?,
            _ => !row.is_instance_of::<PyString>(),
        };
        if !is_like {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes an array of nested values part by part.
fn of_parts(rows: &Bound<'_, PyList>, wanted: &DataType) -> Result<ArrayRef, Refusal> {
    match wanted {
        DataType::Struct(fields) => of_structs(rows, fields),
        DataType::Map(entries, is_sorted) => of_maps(rows, entries, *is_sorted),
        wanted if is_list(wanted) => of_lists(rows, wanted),
        _ => Err(of_another_form()),
    }
}

fn of_another_form() -> Refusal {
    Refusal::Raised(value_error("a row has another form"))
}

fn of_lists(rows: &Bound<'_, PyList>, wanted: &DataType) -> Result<ArrayRef, Refusal> {
    let (DataType::List(item)
    | DataType::LargeList(item)
    | DataType::FixedSizeList(item, _)
    | DataType::ListView(item)
    | DataType::LargeListView(item)) = wanted
    else {
        return Err(of_another_form());
    };
    let (items, lengths) = items_of(rows, |row, items| {
        if [row.is_instance_of::<PyString>(), is_bytes(row), row.is_instance_of::<PyDict>()].contains(&true) {
            return Err(of_another_form());
        }
        row.try_iter()?.try_for_each(|item| items.append(item?)).map_err(Refusal::from)
    })?;
    let items = of_rows(&items, item.data_type())?;
    let field = Arc::new(Field::new_list_field(items.data_type().clone(), true));
    let list: ArrayRef = Arc::new(ListArray::try_new(field, lengths, items, nulls_of(rows))?);
    if list.data_type() == wanted {
        return Ok(list);
    }
    converted(&list, wanted).map_err(|unlike| Refusal::Unlike(list.data_type().clone(), unlike))
}

fn is_bytes(row: &Bound<'_, PyAny>) -> bool {
    row.is_instance_of::<PyBytes>()
        || row.is_instance_of::<PyByteArray>()
        || row.is_instance_of::<PyMemoryView>()
}

fn of_maps(rows: &Bound<'_, PyList>, entries: &FieldRef, is_sorted: bool) -> Result<ArrayRef, Refusal> {
    let DataType::Struct(fields) = entries.data_type() else { return Err(of_another_form()) };
    let [key, value] = &fields[..] else { return Err(of_another_form()) };
    let (keys, values) = (PyList::empty(rows.py()), PyList::empty(rows.py()));
    let (_, lengths) = items_of(rows, |row, items| {
        for pair in pairs_of(row)? {
            let (key, value) = pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            keys.append(key)?;
            values.append(value)?;
            items.append(pair)?;
        }
        Ok(())
    })?;
    let columns = vec![of_rows(&keys, key.data_type())?, of_rows(&values, value.data_type())?];
    let pairs = StructArray::try_new(fields.clone(), columns, None)?;
    Ok(Arc::new(MapArray::try_new(entries.clone(), lengths, pairs, nulls_of(rows), is_sorted)?))
}

fn of_structs(rows: &Bound<'_, PyList>, fields: &Fields) -> Result<ArrayRef, Refusal> {
    let py = rows.py();
    let columns: Vec<_> = fields.iter().map(|_| PyList::empty(py)).collect();
    for row in rows {
        let parts = if row.is_none() {
            PyDict::new(py)
        } else if let Ok(row) = row.cast::<PyTuple>() {
            in_order(row, fields)?
        } else {
            let pairs = pairs_of(&row)?;
            let parts = PyDict::from_sequence(pairs.as_any())?;
            // Of two values of one name neither is the field's.
            if parts.len() < pairs.len() {
                return Err(of_another_form());
            }
            parts
        };
        let mut known = 0;
        for (field, column) in fields.iter().zip(&columns) {
            let part = parts.get_item(field.name())?;
            known += usize::from(part.is_some());
            column.append(part)?;
        }
        if known < parts.len() {
            return Err(of_another_form());
        }
    }
    let made = fields.iter().zip(&columns).map(|(field, column)| of_rows(column, field.data_type()));
    let columns = made.collect::<Result<Vec<_>, _>>()?;
    let structs = StructArray::try_new_with_length(fields.clone(), columns, nulls_of(rows), rows.len())?;
    Ok(Arc::new(structs))
}

/// The fields of a tuple, which has them in the order of the type.
fn in_order<'py>(row: &Bound<'py, PyTuple>, fields: &Fields) -> Result<Bound<'py, PyDict>, Refusal> {
    if row.len() != fields.len() {
        return Err(of_another_form());
    }
    let parts = PyDict::new(row.py());
    for (field, part) in fields.iter().zip(row) {
        parts.set_item(field.name(), part)?;
    }
    Ok(parts)
}

/// The pairs of a dictionary, or of a list of pairs.
fn pairs_of<'py>(row: &Bound<'py, PyAny>) -> Result<Bound<'py, PyList>, Refusal> {
    if let Ok(row) = row.cast::<PyDict>() {
        return Ok(row.items());
    }
    let pairs = PyList::empty(row.py());
    for pair in row.try_iter()? {
        let pair = pair?;
        if !pair.is_instance_of::<PyTuple>() {
            return Err(of_another_form());
        }
        pairs.append(pair)?;
    }
    Ok(pairs)
}

/// The items of all rows in one list, and how many each row has.
fn items_of<'py>(
    rows: &Bound<'py, PyList>,
    add: impl Fn(&Bound<'py, PyAny>, &Bound<'py, PyList>) -> Result<(), Refusal>,
) -> Result<(Bound<'py, PyList>, OffsetBuffer<i32>), Refusal> {
    let items = PyList::empty(rows.py());
    let mut lengths = Vec::with_capacity(rows.len());
    for row in rows {
        let before = items.len();
        if !row.is_none() {
            add(&row, &items)?;
        }
        lengths.push(items.len() - before);
    }
    // The lengths of more than two billion items do not fit.
    i32::try_from(items.len()).map_err(value_error)?;
    Ok((items, OffsetBuffer::from_lengths(lengths)))
}

fn nulls_of(rows: &Bound<'_, PyList>) -> Option<NullBuffer> {
    Some(NullBuffer::from_iter(rows.iter().map(|row| !row.is_none()))).filter(|nulls| nulls.null_count() > 0)
}
