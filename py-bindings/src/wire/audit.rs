//! Audit events about messages for Python's audit hooks, see PEP 578.
//!
//! `planwire.decode` is raised by the family `python` itself, before it unpickles, so that a hook can
//! veto it.

use planwire_registry::error::Escaped;
use planwire_registry::{Carried, Carrier, Unlinked, WireError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Raises `planwire.encode` for each payload that is about to leave inline: family, kind, name, size.
///
/// # Errors
///
/// The exception of a hook; the message is then not returned.
pub(crate) fn encoded(py: Python<'_>, carried: &[Carried]) -> PyResult<()> {
    for Carried { kind, name, carrier, size, .. } in carried {
        if let Carrier::Family(family) = carrier {
            let name = Escaped(name).to_string();
            raise(py, ("planwire.encode", family.as_str(), kind.as_str(), name, *size))?;
        }
    }
    Ok(())
}

/// Raises `planwire.refuse` for a refusal of the session: the family, the magic of an unknown one,
/// `message` or `plan`; the code; the error's text.
///
/// # Errors
///
/// What a hook raises.
pub(crate) fn refused(py: Python<'_>, error: &WireError) -> PyResult<()> {
    let refused = match error {
        WireError::UnknownFamily { family: Unlinked::Magic(magic), .. } => magic.as_str(),
        WireError::UnknownFamily { family: Unlinked::Name(name), .. } => name.as_str(),
        WireError::LimitExceeded { .. } => "message",
        WireError::Writes { .. } => "plan",
        _ => match error.refused_family() {
            Some(family) => family.as_str(),
            None => return Ok(()),
        },
    };
    raise(py, ("planwire.refuse", refused, error.code(), error.to_string()))
}

/// Raises `planwire.refuse` for a sealed message that was refused: `sealed`, the code, and the
/// error's text.
///
/// # Errors
///
/// What a hook raises.
pub(crate) fn turned_down(py: Python<'_>, what: &str, error: &PyErr) -> PyResult<()> {
    match error.value(py).getattr_opt("code")? {
        Some(code) => raise(py, ("planwire.refuse", what, code, error.value(py).str()?)),
        None => Ok(()),
    }
}

/// Raises `planwire.policy` for a change of policy in a session or this process: its subject and the new value.
///
/// # Errors
///
/// The exception of a hook; nothing is then changed.
pub(crate) fn policy(py: Python<'_>, what: &str, value: &str) -> PyResult<()> {
    raise(py, ("planwire.policy", what, value))
}

fn raise<'py>(py: Python<'py>, event: impl pyo3::call::PyCallArgs<'py>) -> PyResult<()> {
    static AUDIT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    AUDIT.import(py, "sys", "audit")?.call1(event).map(drop)
}
