//! The tasks of an executor: what fails in one says on which executor.

use std::collections::HashMap;
use std::fmt::{self, Debug, Display};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use ballista_core::JobId;
use ballista_core::client::BallistaClient;
use ballista_core::client_pool::{BallistaClientPool, PooledClient};
use ballista_core::error::{BallistaError, Result as BallistaResult};
use ballista_core::extension::BallistaConfigGrpcEndpoint;
use ballista_core::serde::protobuf::{
    RuntimeStatsReport, ShuffleWritePartition, TaskColumnStats, WindowStateReport,
};
use ballista_core::utils::GrpcClientConfig;
use ballista_executor::execution_engine::{DefaultExecutionEngine, ExecutionEngine, QueryStageExecutor};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::prelude::SessionConfig;
use planwire_registry::error::{Failure, OneLine, WireError, find_cause};

use crate::QUERY_FAILED;

/// The size limit, in bytes, of an error's text.
const LONGEST: usize = 8 * 1024;

/// How long a connection to another executor is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(30);

/// Ballista's engine, whose failures have the name of the executor.
pub(crate) struct NamedEngine {
    engine: DefaultExecutionEngine,
    place: Arc<str>,
}

impl NamedEngine {
    /// An engine of the executor that is called `place`.
    pub(crate) fn new(place: &str) -> Self {
        Self {
            engine: DefaultExecutionEngine::with_client_pool(Arc::new(Pool::default())),
            place: place.into(),
        }
    }
}

impl ExecutionEngine for NamedEngine {
    fn create_query_stage_exec(
        &self,
        job_id: JobId,
        stage_id: usize,
        task_id: usize,
        global_output_partition_ids: Vec<usize>,
        plan: Arc<dyn ExecutionPlan>,
        work_dir: &str,
        config: &SessionConfig,
    ) -> Result<Arc<dyn QueryStageExecutor>> {
        let ids = global_output_partition_ids;
        let stage =
            self.engine.create_query_stage_exec(job_id, stage_id, task_id, ids, plan, work_dir, config)?;
        Ok(Arc::new(NamedStage { stage, place: Arc::clone(&self.place) }))
    }
}

/// A stage of a query whose failures have the name of the executor.
#[derive(Debug)]
struct NamedStage {
    stage: Arc<dyn QueryStageExecutor>,
    place: Arc<str>,
}

impl Display for NamedStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.stage, f)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl QueryStageExecutor for NamedStage {
    async fn execute_query_stage(
        &self,
        task_id: usize,
        context: Arc<TaskContext>,
    ) -> Result<Vec<ShuffleWritePartition>> {
        let written = self.stage.execute_query_stage(task_id, context).await;
        written.map_err(|error| named(error, &self.place))
    }

    fn collect_plan_metrics(&self) -> Vec<MetricsSet> {
        self.stage.collect_plan_metrics()
    }

    fn collect_runtime_stats_reports(&self) -> Vec<RuntimeStatsReport> {
        self.stage.collect_runtime_stats_reports()
    }

    fn collect_window_state_reports(&self) -> Result<Vec<WindowStateReport>> {
        self.stage.collect_window_state_reports()
    }

    fn collect_column_stats(&self) -> Vec<TaskColumnStats> {
        self.stage.collect_column_stats()
    }
}

/// The failure of a task at a place, unless it has one already or the scheduler has to know its kind.
fn named(error: DataFusionError, place: &str) -> DataFusionError {
    let disk = fault_of_files(&error).filter(|fault| is_full(fault.kind()));
    if disk.is_none() && is_for_scheduler(&error) || Failure::find(&error.to_string()).is_some() {
        return error;
    }
    if let Some(wire) = WireError::find(&error) {
        return Failure::of(wire, place).into();
    }
    let (message, help) = match disk {
        Some(disk) => (
            format!("an executor has no room on its disk for the rows of a query: {disk}"),
            "make room where the executor has its working directory or where the query writes, or have fewer rows \
             cross between stages",
        ),
        None => (
            OneLine::new(&error, LONGEST).to_string(),
            "the text is DataFusion's own: compare the query with the tables and functions of the session",
        ),
    };
    let (code, help, place) = (QUERY_FAILED.to_owned(), help.to_owned(), place.to_owned());
    Failure { message, code, help, place, cause: Vec::new() }.into()
}

/// Whether Ballista does something about it, such as running another task again whose rows are gone.
fn is_for_scheduler(error: &DataFusionError) -> bool {
    match (error.find_root(), find_cause::<BallistaError>(error)) {
        (DataFusionError::IoError(_), _) => true,
        (_, Some(BallistaError::DataFusionError(inner))) => is_for_scheduler(inner),
        (_, Some(BallistaError::FetchFailed(..) | BallistaError::IoError(_) | BallistaError::Cancelled)) => {
            true
        }
        _ => false,
    }
}

/// What the system says of a file. Ballista's errors do not tell their causes.
fn fault_of_files(error: &DataFusionError) -> Option<&io::Error> {
    match find_cause::<BallistaError>(error) {
        Some(BallistaError::IoError(fault)) => Some(fault),
        Some(BallistaError::ArrowError(inner)) => find_cause(inner.as_ref()),
        Some(BallistaError::DataFusionError(inner)) => fault_of_files(inner),
        _ => find_cause(error),
    }
}

fn is_full(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

/// Connections to other executors; Ballista's own pool is not public.
#[derive(Default)]
struct Pool {
    idle: Arc<Mutex<Idle>>,
}

type Idle = HashMap<(String, u16, GrpcClientConfig), Vec<(Instant, BallistaClient)>>;

impl Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pool")
    }
}

#[async_trait]
impl BallistaClientPool for Pool {
    async fn acquire(
        &self,
        host: &str,
        port: u16,
        config: &GrpcClientConfig,
        customize_endpoint: Option<Arc<BallistaConfigGrpcEndpoint>>,
    ) -> BallistaResult<PooledClient> {
        let key = (host.to_owned(), port, config.clone());
        let idle = self.with_idle(|idle| idle.get_mut(&key)?.pop());
        let client = match idle {
            Some((_, client)) => client,
            None => {
                BallistaClient::try_new(
                    host,
                    port,
                    config.max_message_size,
                    config.use_tls,
                    customize_endpoint,
                    config.io_retries_times,
                    config.io_retry_wait_time_ms,
                    config.initial_connection_window_size,
                    config.initial_stream_window_size,
                )
                .await?
            }
        };
        let pool = Self { idle: Arc::clone(&self.idle) };
        let keep =
            move |client| pool.with_idle(|idle| idle.entry(key).or_default().push((Instant::now(), client)));
        Ok(PooledClient::new(client, Box::new(keep)))
    }

    async fn evict_idle(&self) {
        self.with_idle(|_| ());
    }
}

impl Pool {
    /// Does something with the connections that nobody uses, after those have gone that were not used for long.
    fn with_idle<T>(&self, act: impl FnOnce(&mut Idle) -> T) -> T {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|_, clients| {
            clients.retain(|(since, _)| since.elapsed() < IDLE);
            !clients.is_empty()
        });
        act(&mut idle)
    }
}
