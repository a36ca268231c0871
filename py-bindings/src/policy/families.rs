//! Families for Python: their modes by name, and the facts of each family in a session.

use planwire_registry::{FamilyMode, FamilyStatus, Precedence};
use pyo3::exceptions::PyValueError;
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
            kinds: status.kinds.iter().map(ToString::to_string).collect(),
            origin: status.origin.clone(),
            encoded: status.counts.encoded,
            decoded: status.counts.decoded,
            refused: status.counts.refused,
        }
    }
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
