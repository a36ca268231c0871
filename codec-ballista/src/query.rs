//! A query that runs on a cluster: given up by its client, it ends there too.

pub(crate) mod analyze;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ballista_core::JobId;
use ballista_core::config::BallistaConfig;
use ballista_core::execution_plans::DistributedQueryExec;
use ballista_core::serde::protobuf::CancelJobParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::utils::{GrpcClientConfig, create_grpc_client_endpoint};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::format::{ExplainAnalyzeCategories, MetricType};
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use datafusion::prelude::SessionConfig;
use futures::Stream;
use planwire_registry::error::Failure;
use tokio::runtime::Handle;

use crate::ClusterPlan;
use crate::dictionaries::cast;

/// Sends a query to the scheduler and reads its rows; the job is cancelled when nobody reads them any more.
#[derive(Debug, Clone)]
pub(crate) struct ClusterQueryExec {
    scheduler: String,
    config: BallistaConfig,
    query: Arc<dyn ExecutionPlan>,
}

impl ClusterQueryExec {
    /// Watches over Ballista's node for a query. Any other node, such as that of `EXPLAIN`, stays as it is.
    pub(crate) fn over(
        query: Arc<dyn ExecutionPlan>,
        scheduler: &str,
        config: BallistaConfig,
    ) -> Arc<dyn ExecutionPlan> {
        if query.is::<DistributedQueryExec<ClusterPlan>>() {
            Arc::new(Self { scheduler: scheduler.to_owned(), config, query })
        } else {
            query
        }
    }
}

impl DisplayAs for ClusterQueryExec {
    fn fmt_as(&self, form: DisplayFormatType, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.query.fmt_as(form, f)
    }
}

impl ExecutionPlan for ClusterQueryExec {
    fn name(&self) -> &'static str {
        "ClusterQueryExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.query.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { internal_err!("a query on a cluster has no inputs") }
    }

    fn execute(&self, _: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.measured(&task, MetricType::Dev, ExplainAnalyzeCategories::All)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        self.query.metrics()
    }
}

/// The rows of a query.
struct Rows {
    rows: SendableRecordBatchStream,
    query: ClusterQueryExec,
    is_over: bool,
}

impl Stream for Rows {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.rows.as_mut().poll_next(cx);
        self.is_over |= matches!(polled, Poll::Ready(None | Some(Err(_))));
        let schema = self.rows.schema();
        polled.map(|rows| rows.map(|rows| rows.map_err(of_cluster).and_then(|rows| cast(rows, &schema))))
    }
}

/// The failure that a scheduler or an executor has put into the text of an error.
fn of_cluster(error: DataFusionError) -> DataFusionError {
    match error.find_root() {
        DataFusionError::Execution(text) => {
            Failure::find(text).map(|failure| DataFusionError::External(Box::new(failure)))
        }
        _ => None,
    }
    .unwrap_or(error)
}

impl RecordBatchStream for Rows {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        let job = self.query.job();
        // Without a runtime the process is ending, and there is nothing left to ask the scheduler with.
        if let (false, Some(job), Ok(runtime)) = (self.is_over, job, Handle::try_current()) {
            runtime.spawn(self.query.clone().cancel(job));
        }
    }
}

impl ClusterQueryExec {
    /// Runs the query, of which executors tell these metrics.
    pub(crate) fn measured(
        &self,
        task: &TaskContext,
        level: MetricType,
        categories: ExplainAnalyzeCategories,
    ) -> Result<SendableRecordBatchStream> {
        let mut config = task.session_config().clone();
        let explain = &mut config.options_mut().explain;
        (explain.analyze_level, explain.analyze_categories) = (level, categories);
        // Of the task, Ballista takes the options only.
        let task = TaskContext::default().with_session_config(config);
        let rows = self.query.execute(0, Arc::new(task))?;
        Ok(Box::pin(Rows { rows, query: self.clone(), is_over: false }))
    }

    /// The job that the query is, after the scheduler has taken it.
    pub(crate) fn job(&self) -> Option<JobId> {
        let query: &DistributedQueryExec<ClusterPlan> = self.query.downcast_ref()?;
        query.job_id()
    }

    /// The address of the scheduler, and how to connect to it.
    pub(crate) fn place(&self) -> (&str, &BallistaConfig) {
        (&self.scheduler, &self.config)
    }

    /// The plan of each stage with its metrics, after the query has run.
    pub(crate) async fn explained(&self, config: &SessionConfig) -> Result<String> {
        let query: Option<&DistributedQueryExec<ClusterPlan>> = self.query.downcast_ref();
        match query {
            Some(query) => query.explain_executed_plan(config, true).await,
            None => internal_err!("it is no query on a cluster"),
        }
    }

    async fn cancel(self, job: JobId) {
        let config = GrpcClientConfig::from(&self.config);
        let Ok(endpoint) = create_grpc_client_endpoint(self.scheduler, Some(&config)) else { return };
        let Ok(connection) = endpoint.connect().await else { return };
        let cancelled = CancelJobParams { job_id: job.to_string() };
        // A scheduler that does not answer has ended, and the job with it.
        drop(SchedulerGrpcClient::new(connection).cancel_job(cancelled).await);
    }
}
