//! The scheduler and the executors, each of which is a process of its own.

use std::io;
use std::path::PathBuf;

use datafusion::error::DataFusionError;
use planwire_ballista::{BallistaError, Executor, Scheduler, TlsFiles};
use planwire_python::pass_on_failures;
use planwire_registry::{FamilyList, FamilyMode, Registry, SessionCodecs};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use tokio::net::TcpListener;

use super::{Cluster, TlsOptions, codecs, misconfigured, scheduling};
use crate::host::call::Call;
use crate::host::shown::shown;
use crate::host::{error, runtime};
use crate::plan::counted_in_metrics;
use crate::session::{ARROW, PYTHON, PySessionContext};

/// The options of the command, by its names for them.
#[derive(FromPyObject)]
struct SchedulerOptions {
    bind: String,
    port: u16,
    policy: String,
    executor_timeout: u64,
}

/// Serves clients and executors until Ctrl-C. `ready` is called with the port.
#[pyfunction]
pub(crate) fn run_scheduler(
    py: Python<'_>,
    options: &Bound<'_, PyAny>,
    ready: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let SchedulerOptions { bind, port, policy, executor_timeout } = options.extract()?;
    let files = TlsFiles::from(options.extract::<TlsOptions>()?);
    let scheduler = Scheduler {
        codecs: codecs(&without_python()?, None)?,
        policy: scheduling(&policy)?,
        executor_timeout,
        tls: files.server().map_err(misconfigured)?,
    };
    let call = Call::begin(py)?;
    let listener = listen(&call, &bind, port)?;
    ready.call1((listener.local_addr()?.port(),))?;
    runtime::run(&call, async move { scheduler.serve(listener).await.map_err(failed) })
}

fn listen(call: &Call<'_>, host: &str, port: u16) -> PyResult<TcpListener> {
    let address = (host.to_owned(), port);
    runtime::run(call, async move {
        TcpListener::bind(address.clone()).await.map_err(|error| {
            let place = format!("cannot listen at {}:{port}: {error}", shown(&address.0));
            io::Error::new(error.kind(), place).into()
        })
    })
}

/// Codecs that hold functions written in Python as they came, so that a scheduler runs no code of its clients.
fn without_python() -> PyResult<SessionCodecs> {
    let failed = |error: String| PyRuntimeError::new_err(error);
    let linked = Registry::linked().map_err(|conflict| failed(conflict.to_string()))?;
    let others = linked.iter().filter(|member| member.name().as_str() != PYTHON).cloned();
    let families = FamilyList::new(others).map_err(|conflict| failed(conflict.to_string()))?;
    let codecs = SessionCodecs::new(families).with_mode(ARROW, FamilyMode::Inline);
    codecs.map_err(|missing| failed(missing.to_string()))
}

/// The options of the command, by its names for them.
#[derive(FromPyObject)]
struct ExecutorOptions {
    scheduler: String,
    bind: String,
    port: u16,
    grpc_port: u16,
    vcores: usize,
    policy: String,
    store: Option<PathBuf>,
}

/// Runs the tasks of a scheduler until the process is asked to end.
#[pyfunction]
pub(crate) fn run_executor(
    py: Python<'_>,
    session: &Bound<'_, PySessionContext>,
    options: &Bound<'_, PyAny>,
    work_dir: String,
) -> PyResult<()> {
    let ExecutorOptions { scheduler, bind, port, grpc_port, vcores, policy, store } = options.extract()?;
    let files = TlsFiles::from(options.extract::<TlsOptions>()?);
    let tls = match (files.server().map_err(misconfigured)?, files.client().map_err(misconfigured)?) {
        (Some(server), Some(client)) => Some((server, client)),
        (None, None) => None,
        _ => {
            return Err(PyValueError::new_err(
                "an executor with TLS both shows a certificate (tls_cert, tls_key) and trusts authorities (tls_ca)",
            ));
        }
    };
    let scheduler = Cluster::at(&scheduler, None)?;
    let executor = Executor {
        codecs: codecs(session.get().codecs(), store)?,
        scheduler_host: scheduler.host,
        scheduler_port: scheduler.port,
        grpc_port,
        work_dir: Some(work_dir),
        vcores,
        policy: scheduling(&policy)?,
        tls,
        measure: Some(counted_in_metrics),
    };
    let call = Call::begin(py)?;
    let listener = listen(&call, &bind, port)?;
    let place = format!("executor {}", listener.local_addr()?);
    pass_on_failures(move |failure| error::described(failure, &place));
    runtime::run(&call, async move { executor.run(listener).await.map_err(failed) })
}

fn failed(error: BallistaError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
