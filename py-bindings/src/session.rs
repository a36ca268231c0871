//! Sessions: what is registered, and the modes under which messages are encoded and decoded.

mod functions;
mod modes;
mod tables;

use std::sync::Arc;

use datafusion::prelude::SessionContext;
use planwire_arrow as _;
use planwire_python as _;
use planwire_registry::{FamilyMode, Registry, SessionCodecs};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// The family of functions written in Python.
const PYTHON: &str = "python";
/// The family of tables in memory.
const ARROW: &str = "arrow";

/// A session: its tables, its functions, and its mode for each family.
///
/// Python functions travel inline in a new session. A method that changes a mode returns another
/// session that shares tables, functions and configuration with this one.
///
/// Raises:
///     RuntimeError: Two linked families cannot be told apart.
///
/// Example:
///     >>> from planwire import SessionContext
///     >>> ctx = SessionContext()
///     >>> ctx.sql("select 1 + 1 as two").to_pydict()
///     {'two': [2]}
#[pyclass(module = "planwire", name = "SessionContext", frozen, skip_from_py_object)]
pub(crate) struct PySessionContext {
    ctx: Arc<SessionContext>,
    codecs: SessionCodecs,
}

impl PySessionContext {
    /// Makes a session over `ctx` in which Python functions travel inline.
    pub(crate) fn over(ctx: SessionContext) -> PyResult<Self> {
        let families =
            Registry::linked().map_err(|conflict| PyRuntimeError::new_err(conflict.to_string()))?;
        let codecs = SessionCodecs::new(families)
            .with_mode(ARROW, FamilyMode::Inline)
            .and_then(|codecs| codecs.with_mode(PYTHON, FamilyMode::Inline))
            .map_err(|missing| PyRuntimeError::new_err(missing.to_string()))?;
        Ok(Self { ctx: Arc::new(ctx), codecs })
    }

    pub(crate) const fn ctx(&self) -> &Arc<SessionContext> {
        &self.ctx
    }

    pub(crate) const fn codecs(&self) -> &SessionCodecs {
        &self.codecs
    }
}

#[pymethods]
impl PySessionContext {
    #[new]
    fn new() -> PyResult<Self> {
        Self::over(SessionContext::new())
    }

    fn __repr__(&self) -> String {
        let modes: Vec<_> =
            self.codecs.families().map(|family| format!("{}={}", family.name, family.mode)).collect();
        format!("SessionContext({})", modes.join(", "))
    }
}
