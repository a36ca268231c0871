//! A query that runs on a cluster: given up by its client, it ends there too.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use ballista_core::JobId;
use ballista_core::error::BallistaError;
use ballista_core::execution_plans::DistributedQueryExec;
use ballista_core::extension::SessionConfigExt;
use ballista_core::serde::protobuf::CancelJobParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::utils::GrpcClientConfig;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use datafusion::prelude::SessionConfig;
use futures::future::BoxFuture;
use futures::{FutureExt as _, Stream};
use planwire_registry::error::Failure;
use tokio::runtime::Handle;
use tonic::transport::Channel;

use crate::ClusterPlan;
use crate::connection::connect;
use crate::dictionaries::cast;

/// Sends a query to the scheduler and reads its rows; the job is cancelled when nobody reads them any more.
#[derive(Debug, Clone)]
pub(crate) struct ClusterQueryExec {
    scheduler: String,
    config: SessionConfig,
    query: Arc<dyn ExecutionPlan>,
}

impl ClusterQueryExec {
    /// Watches over Ballista's node for a query. Any other node, such as that of `EXPLAIN`, stays as it is.
    pub(crate) fn over(
        query: Arc<dyn ExecutionPlan>,
        scheduler: &str,
        config: &SessionConfig,
    ) -> Arc<dyn ExecutionPlan> {
        if query.is::<DistributedQueryExec<ClusterPlan>>() {
            Arc::new(Self { scheduler: scheduler.to_owned(), config: config.clone(), query })
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

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = self.query.execute(partition, task)?;
        Ok(Box::pin(Rows { rows, query: self.clone(), is_over: false, asking: None }))
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
    /// Finds out why the scheduler was not reached.
    asking: Option<BoxFuture<'static, DataFusionError>>,
}

impl Stream for Rows {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.asking.is_none() {
            let polled = ready!(self.rows.as_mut().poll_next(cx));
            self.is_over |= matches!(polled, None | Some(Err(_)));
            match polled {
                Some(Err(error)) if is_unreachable(&error) => {
                    self.asking = Some(self.query.clone().unreachable(error).boxed());
                }
                rows => {
                    let schema = self.rows.schema();
                    return Poll::Ready(
                        rows.map(|rows| rows.map_err(of_cluster).and_then(|rows| cast(rows, &schema))),
                    );
                }
            }
        }
        let Some(asking) = &mut self.asking else { return Poll::Ready(None) };
        let error = ready!(asking.poll_unpin(cx));
        self.asking = None;
        Poll::Ready(Some(Err(error)))
    }
}

/// Whether Ballista did not reach its scheduler, for which it has the form of another library's error.
fn is_unreachable(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::Execution(text) if text.contains("tonic::transport::Error("))
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
        let query: Option<&DistributedQueryExec<ClusterPlan>> = self.query.query.downcast_ref();
        let job = query.and_then(DistributedQueryExec::job_id);
        // Without a runtime the process is ending, and there is nothing left to ask the scheduler with.
        if let (false, Some(job), Ok(runtime)) = (self.is_over, job, Handle::try_current()) {
            runtime.spawn(self.query.clone().cancel(job));
        }
    }
}

impl ClusterQueryExec {
    async fn connect(&self) -> std::result::Result<SchedulerGrpcClient<Channel>, BallistaError> {
        let config = GrpcClientConfig::from(&self.config.ballista_config());
        let encrypting = self.config.ballista_override_create_grpc_client_endpoint();
        connect(&self.scheduler, &config, |endpoint| match encrypting {
            Some(encrypting) => encrypting.configure_endpoint(endpoint),
            None => Ok(endpoint),
        })
        .await
    }

    /// Says why the scheduler was not reached, if it still is not.
    async fn unreachable(self, error: DataFusionError) -> DataFusionError {
        match self.connect().await {
            Ok(_) => error,
            Err(BallistaError::GrpcConnectionError(text)) => DataFusionError::Execution(text),
            Err(other) => DataFusionError::Execution(other.to_string()),
        }
    }

    async fn cancel(self, job: JobId) {
        let Ok(mut scheduler) = self.connect().await else { return };
        let cancelled = CancelJobParams { job_id: job.to_string() };
        // A scheduler that does not answer has ended, and the job with it.
        drop(scheduler.cancel_job(cancelled).await);
    }
}
