//! Messages: encoding and decoding under the current session, while other Python threads run.

use std::mem::MaybeUninit;
use std::{ptr, slice};

use bytes::Bytes;
use planwire_registry::{Carried, Parts, Report, SessionCodecs, WireError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyMemoryView};

use crate::host::call::Call;
use crate::host::{error, stack};
use crate::session::pickle::meaning::Options;
use crate::wire::audit;

/// Encodes an object, and tells the audit hooks about its payloads.
///
/// # Errors
///
/// An `EncodeError`, or the exception of an audit hook.
pub(crate) fn encoded<T: Send>(
    call: &Call<'_>,
    codecs: &SessionCodecs,
    encode: impl FnOnce(&SessionCodecs) -> Result<T, WireError> + Send,
) -> PyResult<T> {
    let (encoded, carried) = reported(call, codecs, encode)?;
    audit::encoded(call.py(), &carried)?;
    Ok(encoded)
}

/// Encodes an object, and reports what the message carries.
///
/// # Errors
///
/// An `EncodeError`.
pub(crate) fn reported<T: Send>(
    call: &Call<'_>,
    codecs: &SessionCodecs,
    encode: impl FnOnce(&SessionCodecs) -> Result<T, WireError> + Send,
) -> PyResult<(T, Vec<Carried>)> {
    let report = Report::default();
    let codecs = codecs.reporting(&report);
    let encoded =
        call.convert(|| encode(&codecs)).map_err(|failure| error::from_wire(call.py(), &failure))?;
    Ok((encoded, report.carried()))
}

/// Decodes a message, tells the audit hooks about a refusal, and issues warnings.
///
/// # Errors
///
/// A `DecodeError`, the exception of an audit hook, or a warning that Python turns into an exception.
pub(crate) fn decoded<T: Send>(
    call: &Call<'_>,
    codecs: &SessionCodecs,
    decode: impl FnOnce(&SessionCodecs) -> Result<T, WireError> + Send,
) -> PyResult<T> {
    let (outcome, _) = decoded_under(call, codecs, decode)?;
    outcome.map_err(|failure| error::from_wire(call.py(), &failure))
}

/// As [`decoded`], with the failure as it is, and with the options that the message depends on; the session may
/// have others.
///
/// # Errors
///
/// The exception of an audit hook, or a warning that Python turns into an exception.
pub(crate) fn decoded_under<T: Send>(
    call: &Call<'_>,
    codecs: &SessionCodecs,
    decode: impl FnOnce(&SessionCodecs) -> Result<T, WireError> + Send,
) -> PyResult<(Result<T, WireError>, Options)> {
    let py = call.py();
    let report = Report::default();
    let codecs = codecs.reporting(&report);
    let outcome = call.convert(|| decode(&codecs));
    // Before anything is done with it; even dropping it could run code.
    stack::saw(report.levels());
    match &outcome {
        Err(failure) => audit::refused(py, failure)?,
        Ok(_) => report.remarks().iter().try_for_each(|remark| error::warn(py, remark))?,
    }
    Ok((outcome, report.options()))
}

/// A message as bytes of Python. Other threads of Python run while a large one is copied.
///
/// # Errors
///
/// A `MemoryError`.
#[expect(unsafe_code, reason = "PyO3 writes zeros into new bytes first, which takes as long as the copy")]
pub(crate) fn written<'py>(py: Python<'py>, message: &Parts) -> PyResult<Bound<'py, PyBytes>> {
    let length = message.len();
    // SAFETY: without a content the function returns a new object, or null with an exception set.
    let bytes = unsafe {
        Bound::from_owned_ptr_or_err(py, ffi::PyBytes_FromStringAndSize(ptr::null(), length.cast_signed()))?
    };
    // SAFETY: nobody else has the object yet, and it has room for so many bytes.
    let room = unsafe {
        slice::from_raw_parts_mut(ffi::PyBytes_AsString(bytes.as_ptr()).cast::<MaybeUninit<u8>>(), length)
    };
    let copy = || {
        message.iter().fold(room, |room, part| {
            let (filled, rest) = room.split_at_mut(part.len());
            filled.write_copy_of_slice(part);
            rest
        });
    };
    if length < Parts::LARGE {
        copy();
    } else {
        py.detach(copy);
    }
    Ok(bytes.cast_into()?)
}

/// [`contiguous`] as memory that functions may keep parts of.
///
/// # Errors
///
/// As [`contiguous`].
pub(crate) fn shared(buf: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    Ok(Bytes::from_owner(PyBackedBytes::from(contiguous(buf)?)))
}

/// The bytes of a buffer that nobody else can change while they are decoded: copied, unless immutable.
///
/// # Errors
///
/// A `TypeError` if the object is not a buffer.
pub(crate) fn contiguous<'py>(buf: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    match buf.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.clone()),
        Err(_) => Ok(PyMemoryView::from(buf)?.call_method0("tobytes")?.cast_into()?),
    }
}
