//! The scheduler and the executors, each of which is a process of its own.

use datafusion::error::DataFusionError;
use planwire_ballista::{BallistaError, Executor, Scheduler};
use planwire_python::pass_on_failures;
use pyo3::prelude::*;
use tokio::net::TcpListener;

use super::{codecs, policy};
use crate::host::call::Call;
use crate::host::{error, runtime};
use crate::session::PySessionContext;

/// Serves clients and executors until Ctrl-C. `ready` is called with the port.
#[pyfunction]
pub(crate) fn run_scheduler(
    py: Python<'_>,
    session: &Bound<'_, PySessionContext>,
    host: &str,
    port: u16,
    policy_name: &str,
    ready: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let scheduler = Scheduler { codecs: codecs(session.get().codecs())?, policy: policy(policy_name)? };
    let call = Call::begin(py)?;
    let address = (host.to_owned(), port);
    let listener = runtime::run(&call, async move { Ok(TcpListener::bind(address).await?) })?;
    ready.call1((listener.local_addr()?.port(),))?;
    runtime::run(&call, async move { scheduler.serve(listener).await.map_err(failed) })
}

/// Runs the tasks of a scheduler until the process is asked to end.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "they are those of the command")]
pub(crate) fn run_executor(
    py: Python<'_>,
    session: &Bound<'_, PySessionContext>,
    scheduler_host: String,
    scheduler_port: u16,
    host: String,
    ports: (u16, u16),
    vcores: usize,
    policy_name: &str,
) -> PyResult<()> {
    let place = format!("executor {host}:{}", ports.0);
    pass_on_failures(move |failure| error::described(failure, &place));
    let executor = Executor {
        codecs: codecs(session.get().codecs())?,
        scheduler_host,
        scheduler_port,
        bind_host: host,
        port: ports.0,
        grpc_port: ports.1,
        vcores,
        policy: policy(policy_name)?,
    };
    runtime::run(&Call::begin(py)?, async move { executor.run().await.map_err(failed) })
}

fn failed(error: BallistaError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
