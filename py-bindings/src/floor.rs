//! The floor of this process, as `planwire.ipc` and the environment set it.

use std::env;

use planwire_registry::Floor;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::audit;

/// The environment variable that is read once, when the package is imported.
const VARIABLE: &str = "PLANWIRE_FLOOR";

/// Raise the floor of this process: the mode that no session goes below.
///
/// It holds at once, in every thread and task and in processes forked from this one, whatever a
/// session, a context or an argument says. A process that is started afresh, as a spawned worker is,
/// begins without; the environment variable `PLANWIRE_FLOOR`, which is read when planwire is
/// imported, raises its floor.
///
/// Args:
///     floor: `"refuse"`: Python functions, and whatever else families carry, leave by name and are
///         refused where they arrive. `"inline"`: the sessions' own modes hold, as without a floor.
///
/// Raises:
///     ValueError: There is no such floor.
///     RuntimeError: The floor is higher already, and it is never lowered.
///
/// Example:
///     >>> from planwire import ipc
///     >>> ipc.set_process_floor("low")
///     Traceback (most recent call last):
///         ...
///     ValueError: no floor is named "low", known are "inline" and "refuse"
#[pyfunction]
pub(crate) fn set_process_floor(py: Python<'_>, floor: &str) -> PyResult<()> {
    let known = known(floor).ok_or_else(|| PyValueError::new_err(unknown("no floor is named", floor)))?;
    audit::policy(py, "floor", floor)?;
    raise(known)
}

/// Return the floor of this process: `"inline"`, which is none, or `"refuse"`.
///
/// Raises:
///     Nothing.
///
/// Example:
///     >>> from planwire import ipc
///     >>> ipc.get_process_floor()
///     'inline'
#[pyfunction]
pub(crate) fn get_process_floor() -> &'static str {
    Floor::of_process().as_str()
}

/// Raises the floor to what the environment says, if it says something.
///
/// # Errors
///
/// A `ValueError` if it says something else than the name of a floor.
pub(crate) fn raise_by_environment() -> PyResult<()> {
    let Some(value) = env::var_os(VARIABLE) else { return Ok(()) };
    let value = value.to_string_lossy();
    if value.is_empty() {
        return Ok(());
    }
    let found = format!("the environment variable {VARIABLE} is");
    raise(known(&value).ok_or_else(|| PyValueError::new_err(unknown(&found, &value)))?)
}

fn known(name: &str) -> Option<Floor> {
    [Floor::Inline, Floor::Refuse].into_iter().find(|floor| floor.as_str() == name)
}

fn unknown(found: &str, name: &str) -> String {
    format!("{found} {name:?}, known are \"inline\" and \"refuse\"")
}

fn raise(floor: Floor) -> PyResult<()> {
    floor.raise().map_err(|lowered| PyRuntimeError::new_err(lowered.to_string()))
}
