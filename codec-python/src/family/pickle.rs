//! Version 1 payloads: a stamp and a cloudpickle of the function's parts.
//!
//! `<py_major: u8><py_minor: u8><cloudpickle blob>`, where the blob is a tuple of the name, the
//! callable, the arguments' schema, the result's schema, for aggregates the state's schema, and the
//! volatility; `docs/wire-format.md` is the normative description.

use std::iter;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::datatypes::{Field, FieldRef, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::logical_expr::Volatility;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};

use planwire_registry::error::{Escaped, Shown};
use planwire_registry::{Described, Limits, Payload, ipc_stream};

use crate::error::value_error;
use crate::family::{beside, pickler};
use crate::function::PythonFunction;
use crate::interpreter::version;

/// Bytes before the blob.
const STAMP_LEN: usize = 2;

/// Splits a payload into its stamp's bytes and the blob.
pub(crate) fn split(payload: &[u8]) -> Option<([u8; STAMP_LEN], &[u8])> {
    payload.split_first_chunk().map(|(stamp, blob)| (*stamp, blob))
}

/// Takes a function apart, in the order of its pickle; only an aggregate has a state.
pub(crate) fn parts<'py>(
    py: Python<'py>,
    function: &PythonFunction,
    state: Option<&[FieldRef]>,
) -> PyResult<Bound<'py, PyTuple>> {
    let name = PyString::new(py, function.name()).into_any();
    let callable = local(py, function)?;
    let inputs = arguments_to_ipc(py, function.inputs())?.into_any();
    let output = fields_to_ipc(py, std::slice::from_ref(function.output()))?.into_any();
    let volatility = PyString::new(py, volatility_name(function.volatility())).into_any();
    match state {
        None => PyTuple::new(py, [name, callable, inputs, output, volatility]),
        Some(state) => {
            let state = fields_to_ipc(py, state)?.into_any();
            PyTuple::new(py, [name, callable, inputs, output, state, volatility])
        }
    }
}

/// The callable of a function that was made here, or opened.
pub(crate) fn local<'py>(py: Python<'py>, function: &PythonFunction) -> PyResult<Bound<'py, PyAny>> {
    match function.callable() {
        Some(callable) => Ok(callable.bind(py).clone()),
        None => Err(PyValueError::new_err("it has not been opened yet")),
    }
}

/// Pickles the parts of a function into a payload with this interpreter's stamp.
pub(crate) fn dump(parts: &Bound<'_, PyTuple>) -> PyResult<Payload> {
    let pickle = pickler::dumps(parts)?;
    let stamp = version::running();
    let stamp = [stamp.major, stamp.minor];
    let pieces: Vec<_> = iter::once(&stamp[..]).chain(pickle.iter().map(|piece| &**piece)).collect();
    Ok(Payload::concat(&pieces))
}

/// Pickles the callable alone into the payload of a native frame, whose header has the rest.
pub(crate) fn dump_callable(callable: &Bound<'_, PyAny>, described: Described) -> PyResult<Payload> {
    Ok(beside::dump(callable)?.with_described(described).with_stamp(version::running()))
}

/// Unpickles the parts of a function; this runs any code that the blob asks for.
pub(crate) fn load<'py>(py: Python<'py>, blob: &Bytes) -> PyResult<Bound<'py, PyTuple>> {
    beside::unpickled(py, blob, Vec::new())?.cast_into::<PyTuple>().map_err(PyErr::from)
}

/// The arguments in their form on the wire: `arg_0`, `arg_1`, ..., nullable, with their metadata.
fn arguments_to_ipc<'py>(py: Python<'py>, inputs: &[FieldRef]) -> PyResult<Bound<'py, PyBytes>> {
    schema_to_ipc(py, arguments_on_wire(inputs).collect())
}

pub(crate) fn arguments_on_wire(inputs: &[FieldRef]) -> impl Iterator<Item = Field> + '_ {
    inputs.iter().enumerate().map(|(position, field)| {
        field.as_ref().clone().with_name(format!("arg_{position}")).with_nullable(true)
    })
}

/// The state in its form on the wire, with the names that its fields were given.
fn fields_to_ipc<'py>(py: Python<'py>, fields: &[FieldRef]) -> PyResult<Bound<'py, PyBytes>> {
    schema_to_ipc(py, fields.iter().map(|field| field.as_ref().clone()).collect())
}

fn schema_to_ipc(py: Python<'_>, fields: Vec<Field>) -> PyResult<Bound<'_, PyBytes>> {
    let schema = Schema::new(fields);
    let write = || -> Result<Vec<u8>, ArrowError> {
        let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
        writer.finish()?;
        writer.into_inner()
    };
    Ok(PyBytes::new(py, &write().map_err(value_error)?))
}

/// Reads one part that is a schema of any number of fields.
pub(crate) fn fields(part: &Bound<'_, PyAny>) -> PyResult<Vec<FieldRef>> {
    let bytes = part.cast::<PyBytes>().map_err(PyErr::from)?;
    ipc_stream::check(bytes.as_bytes(), &Limits::default()).map_err(value_error)?;
    let reader = StreamReader::try_new(bytes.as_bytes(), None).map_err(value_error)?;
    Ok(reader.schema().fields().iter().map(Arc::clone).collect())
}

/// Reads one part that is a schema of exactly one field.
pub(crate) fn field(part: &Bound<'_, PyAny>) -> PyResult<FieldRef> {
    match <[FieldRef; 1]>::try_from(fields(part)?) {
        Ok([field]) => Ok(field),
        Err(fields) => Err(PyValueError::new_err(format!("a result has one field, not {}", fields.len()))),
    }
}

/// Reads one part that is a volatility.
pub(crate) fn volatility(part: &Bound<'_, PyAny>) -> PyResult<Volatility> {
    match part.cast::<PyString>().map_err(PyErr::from)?.to_cow()?.as_ref() {
        "immutable" => Ok(Volatility::Immutable),
        "stable" => Ok(Volatility::Stable),
        "volatile" => Ok(Volatility::Volatile),
        other => Err(PyValueError::new_err(format!(
            "a volatility is 'immutable', 'stable' or 'volatile', not {}",
            Shown(other)
        ))),
    }
}

/// A volatility's name on the wire.
const fn volatility_name(volatility: Volatility) -> &'static str {
    match volatility {
        Volatility::Immutable => "immutable",
        Volatility::Stable => "stable",
        Volatility::Volatile => "volatile",
    }
}

/// Reads one part that is a callable.
pub(crate) fn callable(part: Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    if part.is_callable() {
        Ok(part.unbind())
    } else {
        let class = part.get_type().name()?;
        Err(PyTypeError::new_err(format!("a function is a callable, not {}", Escaped(&class.to_cow()?))))
    }
}
