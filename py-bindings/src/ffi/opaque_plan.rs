//! A plan that crosses the border as one piece.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use datafusion::common::Statistics;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{FutureExt as _, StreamExt as _};

use super::translation;

/// A plan whose inside is nobody else's business.
///
/// An optimizer that saw the children would put nodes of its own library among them. Those would then
/// be polled on threads of this library's runtime, where theirs is missing, and end the process.
#[derive(Debug)]
pub(super) struct Leaf {
    plan: Arc<dyn ExecutionPlan>,
    task: Option<Arc<TaskContext>>,
}

impl Leaf {
    /// A plan that runs with the memory and the functions of its own session.
    pub(super) fn of_session(plan: Arc<dyn ExecutionPlan>, task: Arc<TaskContext>) -> Self {
        Self { plan, task: Some(task) }
    }

    /// A plan that runs in the task context of its caller.
    pub(super) fn of_caller(plan: Arc<dyn ExecutionPlan>) -> Self {
        Self { plan, task: None }
    }
}

impl DisplayAs for Leaf {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.plan.name())
    }
}

impl ExecutionPlan for Leaf {
    fn name(&self) -> &'static str {
        "LeafExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.plan.properties()
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

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = reset_plan_states(Arc::clone(&self.plan))?;
        Ok(Arc::new(Self { plan, task: self.task.clone() }))
    }

    fn execute(&self, partition: usize, caller: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let task = self.task.clone().unwrap_or(caller);
        let stream = unwound(|| self.plan.execute(partition, task))?;
        let schema = stream.schema();
        let batches = AssertUnwindSafe(stream)
            .catch_unwind()
            .map(|polled| polled.unwrap_or_else(|panic| Err(translation::panicked(&*panic))));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        self.plan.metrics()
    }

    fn partition_statistics(&self, partition: Option<usize>) -> Result<Arc<Statistics>> {
        StatisticsContext::new().compute(&*self.plan, &StatisticsArgs::new().with_partition(partition))
    }
}

/// Does something whose panics must not reach the border.
pub(super) fn unwound<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    ended(catch_unwind(AssertUnwindSafe(work)))
}

/// Waits for something whose panics must not reach the border.
pub(super) async fn unwound_later<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    ended(AssertUnwindSafe(work).catch_unwind().await)
}

fn ended<T>(outcome: std::result::Result<Result<T>, Box<dyn Any + Send>>) -> Result<T> {
    outcome.unwrap_or_else(|panic| Err(translation::panicked(&*panic)))
}
