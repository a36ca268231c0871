//! A query that runs on a cluster: given up by its client, it ends there too.

pub(crate) mod analyze;
mod watch;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use ballista_core::JobId;
use ballista_core::execution_plans::DistributedQueryExec;
use ballista_core::extension::SessionConfigExt;
use ballista_core::utils::GrpcClientConfig;
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
use futures::future::{BoxFuture, FutureExt as _};
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
    /// The error of a scheduler that does not know the query any more.
    lost: BoxFuture<'static, DataFusionError>,
    /// The error of the rows, while the scheduler is asked about it, and whether the job is over.
    explaining: Option<BoxFuture<'static, (DataFusionError, bool)>>,
    /// Whether the job is over, so that there is nothing to cancel.
    is_over: bool,
    has_ended: bool,
}

impl Stream for Rows {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let polled = ready!(self.poll_rows(cx));
        self.has_ended = !matches!(polled, Some(Ok(_)));
        Poll::Ready(polled)
    }
}

impl Rows {
    fn poll_rows(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<RecordBatch>>> {
        loop {
            if let Some(explaining) = &mut self.explaining {
                let (error, is_over) = ready!(explaining.poll_unpin(cx));
                self.is_over = is_over;
                return Poll::Ready(Some(Err(error)));
            }
            let error = match self.rows.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(rows))) => return Poll::Ready(Some(cast(rows, &self.rows.schema()))),
                Poll::Ready(Some(Err(error))) => error,
                Poll::Ready(None) => {
                    self.is_over = true;
                    return Poll::Ready(None);
                }
                Poll::Pending => {
                    let error = ready!(self.lost.poll_unpin(cx));
                    self.is_over = true;
                    return Poll::Ready(Some(Err(error)));
                }
            };
            if let Some(failure) = of_cluster(&error) {
                self.is_over = true;
                return Poll::Ready(Some(Err(failure)));
            }
            self.explaining = Some(self.query.clone().explain(error).boxed());
        }
    }
}

/// The failure that a scheduler or an executor has put into the text of an error.
fn of_cluster(error: &DataFusionError) -> Option<DataFusionError> {
    match error.find_root() {
        DataFusionError::Execution(text) => {
            Failure::find(text).map(|failure| DataFusionError::External(Box::new(failure)))
        }
        _ => None,
    }
}

impl RecordBatchStream for Rows {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // Without a runtime the process is ending, and there is nothing left to ask the scheduler with.
        if let (false, Some(job), Ok(runtime)) = (self.is_over, self.query.job(), Handle::try_current()) {
            runtime.spawn(self.query.clone().cancel(job));
        }
    }
}

impl ClusterQueryExec {
    /// The address of the scheduler, e.g. `http://localhost:50050`.
    pub(crate) fn scheduler(&self) -> &str {
        &self.scheduler
    }

    /// Which job of the scheduler it is, once it has been sent.
    pub(crate) fn job(&self) -> Option<JobId> {
        self.query.downcast_ref::<DistributedQueryExec<ClusterPlan>>()?.job_id()
    }

    /// Connects to the scheduler.
    ///
    /// # Errors
    ///
    /// The innermost cause.
    pub(crate) async fn connect(&self) -> Result<Channel, String> {
        let config = GrpcClientConfig::from(&self.config.ballista_config());
        let encrypting = self.config.ballista_override_create_grpc_client_endpoint();
        connect(&self.scheduler, &config, |endpoint| match encrypting {
            Some(encrypting) => encrypting.configure_endpoint(endpoint),
            None => Ok(endpoint),
        })
        .await
    }

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
        let lost = self.clone().lost().boxed();
        Ok(Box::pin(Rows {
            rows,
            query: self.clone(),
            lost,
            explaining: None,
            is_over: false,
            has_ended: false,
        }))
    }

    /// The plan of each stage with its metrics, after the query has run.
    pub(crate) async fn explained(&self, config: &SessionConfig) -> Result<String> {
        let query: Option<&DistributedQueryExec<ClusterPlan>> = self.query.downcast_ref();
        match query {
            Some(query) => query.explain_executed_plan(config, true).await,
            None => internal_err!("it is no query on a cluster"),
        }
    }
}
