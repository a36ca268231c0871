//! Clusters: sessions whose queries run on executors, and the processes that a cluster consists of.

mod serve;

pub(crate) use serve::{run_executor, run_scheduler};

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::prelude::SessionContext;
use planwire_ballista::{BallistaError, ClientTls, TaskSchedulingPolicy, TlsFiles};
use planwire_registry::error::Shown;
use planwire_registry::{DirectoryStore, SessionCodecs};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::session::planner;

/// The scheduler to which a session sends its queries.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    host: String,
    port: u16,
    tls: Option<ClientTls>,
}

impl Cluster {
    /// Reads an address such as `df://localhost:50050`, to which connections are encrypted with `tls`.
    ///
    /// # Errors
    ///
    /// A `ValueError`.
    pub(crate) fn at(address: &str, tls: Option<ClientTls>) -> PyResult<Self> {
        let Some((host, port)) = address.strip_prefix("df://").and_then(|rest| rest.rsplit_once(':')) else {
            return Err(unknown_address(address));
        };
        match port.parse() {
            Ok(port) if !host.is_empty() && !host.contains(['/', '@']) => {
                Ok(Self { host: host.to_owned(), port, tls })
            }
            _ => Err(unknown_address(address)),
        }
    }

    /// The session with its queries sent to the cluster, under these codecs.
    pub(crate) fn client(&self, ctx: &SessionContext, codecs: &SessionCodecs) -> SessionContext {
        let Self { host, port, tls } = self;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{host}:{port}");
        let state = planwire_ballista::client(ctx.state(), address, codecs.clone(), tls.clone());
        planner::of_cluster(state).into()
    }
}

fn unknown_address(address: &str) -> PyErr {
    PyValueError::new_err(format!("a cluster's address is like df://localhost:50050, not {}", Shown(address)))
}

/// Codecs with which plans go through a cluster, and large functions through a directory.
pub(crate) fn codecs(codecs: &SessionCodecs, store: Option<PathBuf>) -> PyResult<SessionCodecs> {
    let codecs = planwire_ballista::codecs(codecs);
    let codecs = codecs.map_err(|conflict| PyRuntimeError::new_err(conflict.to_string()))?;
    Ok(match store {
        Some(path) => codecs.with_store(Arc::new(DirectoryStore::open(path)?)),
        None => codecs,
    })
}

/// The files of an object's attributes `tls_ca`, `tls_cert`, `tls_key`, `tls_client_ca` and `tls_server_name`.
#[derive(FromPyObject)]
pub(crate) struct TlsOptions {
    tls_ca: Option<PathBuf>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    tls_client_ca: Option<PathBuf>,
    tls_server_name: Option<String>,
}

impl From<TlsOptions> for TlsFiles {
    fn from(options: TlsOptions) -> Self {
        let TlsOptions { tls_ca, tls_cert, tls_key, tls_client_ca, tls_server_name } = options;
        Self {
            ca: tls_ca,
            cert: tls_cert,
            key: tls_key,
            client_ca: tls_client_ca,
            server_name: tls_server_name,
        }
    }
}

/// The exception for a process of a cluster that cannot be what its options say.
pub(crate) fn misconfigured(error: BallistaError) -> PyErr {
    match error {
        BallistaError::IoError(error) => error.into(),
        BallistaError::Configuration(text) => PyValueError::new_err(text),
        error => PyRuntimeError::new_err(error.to_string()),
    }
}

/// Reads how tasks reach executors.
fn scheduling(name: &str) -> PyResult<TaskSchedulingPolicy> {
    match name {
        "push" => Ok(TaskSchedulingPolicy::PushStaged),
        "pull" => Ok(TaskSchedulingPolicy::PullStaged),
        _ => Err(PyValueError::new_err(format!("a policy is \"push\" or \"pull\", not {}", Shown(name)))),
    }
}
