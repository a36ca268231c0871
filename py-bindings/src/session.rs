//! Sessions: what is registered, and the modes under which messages are encoded and decoded.

mod cluster;
mod files;
mod functions;
mod limits;
mod modes;
pub(crate) mod pickle;
pub(crate) mod planner;
mod plans;
mod prepared;
mod rules;
mod sql;
mod stores;
mod tables;

pub(crate) use crate::config::runtime_env::PyRuntimeEnvBuilder;
pub(crate) use crate::config::session_config::PySessionConfig;
pub(crate) use crate::config::sql_options::PySqlOptions;
pub(crate) use crate::session::pickle::parcel::{options, options_of};
pub(crate) use crate::session::pickle::snapshot::Snapshot;
pub(crate) use crate::session::stores::{
    PyAmazonS3, PyGoogleCloud, PyHttp, PyLocalFileSystem, PyMicrosoftAzure, PyObjectStore,
};

use std::sync::Arc;

use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::{SessionConfig, SessionContext};
use planwire_arrow as _;
use planwire_python as _;
use planwire_registry::{FamilyMode, Registry, SessionCodecs};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::cluster::Cluster;
use crate::config::session_config;
use crate::host::call::Call;
use prepared::Prepared;

/// The family of functions written in Python.
pub(crate) const PYTHON: &str = "python";
/// The family of tables in memory.
pub(crate) const ARROW: &str = "arrow";

/// A session: its tables, its functions, and its mode for each family.
///
/// Python functions travel inline in a new session. A method that changes a mode returns another
/// session that shares tables, functions and configuration with this one. Pickling a session carries
/// its configuration, tables and functions into another one; copying it does not encode anything, and
/// the copy shares them.
///
/// Args:
///     config: The options to start with; they are copied.
///     runtime: The memory and disk that queries may use.
///
/// Raises:
///     RuntimeError: Two linked families cannot be told apart.
///     ExecutionError: A directory for temporary files cannot be made.
///
/// Example:
///     >>> from planwire import SessionConfig, SessionContext
///     >>> ctx = SessionContext(SessionConfig().with_batch_size(100))
///     >>> ctx.sql("select 1 + 1 as two").to_pydict()
///     {'two': [2]}
#[pyclass(module = "planwire", name = "SessionContext", frozen, skip_from_py_object)]
pub(crate) struct PySessionContext {
    ctx: Arc<SessionContext>,
    codecs: SessionCodecs,
    origin: Origin,
}

/// Constructor arguments that DataFusion does not expose afterwards.
#[derive(Debug, Clone, Default)]
struct Origin {
    url_table: bool,
    prepared: Prepared,
    cluster: Option<Cluster>,
}

#[pymethods]
impl PySessionContext {
    // Only names that nothing has arrive here.
    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        Err(PyErr::from_value(py.import("planwire._base.missing")?.call_method1("of_session", (name,))?))
    }
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
        Ok(Self { ctx: Arc::new(ctx), codecs, origin: Origin::default() })
    }

    /// Makes a session of its parts.
    fn build(
        call: &Call<'_>,
        config: SessionConfig,
        runtime: Arc<RuntimeEnv>,
        origin: Origin,
    ) -> PyResult<Self> {
        let ctx = call.plan(|| {
            let ctx = planner::session(config, runtime);
            Ok(if origin.url_table { ctx.enable_url_table() } else { ctx })
        })?;
        Ok(Self { origin, ..Self::over(ctx)? })
    }

    /// The same session under other codecs.
    pub(crate) fn with_codecs(&self, codecs: SessionCodecs) -> Self {
        let ctx = match &self.origin.cluster {
            Some(cluster) => Arc::new(cluster.client(&self.ctx, &codecs)),
            None => Arc::clone(&self.ctx),
        };
        Self { ctx, codecs, origin: self.origin.clone() }
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
    #[pyo3(signature = (config = None, runtime = None))]
    fn new(
        py: Python<'_>,
        config: Option<PyRef<'_, PySessionConfig>>,
        runtime: Option<PyRef<'_, PyRuntimeEnvBuilder>>,
    ) -> PyResult<Self> {
        let config = config.map_or_else(session_config::starting, |config| config.config().clone());
        let runtime = runtime.map(|runtime| runtime.spec().clone()).unwrap_or_default();
        let call = Call::begin(py)?;
        let runtime = call.plan(|| runtime.build())?;
        Self::build(&call, config, Arc::new(runtime), Origin::default())
    }

    /// Return the session of the process, which is the same for every caller.
    ///
    /// Raises:
    ///     RuntimeError: Two linked families cannot be told apart.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext.global_ctx() is SessionContext.global_ctx()
    ///     True
    #[classmethod]
    fn global_ctx(cls: &Bound<'_, PyType>) -> PyResult<Py<Self>> {
        static SESSION: PyOnceLock<Py<PySessionContext>> = PyOnceLock::new();
        let py = cls.py();
        let session = SESSION.get_or_try_init(py, || Py::new(py, Self::new(py, None, None)?))?;
        Ok(session.clone_ref(py))
    }

    /// Return the session's id, which no other session has.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().session_id() == SessionContext().session_id()
    ///     False
    fn session_id(&self) -> String {
        self.ctx.session_id()
    }

    /// Return when the session was made, in UTC, in the format of RFC 3339.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().session_start_time()[-6:]
    ///     '+00:00'
    fn session_start_time(&self) -> String {
        self.ctx.session_start_time().to_rfc3339()
    }

    fn __repr__(&self) -> String {
        let modes: Vec<_> =
            self.codecs.families().map(|family| format!("{}={}", family.name, family.mode)).collect();
        format!("SessionContext({})", modes.join(", "))
    }
}
