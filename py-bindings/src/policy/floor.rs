//! The floor of this process, as `planwire.ipc` and the environment set it.

use std::env;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, OnceLock};

use planwire_guard::{Keyring, Signed};
use planwire_registry::Floor;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::policy::guard::{self, PyGuard, PyKeyring};
use crate::wire::audit;

/// The environment variables that are read once, when the package is imported.
const VARIABLE: &str = "PLANWIRE_FLOOR";
const HARDENED_VARIABLE: &str = "PLANWIRE_HARDENED";

/// Whether nothing of planwire's is pickled here. Nothing stores `false`.
static HARDENED: AtomicBool = AtomicBool::new(false);

/// The keyring that the environment named.
static KEYRING: OnceLock<Arc<Keyring>> = OnceLock::new();

/// Raise the floor of this process: the mode that no session goes below.
///
/// It applies at once, in every thread and task and in processes forked from this one, whatever a
/// session, a context or an argument says. A new process, such as a spawned worker, begins without
/// it; the environment variable `PLANWIRE_FLOOR`, read when planwire is imported, raises its floor.
///
/// Args:
///     floor: `"refuse"`: Python functions are sent by name, and every payload of any family is
///         refused. `"inline"`: the sessions' own modes apply, as without a floor.
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

/// Harden this process for good: no session decodes a payload that the guard refuses, and nothing is pickled.
///
/// In all threads and in processes forked from this one, every payload has to pass the guard as well as the
/// session's own mode, or is refused without a guard. Pickling an expression, a plan, a query, a function or a
/// session raises an error, because a pickle runs before anyone can check it: send
/// `guard.seal(expr.to_bytes(), ...)` instead.
///
/// A plan that writes is not decoded either: DataFusion's built-in nodes write files, tables and the session
/// itself, and no guard on payloads sees them.
///
/// The environment variable `PLANWIRE_HARDENED`, which is read when planwire is imported, does the same, save that
/// plans that write are decoded: `refuse`, or `signed:AUDIENCE:PATH` for `guard.signed` with a keyring file.
///
/// Args:
///     guard: The guard that decides about payloads; without one, all are refused.
///     writes: Whether plans that write are decoded, e.g. where all plans come sealed.
///
/// Raises:
///     RuntimeError: The process has another guard already, or refuses everything.
///
/// Example:
///     >>> import subprocess, sys
///     >>> code = "import pickle, planwire; planwire.harden(); pickle.dumps(planwire.col('a'))"
///     >>> done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
///     >>> "the expression is not pickled: this process is hardened" in done.stderr
///     True
#[pyfunction]
#[pyo3(signature = (guard = None, *, writes = false))]
pub(crate) fn harden(py: Python<'_>, guard: Option<&Bound<'_, PyGuard>>, writes: bool) -> PyResult<()> {
    let floor = match guard {
        Some(guard) => Floor::Guarded(guard.get().strict_mode()),
        None => Floor::Refuse,
    };
    audit::policy(py, "hardened", floor.as_str())?;
    raise(floor)?;
    // Only ever hardens: what an earlier call refused stays refused.
    if !writes {
        Floor::refuse_writes();
    }
    HARDENED.store(true, SeqCst);
    Ok(())
}

/// Return the keyring that `PLANWIRE_HARDENED` named, if it named one, e.g. to `reload` it.
///
/// Example:
///     >>> from planwire import guard
///     >>> guard.get_process_keyring() is None
///     True
#[pyfunction]
pub(crate) fn get_process_keyring() -> Option<PyKeyring> {
    KEYRING.get().map(|keyring| PyKeyring::from(Arc::clone(keyring)))
}

/// Lets `what` be pickled, unless the process is hardened.
///
/// # Errors
///
/// An `EncodeError` that says what to do instead.
pub(crate) fn allow_pickling(py: Python<'_>, what: &str) -> PyResult<()> {
    if HARDENED.load(SeqCst) { Err(guard::process_is_hardened(py, what)) } else { Ok(()) }
}

/// Return the floor of this process: `"inline"` (no floor), `"guarded"` or `"refuse"`.
///
/// Example:
///     >>> from planwire import ipc
///     >>> ipc.get_process_floor()
///     'inline'
#[pyfunction]
pub(crate) fn get_process_floor() -> &'static str {
    Floor::of_process().as_str()
}

/// Raises the floor as the environment variables say, if they are set.
///
/// # Errors
///
/// A `ValueError` if a value is not a floor, a `GuardError` for a keyring that cannot be used.
pub(crate) fn raise_by_environment(py: Python<'_>) -> PyResult<()> {
    if let Some(value) = variable(VARIABLE) {
        let found = format!("the environment variable {VARIABLE} is");
        raise(known(&value).ok_or_else(|| PyValueError::new_err(unknown(&found, &value)))?)?;
    }
    if let Some(value) = variable(HARDENED_VARIABLE) {
        raise(hardened(py, &value)?)?;
        HARDENED.store(true, SeqCst);
    }
    Ok(())
}

/// The value of a variable that is set. An empty one counts as set, because a script may have left it empty by
/// mistake. A value that is not UTF-8 is not a floor.
fn variable(name: &str) -> Option<String> {
    Some(env::var_os(name)?.to_string_lossy().into_owned())
}

fn hardened(py: Python<'_>, value: &str) -> PyResult<Floor> {
    if value == Floor::Refuse.as_str() {
        return Ok(Floor::Refuse);
    }
    let signed = value.strip_prefix("signed:").and_then(|value| value.split_once(':'));
    let Some((audience, path)) = signed else {
        return Err(PyValueError::new_err(format!(
            "the environment variable {HARDENED_VARIABLE} is {value:?}, known are \"refuse\" and \
             \"signed:AUDIENCE:PATH\""
        )));
    };
    let keyring = Keyring::from_file(path).map_err(|failure| guard::keyring_error(py, failure))?;
    let keyring = Arc::clone(KEYRING.get_or_init(|| Arc::new(keyring)));
    let signed = Signed::new(keyring, audience).map_err(|fault| {
        PyValueError::new_err(format!("the environment variable {HARDENED_VARIABLE}: {fault}"))
    })?;
    Ok(Floor::Guarded(Arc::new(signed)))
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
