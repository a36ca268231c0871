//! Messages: encoding and decoding under the session that holds, while other Python threads run too.

use datafusion::execution::TaskContext;
use planwire_registry::{Carried, Report, SessionCodecs, WireError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView};

use crate::host::call::Call;
use crate::host::{deep, error};
use crate::session::PySessionContext;
use crate::wire::ambient::{self, Role};
use crate::wire::audit;

/// Encodes under the session named, else under the sender context.
///
/// # Errors
///
/// An `EncodeError`, or what an audit hook raises.
pub(crate) fn encode<'py>(
    py: Python<'py>,
    ctx: Option<&Bound<'py, PySessionContext>>,
    encode: impl FnOnce(&SessionCodecs) -> Result<Vec<u8>, WireError> + Send,
) -> PyResult<Bound<'py, PyBytes>> {
    let session = ambient::session(py, ctx, Role::Sender)?;
    let bytes = encoded(&Call::begin(py)?, session.get().codecs(), encode)?;
    Ok(PyBytes::new(py, &bytes))
}

/// Encodes something that is to be sent, and tells the audit hooks what leaves with it.
///
/// # Errors
///
/// An `EncodeError`, or what an audit hook raises.
pub(crate) fn encoded<T: Send>(
    call: &Call<'_>,
    codecs: &SessionCodecs,
    encode: impl FnOnce(&SessionCodecs) -> Result<T, WireError> + Send,
) -> PyResult<T> {
    let (encoded, carried) = reported(call, codecs, encode)?;
    audit::encoded(call.py(), &carried)?;
    Ok(encoded)
}

/// Encodes something with a report of what it takes.
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

/// Decodes a buffer under the session named, else under the worker context.
///
/// # Errors
///
/// A `DecodeError`, or a `TypeError` if the object is no buffer.
pub(crate) fn decode<'py, T: Send>(
    py: Python<'py>,
    ctx: Option<&Bound<'py, PySessionContext>>,
    buf: &Bound<'py, PyAny>,
    decode: impl FnOnce(&SessionCodecs, &TaskContext, &[u8]) -> Result<T, WireError> + Send,
) -> PyResult<T> {
    let session = ambient::session(py, ctx, Role::Worker)?;
    let session = session.get();
    let bytes = contiguous(buf)?;
    let bytes = bytes.as_bytes();
    decoded(&Call::begin(py)?, session.codecs(), |codecs| decode(codecs, &session.ctx().task_ctx(), bytes))
}

/// Decodes something that came, tells the audit hooks of a refusal, and warns of what was remarked.
///
/// # Errors
///
/// A `DecodeError`, what an audit hook raises, or a warning that is to be an exception.
pub(crate) fn decoded<T: Send>(
    call: &Call<'_>,
    codecs: &SessionCodecs,
    decode: impl FnOnce(&SessionCodecs) -> Result<T, WireError> + Send,
) -> PyResult<T> {
    let py = call.py();
    let report = Report::default();
    let codecs = codecs.reporting(&report);
    let outcome = call.convert(|| decode(&codecs));
    // Before anything is done with it, even dropped.
    deep::saw(report.levels());
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
    Ok(decoded)
}

/// The bytes of a buffer that nobody else can change while they are decoded: copied, unless immutable.
///
/// # Errors
///
/// A `TypeError` if the object is no buffer.
pub(crate) fn contiguous<'py>(buf: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    match buf.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.clone()),
        Err(_) => Ok(PyMemoryView::from(buf)?.call_method0("tobytes")?.cast_into()?),
    }
}

/// The bytes and the session, whichever of them stands first: the `datafusion` package has the session first.
///
/// # Errors
///
/// A `TypeError` if the session is none.
pub(crate) fn in_order<'a, 'py>(
    first: &'a Bound<'py, PyAny>,
    second: Option<&'a Bound<'py, PyAny>>,
) -> PyResult<(&'a Bound<'py, PyAny>, Option<&'a Bound<'py, PySessionContext>>)> {
    let is_first = first.is_none() || first.is_instance_of::<PySessionContext>();
    let (data, ctx) = match second {
        Some(second) if is_first => (second, Some(first)),
        second => (first, second),
    };
    match ctx.filter(|ctx| !ctx.is_none()) {
        Some(ctx) => Ok((data, Some(ctx.cast::<PySessionContext>()?))),
        None => Ok((data, None)),
    }
}
