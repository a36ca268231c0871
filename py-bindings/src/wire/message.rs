//! Messages: encoding and decoding under the current session, while other Python threads run.

use planwire_registry::{Carried, Report, SessionCodecs, WireError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView};

use crate::host::call::Call;
use crate::host::{error, stack};
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
    decoded_under(call, codecs, decode).map(|(decoded, _)| decoded)
}

/// As [`decoded`], with the options that the message depends on and that the session has too.
///
/// # Errors
///
/// As [`decoded`].
pub(crate) fn decoded_under<T: Send>(
    call: &Call<'_>,
    codecs: &SessionCodecs,
    decode: impl FnOnce(&SessionCodecs) -> Result<T, WireError> + Send,
) -> PyResult<(T, Vec<(String, String)>)> {
    let py = call.py();
    let report = Report::default();
    let codecs = codecs.reporting(&report);
    let outcome = call.convert(|| decode(&codecs));
    // Before anything is done with it; even dropping it could run code.
    stack::saw(report.levels());
    let decoded = match outcome {
        Ok(decoded) => decoded,
        Err(failure) => {
            audit::refused(py, &failure)?;
            return Err(error::from_wire(py, &failure));
        }
    };
    for remark in report.remarks() {
        error::warn(py, &remark)?;
    }
    Ok((decoded, report.options()))
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
