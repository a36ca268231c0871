//! The executors of which a scheduler hears.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ballista_core::serde::protobuf::executor_status::Status;
use ballista_core::serde::protobuf::failed_task::FailedReason;
use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpc;
use ballista_core::serde::protobuf::task_status::Status as TaskStatusKind;
use ballista_core::serde::protobuf::{
    ExecutionError, ExecutorHeartbeat, FailedTask, TaskStatus, UpdateTaskStatusParams,
};
use ballista_core::utils::get_time_before;
use ballista_scheduler::cluster::ClusterState;
use ballista_scheduler::scheduler_server::SchedulerServer;
use ballista_scheduler::state::execution_stage::{ExecutionStage, TaskInfo};
use datafusion::error::{DataFusionError, Result};
use datafusion_proto::logical_plan::AsLogicalPlan;
use datafusion_proto::physical_plan::AsExecutionPlan;
use planwire_registry::error::Failure;
use tokio::time;
use tonic::Request;

use crate::{MESSAGE, QUERY_FAILED};

/// How often a query that waits for an executor looks for one.
const PAUSE: Duration = Duration::from_millis(100);

/// How often the parts of queries are looked at that were lost with their executors.
const LOOK: Duration = Duration::from_secs(1);

/// After how many lost executors a part of a query is given up, as after as many failures that may pass.
const MOST_LOST: usize = 3;

/// Bytes of a message besides the plans in it.
const MARGIN: u32 = 1024 * 1024;

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

/// Has a query fail with which executor after executor is lost, such as one whose function ends its process. Ballista
/// would go on as long as somebody starts executors again.
pub(crate) async fn end_losses<P, Q>(scheduler: SchedulerServer<P, Q>)
where
    P: AsLogicalPlan + 'static,
    Q: AsExecutionPlan + 'static,
{
    loop {
        time::sleep(LOOK).await;
        let running = scheduler.state.task_manager.get_running_job_cache();
        for (job, cached) in running.iter() {
            let graph = cached.execution_graph.read().await;
            let given_up = graph.stages().values().find_map(|stage| given_up(job.as_str(), stage));
            drop(graph);
            if let Some(report) = given_up {
                // An executor that has ended meanwhile is unknown, and the next one is looked at.
                drop(SchedulerGrpc::update_task_status(&scheduler, Request::new(report)).await);
            }
        }
    }
}

/// What the executor of a task would report, if it failed, for one that others were lost with before.
fn given_up(job: &str, stage: &ExecutionStage) -> Option<UpdateTaskStatusParams> {
    let ExecutionStage::Running(stage) = stage else { return None };
    let tasks = &stage.task_infos;
    let mut running = tasks.iter().filter_map(|task| match &task.task_status {
        TaskStatusKind::Running(running) => Some((task, running.executor_id.clone())),
        _ => None,
    });
    let (task, executor_id) = running.find(|(task, _)| {
        let has_part = |lost: &&TaskInfo| {
            lost.global_input_partition_ids.iter().any(|part| task.global_input_partition_ids.contains(part))
        };
        tasks.iter().filter(|other| is_lost(other)).filter(has_part).count() >= MOST_LOST
    })?;
    let message =
        format!("{MOST_LOST} executors were lost one after another while they ran a part of the query");
    let help = "see how the executors have ended: a function of the query may end its process, or need more memory \
                than there is";
    let failed = FailedTask {
        error: failed(message, help).to_string(),
        retryable: false,
        count_to_failures: false,
        failed_reason: Some(FailedReason::ExecutionError(ExecutionError {})),
    };
    let status = TaskStatus {
        task_id: u32::try_from(task.task_id).ok()?,
        job_id: job.to_owned(),
        stage_id: u32::try_from(stage.stage_id).ok()?,
        stage_attempt_num: u32::try_from(stage.stage_attempt_num).ok()?,
        status: Some(TaskStatusKind::Failed(failed)),
        ..TaskStatus::default()
    };
    Some(UpdateTaskStatusParams { executor_id, task_status: vec![status] })
}

fn is_lost(task: &TaskInfo) -> bool {
    match &task.task_status {
        TaskStatusKind::Failed(failed) => matches!(failed.failed_reason, Some(FailedReason::ResultLost(_))),
        _ => false,
    }
}
