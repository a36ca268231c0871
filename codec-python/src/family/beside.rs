//! Native payloads: the pickle of a callable, and beside it the large buffers that it refers to.
//!
//! `<number of buffers: u32 LE><length of the pickle: u64 LE>`, for each buffer `<writable: u8><length: u64 LE>`,
//! then the pickle, and each buffer behind zeros up to a multiple of 16 bytes. `docs/wire-format.md` is the
//! normative description.

use std::{iter, ptr, slice};

use bytes::Bytes;
use planwire_registry::{ALIGNMENT, Parts, Payload};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyDict};

use crate::family::pickler;
use crate::interpreter::called::Called;

/// Bytes before the lengths of the buffers.
const FIXED: usize = 4 + 8;

/// Bytes that each buffer takes before the pickle.
const LISTED: usize = 1 + 8;

/// A buffer beside a pickle.
struct Beside {
    /// Whether the object that it belongs to may change it.
    is_writable: bool,
    bytes: Bytes,
}

/// Pickles an object into a payload. Its large buffers are lent to the payload, not copied.
pub(crate) fn dump(object: &Bound<'_, PyAny>) -> PyResult<Payload> {
    let (pickle, buffers) = pickler::dumps_beside(object)?;
    let buffers = buffers.iter().map(lent).collect::<PyResult<Vec<_>>>()?;
    let pickle_len = pickle.iter().map(|piece| piece.len()).sum::<usize>();
    let count = u32::try_from(buffers.len()).map_err(|_| PyValueError::new_err("it has too many buffers"))?;
    let mut length = FIXED + LISTED * buffers.len() + pickle_len;
    let mut payload = Payload::concat(&[&count.to_le_bytes(), &(pickle_len as u64).to_le_bytes()]);
    for Beside { is_writable, bytes } in &buffers {
        payload.extend_from_slice(&[u8::from(*is_writable)]);
        payload.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    }
    for piece in pickle {
        if piece.len() < Parts::LARGE {
            payload.extend_from_slice(&piece);
        } else {
            payload.lend(Bytes::from_owner(piece));
        }
    }
    for Beside { bytes, .. } in buffers {
        let start = length.next_multiple_of(ALIGNMENT);
        payload.extend_from_slice([0; ALIGNMENT].get(..start - length).unwrap_or_default());
        length = start + bytes.len();
        payload.lend(bytes);
    }
    Ok(payload)
}

/// Unpickles the object in a payload; this runs any code that the pickle asks for.
///
/// Buffers that the object may change are copied; the others stay in the memory of the payload.
pub(crate) fn load<'py>(py: Python<'py>, payload: &Bytes) -> PyResult<Bound<'py, PyAny>> {
    let (pickle, buffers) =
        split(payload).ok_or_else(|| PyValueError::new_err("the lengths in the payload do not add up"))?;
    let buffers = buffers.into_iter().map(|buffer| given(py, buffer)).collect::<PyResult<Vec<_>>>()?;
    unpickled(py, &pickle, buffers)
}

/// Takes a payload apart; `None` if its lengths do not add up or there is something between its parts.
fn split(payload: &Bytes) -> Option<(Bytes, Vec<Beside>)> {
    let (count, rest) = payload.split_first_chunk::<4>()?;
    let (pickle_len, rest) = rest.split_first_chunk::<8>()?;
    let listed = LISTED.checked_mul(u32::from_le_bytes(*count) as usize)?;
    let mut lists = rest.get(..listed)?.chunks_exact(LISTED);
    let mut end = FIXED + listed;
    let mut next = |length: [u8; 8], alignment: usize| {
        let start = end.next_multiple_of(alignment);
        let is_blank = payload.get(end..start)?.iter().all(|byte| *byte == 0);
        end = start.checked_add(usize::try_from(u64::from_le_bytes(length)).ok()?)?;
        (is_blank && end <= payload.len()).then(|| payload.slice(start..end))
    };
    let pickle = next(*pickle_len, 1)?;
    let buffers = iter::from_fn(|| {
        let (writable, length) = lists.next()?.split_first()?;
        let bytes = length.try_into().ok().and_then(|length| next(length, ALIGNMENT));
        Some(bytes.filter(|_| *writable <= 1).map(|bytes| Beside { is_writable: *writable == 1, bytes }))
    });
    let buffers = buffers.collect::<Option<Vec<_>>>()?;
    (end == payload.len()).then_some((pickle, buffers))
}

/// Unpickles an object with the buffers beside it; this runs any code that the pickle asks for.
pub(crate) fn unpickled<'py>(
    py: Python<'py>,
    pickle: &Bytes,
    buffers: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static PARTIAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let loads = LOADS.import(py, "cloudpickle", "loads")?;
    let pickle = memory(py, pickle)?;
    if buffers.is_empty() {
        return loads.called((pickle,));
    }
    let named = PyDict::new(py);
    named.set_item(intern!(py, "buffers"), buffers)?;
    PARTIAL.import(py, "functools", "partial")?.call((loads,), Some(&named))?.called((pickle,))
}

/// A buffer as unpickling takes it.
fn given(py: Python<'_>, buffer: Beside) -> PyResult<Bound<'_, PyAny>> {
    let Beside { is_writable, bytes } = buffer;
    if is_writable {
        return Ok(PyByteArray::new(py, &bytes).into_any());
    }
    // Numbers that are read where they are have to be aligned.
    if bytes.as_ptr().align_offset(ALIGNMENT) == 0 { memory(py, &bytes) } else { copied(py, &bytes) }
}

fn copied<'py>(py: Python<'py>, bytes: &Bytes) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyBytes::new(py, bytes).into_any())
}

/// The owner of memory that Python reads.
#[pyclass(frozen)]
struct Memory(#[expect(dead_code, reason = "it is held and not read")] Bytes);

/// An object that shows memory to Python, which cannot change it.
fn memory<'py>(py: Python<'py>, bytes: &Bytes) -> PyResult<Bound<'py, PyAny>> {
    if bytes.len() < Parts::LARGE {
        return copied(py, bytes);
    }
    // Python's own objects for this are not in the stable interface of CPython 3.10.
    static FOREIGN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let (address, owner) = (bytes.as_ptr().expose_provenance(), Memory(bytes.clone()));
    FOREIGN.import(py, "pyarrow", "foreign_buffer")?.call1((address, bytes.len(), Py::new(py, owner)?))
}

/// The memory of a buffer of pyarrow, which holds what it belongs to.
struct Lent {
    address: usize,
    length: usize,
    _buffer: Py<PyAny>,
}

impl AsRef<[u8]> for Lent {
    #[expect(unsafe_code, reason = "memory of Python's is read without the interpreter")]
    fn as_ref(&self) -> &[u8] {
        // SAFETY: the buffer is held, and with it the memory at its address. A function that writes to it on
        // another thread meanwhile makes a message whose digest does not fit, and which no receiver opens.
        unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(self.address), self.length) }
    }
}

/// What the pickler says of a buffer: a buffer of pyarrow, and whether its memory may be changed.
fn lent(said: &(Bound<'_, PyAny>, bool)) -> PyResult<Beside> {
    let (buffer, is_writable) = said;
    let py = buffer.py();
    let address = buffer.getattr(intern!(py, "address"))?.extract()?;
    let length = buffer.getattr(intern!(py, "size"))?.extract()?;
    let bytes = Bytes::from_owner(Lent { address, length, _buffer: buffer.clone().unbind() });
    Ok(Beside { is_writable: *is_writable, bytes })
}
