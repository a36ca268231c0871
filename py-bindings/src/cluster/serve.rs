//! The scheduler and the executors, each of which is a process of its own.

use std::io;
use std::path::PathBuf;

use datafusion::error::DataFusionError;
use planwire_ballista::{BallistaError, Executor, Scheduler};
use planwire_python::pass_on_failures;
use planwire_registry::{FamilyList, FamilyMode, Registry, SessionCodecs};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::net::TcpListener;

use super::{Cluster, codecs, policy};
use crate::host::call::Call;
use crate::host::shown::shown;
use crate::host::{error, runtime};
use crate::plan::counted_in_metrics;
use crate::session::{ARROW, PYTHON, PySessionContext};

/// Serves clients and executors until Ctrl-C. `ready` is called with the port.
#[pyfunction]
pub(crate) fn run_scheduler(
    py: Python<'_>,
    host: &str,
    port: u16,
    policy_name: &str,
    executor_timeout: u64,
    ready: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let codecs = codecs(&without_python()?, None)?;
    let scheduler = Scheduler { codecs, policy: policy(policy_name)?, executor_timeout };
    let call = Call::begin(py)?;
    let listener = listen(&call, host, port)?;
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

/// Runs the tasks of a scheduler until the process is asked to end. `ports` are those for rows and for tasks.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "they are those of the command")]
pub(crate) fn run_executor(
    py: Python<'_>,
    session: &Bound<'_, PySessionContext>,
    address: &str,
    host: &str,
    ports: (u16, u16),
    work_dir: String,
    vcores: usize,
    policy_name: &str,
    store: Option<PathBuf>,
) -> PyResult<()> {
    let scheduler = Cluster::at(address)?;
    let (port, grpc_port) = ports;
    let executor = Executor {
        codecs: codecs(session.get().codecs(), store)?,
        scheduler_host: scheduler.host,
        scheduler_port: scheduler.port,
        grpc_port,
        work_dir: Some(work_dir),
        vcores,
        policy: policy(policy_name)?,
        measure: Some(counted_in_metrics),
    };
    let call = Call::begin(py)?;
    let listener = listen(&call, host, port)?;
    let place = format!("executor {}", listener.local_addr()?);
    pass_on_failures(move |failure| error::described(failure, &place));
    runtime::run(&call, async move { executor.run(listener).await.map_err(failed) })
}

fn failed(error: BallistaError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
