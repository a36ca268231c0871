//! Messages: encoding and decoding under the session that holds, while other Python threads run too.

use datafusion::execution::TaskContext;
use planwire_registry::{Report, SessionCodecs, WireError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView};

use crate::ambient::{self, Role};
use crate::audit;
use crate::call::Call;
use crate::error;
use crate::session::PySessionContext;

/// Encodes under the session named, else under the sender context.
///
/// # Errors
///
/// An `EncodeError`.
pub(crate) fn encode<'py>(
    py: Python<'py>,
    ctx: Option<&Bound<'py, PySessionContext>>,
    encode: impl FnOnce(&SessionCodecs) -> Result<Vec<u8>, WireError> + Send,
) -> PyResult<Bound<'py, PyBytes>> {
    let session = ambient::session(py, ctx, Role::Sender)?;
    let report = Report::default();
    let codecs = session.get().codecs().reporting(&report);
    let bytes =
        Call::begin(py)?.convert(|| encode(&codecs)).map_err(|failure| error::from_wire(py, &failure))?;
    audit::encoded(py, &report.carried())?;
    Ok(PyBytes::new(py, &bytes))
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
    let report = Report::default();
    let codecs = session.codecs().reporting(&report);
    let call = Call::begin(py)?;
    let decoded = match call.convert(|| decode(&codecs, &session.ctx().task_ctx(), bytes)) {
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
fn contiguous<'py>(buf: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    match buf.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.clone()),
        Err(_) => Ok(PyMemoryView::from(buf)?.call_method0("tobytes")?.cast_into()?),
    }
}
