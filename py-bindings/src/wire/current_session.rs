//! The current session, which encodes or decodes where a call names none.

use std::sync::Arc;

use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::SessionConfig;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::host::call::Call;
use crate::session::{PySessionContext, planner};

/// The direction of a message, which has a context variable each in `planwire.ipc`.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// Encodes.
    Sender,
    /// Decodes.
    Worker,
}

/// Finds the session for one message: the one named, else the context's, else the process's own.
///
/// # Errors
///
/// Whatever `planwire.ipc` raises, and a conflict between the linked families.
pub(crate) fn session<'py>(
    py: Python<'py>,
    named: Option<&Bound<'py, PySessionContext>>,
    role: Role,
) -> PyResult<Bound<'py, PySessionContext>> {
    if let Some(named) = named {
        return Ok(named.clone());
    }
    static SENDER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static WORKER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let (getter, name) = match role {
        Role::Sender => (&SENDER, "get_sender_ctx"),
        Role::Worker => (&WORKER, "get_worker_ctx"),
    };
    let set = Call::python(py, || getter.import(py, "planwire.ipc", name)?.call0())?;
    if set.is_none() { default_session(py) } else { Ok(set.cast_into()?) }
}

/// The process's own session: DataFusion's functions and nothing else, Python functions inline.
pub(crate) fn default_session(py: Python<'_>) -> PyResult<Bound<'_, PySessionContext>> {
    static SESSION: PyOnceLock<Py<PySessionContext>> = PyOnceLock::new();
    let session = SESSION.get_or_try_init(py, || {
        let session = planner::session(SessionConfig::new(), Arc::new(RuntimeEnv::default()));
        Py::new(py, PySessionContext::over(session)?)
    })?;
    Ok(session.bind(py).clone())
}
