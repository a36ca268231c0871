//! Families for Python: their modes by name, and the facts of each family in a session.

use planwire_registry::{FamilyList, FamilyMode, FamilyStatus, Frames, Member, Precedence, Registry};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

/// A linked family, and its mode in a session.
///
/// Example:
///     >>> from planwire import SessionContext
///     >>> [(family.name, family.mode) for family in SessionContext().families()]
///     [('arrow', 'inline'), ('python', 'inline')]
#[pyclass(module = "planwire", name = "FamilyStatus", frozen, get_all, skip_from_py_object)]
pub(crate) struct PyFamilyStatus {
    /// The family's name.
    name: String,
    /// Its mode in this session: `inline`, `refuse` or `guarded`.
    mode: String,
    /// The frames in which its payloads leave this session: `v1` or `native`.
    frames: String,
    /// The kinds that it carries, e.g. `scalar UDF`.
    kinds: Vec<String>,
    /// The Rust crate that brought it.
    origin: String,
    /// How many of its payloads this process has sent, in all sessions.
    encoded: u64,
    /// How many of its payloads this process has decoded.
    decoded: u64,
    /// How many of its payloads this process has refused.
    refused: u64,
}

#[pymethods]
impl PyFamilyStatus {
    fn __repr__(&self) -> String {
        let Self { name, mode, kinds, origin, .. } = self;
        format!("FamilyStatus(name={name:?}, mode={mode:?}, kinds={kinds:?}, origin={origin:?})")
    }
}

impl From<FamilyStatus> for PyFamilyStatus {
    fn from(status: FamilyStatus) -> Self {
        Self {
            name: status.name.to_string(),
            mode: status.mode.to_string(),
            frames: status.frames.to_string(),
            kinds: status.kinds.iter().map(ToString::to_string).collect(),
            origin: status.origin.clone(),
            encoded: status.counts.encoded,
            decoded: status.counts.decoded,
            refused: status.counts.refused,
        }
    }
}

/// What the cache of decoded functions has done in this process, and holds.
///
/// Example:
///     >>> import pyarrow as pa
///     >>> from planwire import Expr, col, ipc, udf
///     >>> ipc.clear_decode_cache()
///     >>> same = udf(lambda a: a, pa.int64(), pa.int64(), "immutable", "same")
///     >>> message = same(col("a")).to_bytes()
///     >>> Expr.from_bytes(message) == Expr.from_bytes(message)
///     Expr(same(a) = same(a))
///     >>> ipc.decode_cache().entries
///     1
#[pyclass(module = "planwire.ipc", name = "DecodeCache", frozen, get_all, skip_from_py_object)]
#[derive(Default)]
pub(crate) struct PyDecodeCache {
    /// How often a function was there.
    hits: u64,
    /// How often it was not there.
    misses: u64,
    /// How many functions are held, at most 256 of each family.
    entries: usize,
    /// The bytes of the frames that they came in, at most 256 MiB of each family.
    bytes: usize,
}

#[pymethods]
impl PyDecodeCache {
    fn __repr__(&self) -> String {
        let Self { hits, misses, entries, bytes } = self;
        format!("DecodeCache(hits={hits}, misses={misses}, entries={entries}, bytes={bytes})")
    }
}

/// Return what the cache of decoded functions has done in this process, and holds.
///
/// A message that brings the same bytes again gets the function that was decoded before, so that a model that it
/// loads is loaded once per process. Each session asks its own policy first. A volatile function is never kept.
///
/// Raises:
///     RuntimeError: The linked families cannot be told apart.
///
/// Example:
///     >>> from planwire import ipc
///     >>> ipc.clear_decode_cache()
///     >>> ipc.decode_cache().entries
///     0
#[pyfunction]
pub(crate) fn decode_cache() -> PyResult<PyDecodeCache> {
    let families = linked()?;
    Ok(families.iter().map(Member::cache).fold(PyDecodeCache::default(), |sum, family| PyDecodeCache {
        hits: sum.hits + family.hits,
        misses: sum.misses + family.misses,
        entries: sum.entries + family.entries,
        bytes: sum.bytes + family.bytes,
    }))
}

/// Forget the functions that were decoded in this process. Those in expressions and plans stay what they are.
///
/// Raises:
///     RuntimeError: The linked families cannot be told apart.
///
/// Example:
///     >>> from planwire import ipc
///     >>> ipc.clear_decode_cache()
#[pyfunction]
pub(crate) fn clear_decode_cache(py: Python<'_>) -> PyResult<()> {
    let families = linked()?;
    py.detach(|| families.iter().for_each(Member::clear_cache));
    Ok(())
}

fn linked() -> PyResult<FamilyList> {
    Registry::linked().map_err(|conflict| PyRuntimeError::new_err(conflict.to_string()))
}

/// Reads the name of a mode.
///
/// # Errors
///
/// A `ValueError` that lists the modes.
pub(crate) fn mode(name: &str) -> PyResult<FamilyMode> {
    [FamilyMode::Inline, FamilyMode::Refuse].into_iter().find(|mode| mode.as_str() == name).ok_or_else(|| {
        PyValueError::new_err(format!(
            "no mode is named {name:?}, known are \"inline\" and \"refuse\", and guards of `planwire.guard`"
        ))
    })
}

/// Reads the name of a sort of frames.
///
/// # Errors
///
/// A `ValueError` that lists those there are.
pub(crate) fn frames(name: &str) -> PyResult<Frames> {
    Frames::ALL.iter().copied().find(|frames| frames.as_str() == name).ok_or_else(|| {
        let known = Frames::ALL.iter().map(|frames| format!("{:?}", frames.as_str()));
        let known = known.collect::<Vec<_>>().join(" and ");
        PyValueError::new_err(format!("no frames are named {name:?}, known are {known}"))
    })
}

/// Reads the name of a precedence.
///
/// # Errors
///
/// A `ValueError` that lists the known ones.
pub(crate) fn precedence(name: &str) -> PyResult<Precedence> {
    Precedence::ALL.iter().copied().find(|precedence| precedence.as_str() == name).ok_or_else(|| {
        let known = Precedence::ALL.iter().map(|precedence| format!("{:?}", precedence.as_str()));
        let known = known.collect::<Vec<_>>().join(" and ");
        PyValueError::new_err(format!("no precedence is named {name:?}, known are {known}"))
    })
}
