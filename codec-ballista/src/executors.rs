//! The executors of which a scheduler hears.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ballista_core::serde::protobuf::ExecutorHeartbeat;
use ballista_core::serde::protobuf::executor_status::Status;
use ballista_core::utils::get_time_before;
use ballista_scheduler::cluster::ClusterState;
use datafusion::error::{DataFusionError, Result};
use planwire_registry::error::Failure;
use tokio::time;

use crate::MESSAGE;

/// How often a query that waits for an executor looks for one.
const PAUSE: Duration = Duration::from_millis(100);

/// Bytes of a message besides the plans in it.
const MARGIN: u32 = 1024 * 1024;

/// The code of a query that cannot run.
const QUERY_FAILED: &str = "PW-X001";

/// The executors of a cluster.
#[derive(Clone)]
pub(crate) struct Executors {
    cluster: Arc<OnceLock<Arc<dyn ClusterState>>>,
    timeout: u64,
}

impl Executors {
    /// Executors count as lost after `timeout` seconds.
    pub(crate) fn new(timeout: u64) -> Self {
        Self { cluster: Arc::default(), timeout }
    }

    /// Says where the scheduler keeps what it hears, which it knows only after its planner is made.
    pub(crate) fn are_of(&self, cluster: Arc<dyn ClusterState>) {
        drop(self.cluster.set(cluster));
    }

    /// Waits until there is an executor.
    ///
    /// Ballista lets a query wait for ever where there has never been one, or no more when it is planned.
    ///
    /// # Errors
    ///
    /// If there is none after the timeout.
    pub(crate) async fn wait(&self) -> Result<()> {
        let waiting = async {
            while !self.is_any_there() {
                time::sleep(PAUSE).await;
            }
        };
        time::timeout(Duration::from_secs(self.timeout), waiting).await.map_err(|_| {
            let message = format!(
                "the cluster has no executors to run the query, and none has come within {} seconds",
                self.timeout
            );
            failed(
                message,
                "start executors that name this scheduler, and see what those say that have ended",
            )
        })
    }

    /// Checks the size, in bytes, of a plan: an executor is sent it once for each of its vcores at a time, and
    /// Ballista takes one for lost that is sent more than it takes.
    ///
    /// # Errors
    ///
    /// If it is too large for one of the executors.
    pub(crate) async fn check_size(&self, size: usize) -> Result<()> {
        let Some(cluster) = self.cluster.get() else { return Ok(()) };
        let executors = cluster.registered_executor_metadata().await;
        let vcores = executors.iter().map(|executor| executor.specification.vcores).max().unwrap_or(1);
        let most = (MESSAGE - MARGIN) / vcores.max(1);
        if size <= most as usize {
            return Ok(());
        }
        let message = format!(
            "the plan of the query takes up to {size} bytes, and an executor that works on {vcores} partitions at a time \
             takes up to {most}"
        );
        let help = "read tables from files rather than from memory, have fewer vcores for each executor, or give \
                    the session a store for its functions";
        Err(failed(message, help))
    }

    fn is_any_there(&self) -> bool {
        let since = get_time_before(self.timeout);
        let heartbeats = self.cluster.get().map(|cluster| cluster.executor_heartbeats()).unwrap_or_default();
        heartbeats.values().any(|heard| heard.timestamp > since && is_active(heard))
    }
}

fn failed(message: String, help: &str) -> DataFusionError {
    let (code, place) = (QUERY_FAILED.to_owned(), "the scheduler".to_owned());
    Failure { message, code, help: help.to_owned(), place, cause: Vec::new() }.into()
}

/// An executor that asks for its tasks says nothing of its status.
fn is_active(heard: &ExecutorHeartbeat) -> bool {
    let status = heard.status.as_ref().and_then(|status| status.status.as_ref());
    matches!(status, None | Some(Status::Active(_)))
}
