//! Counted operators: those that also measure what they give, and the functions written in Python that they call.

use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, Statistics};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{OrderingRequirements, PhysicalSortExpr};
use datafusion::physical_plan::execution_plan::{
    CardinalityEffect, InvariantLevel, ReplaceChildrenOptions, replace_children_if_necessary,
};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterDescription, FilterPushdownPhase, FilterPushdownPropagation,
};
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::proto::ExecutionPlanEncodeCtx;
use datafusion::physical_plan::sort_pushdown::SortOrderPushdownResult;
use datafusion::physical_plan::statistics::{ChildStats, StatisticsArgs};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, InputDistributionRequirements, PhysicalExpr,
    PlanProperties, RecordBatchStream, SendableRecordBatchStream,
};
use datafusion_proto::protobuf::PhysicalPlanNode;
use futures::Stream;
use planwire_python::figures::{Caller, Figures};

use super::output::Output;

/// A wrapper around an operator that measures it.
///
/// It is no node of its own: DataFusion, and our codecs, see the operator inside.
#[derive(Debug)]
struct Counted {
    operator: Arc<dyn ExecutionPlan>,
    figures: Arc<Figures>,
    output: Arc<Output>,
    /// The figures of the operator that it feeds.
    above: Option<Arc<Figures>>,
    tells_output: bool,
}

impl Output {
    /// Of an operator that is counted.
    pub(crate) fn of(plan: &Arc<dyn ExecutionPlan>) -> Option<&Self> {
        let plan: &dyn Any = &**plan;
        plan.downcast_ref().map(|counted: &Counted| &*counted.output)
    }
}

/// Makes every operator of a plan measure its output and the functions that it calls.
///
/// # Errors
///
/// Where DataFusion cannot put the operators together again.
pub(crate) fn counted(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    below(plan, None, false)
}

/// The same where only its metrics are seen: among those of an operator are the rows and batches that it gives, if it
/// has metrics.
///
/// # Errors
///
/// As [`counted`].
pub(crate) fn counted_in_metrics(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    below(plan, None, true)
}

fn below(
    plan: Arc<dyn ExecutionPlan>,
    above: Option<Arc<Figures>>,
    tells_output: bool,
) -> Result<Arc<dyn ExecutionPlan>> {
    // Counted anew, where it was before.
    let plan = match (&*plan as &dyn Any).downcast_ref::<Counted>() {
        Some(before) => Arc::clone(&before.operator),
        None => plan,
    };
    let figures = Arc::new(Figures::default());
    let children = plan.children().into_iter().map(Arc::clone);
    let children = children
        .map(|child| below(child, Some(Arc::clone(&figures)), tells_output))
        .collect::<Result<_>>()?;
    let operator = replace_children_if_necessary(plan, children)?;
    Ok(Arc::new(Counted { operator, figures, output: Arc::default(), above, tells_output }))
}

impl Counted {
    /// Measures a changed operator in the same way.
    fn of(&self, operator: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        let (figures, output) = (Arc::clone(&self.figures), Arc::clone(&self.output));
        Arc::new(Self {
            operator,
            figures,
            output,
            above: self.above.clone(),
            tells_output: self.tells_output,
        })
    }
}

impl DisplayAs for Counted {
    fn fmt_as(&self, t: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.operator.fmt_as(t, f)
    }
}

#[deny(clippy::missing_trait_methods)]
#[expect(deprecated, reason = "an operator may have the older methods only")]
impl ExecutionPlan for Counted {
    fn name(&self) -> &str {
        self.operator.name()
    }

    fn static_name() -> &'static str {
        "Counted"
    }

    fn downcast_delegate(&self) -> Option<&dyn ExecutionPlan> {
        Some(&*self.operator)
    }

    fn schema(&self) -> SchemaRef {
        self.operator.schema()
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.operator.properties()
    }

    fn check_invariants(&self, check: InvariantLevel) -> Result<()> {
        self.operator.check_invariants(check)
    }

    fn dynamic_expressions_produced(&self) -> Vec<Arc<dyn PhysicalExpr>> {
        self.operator.dynamic_expressions_produced()
    }

    fn required_input_distribution(&self) -> Vec<Distribution> {
        self.operator.required_input_distribution()
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        self.operator.input_distribution_requirements()
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        self.operator.required_input_ordering()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        self.operator.maintains_input_order()
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        self.operator.benefits_from_input_partitioning()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.operator.children()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.operator.apply_expressions(f)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self.of(Arc::clone(&self.operator).replace_children(children, options)?))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self.of(Arc::clone(&self.operator).with_new_children(children)?))
    }

    fn with_new_children_and_same_properties(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self.of(Arc::clone(&self.operator).with_new_children_and_same_properties(children)?))
    }

    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self.of(Arc::clone(&self.operator).reset_state()?))
    }

    fn repartitioned(
        &self,
        target_partitions: usize,
        config: &ConfigOptions,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        Ok(self.operator.repartitioned(target_partitions, config)?.map(|operator| self.of(operator)))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let of_partition = |figures: &Arc<Figures>| Caller::new(Arc::clone(figures), partition);
        let (caller, next) = (of_partition(&self.figures), self.above.as_ref().map(of_partition));
        let stream = caller.run(None, || self.operator.execute(partition, context))?;
        Ok(Box::pin(Counting { stream, caller, output: Arc::clone(&self.output), next }))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        let mut metrics = self.operator.metrics();
        if let (Some(metrics), true) = (&mut metrics, self.tells_output) {
            self.output.tell(metrics);
        }
        for metric in self.figures.metrics().iter() {
            metrics.get_or_insert_default().push(Arc::clone(metric));
        }
        metrics
    }

    fn partition_statistics(&self, partition: Option<usize>) -> Result<Arc<Statistics>> {
        self.operator.partition_statistics(partition)
    }

    fn statistics_from_inputs(
        &self,
        input_stats: &[Arc<Statistics>],
        args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        self.operator.statistics_from_inputs(input_stats, args)
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        self.operator.child_stats_requests(partition)
    }

    fn supports_limit_pushdown(&self) -> bool {
        self.operator.supports_limit_pushdown()
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        self.operator.with_fetch(limit).map(|operator| self.of(operator))
    }

    fn fetch(&self) -> Option<usize> {
        self.operator.fetch()
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        self.operator.cardinality_effect()
    }

    fn try_swapping_with_projection(
        &self,
        projection: &ProjectionExec,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        self.operator.try_swapping_with_projection(projection)
    }

    fn gather_filters_for_pushdown(
        &self,
        phase: FilterPushdownPhase,
        parent_filters: Vec<Arc<dyn PhysicalExpr>>,
        config: &ConfigOptions,
    ) -> Result<FilterDescription> {
        self.operator.gather_filters_for_pushdown(phase, parent_filters, config)
    }

    fn handle_child_pushdown_result(
        &self,
        phase: FilterPushdownPhase,
        child_pushdown_result: ChildPushdownResult,
        config: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let mut pushed = self.operator.handle_child_pushdown_result(phase, child_pushdown_result, config)?;
        pushed.updated_node = pushed.updated_node.map(|operator| self.of(operator));
        Ok(pushed)
    }

    fn with_new_state(&self, state: Arc<dyn Any + Send + Sync>) -> Option<Arc<dyn ExecutionPlan>> {
        self.operator.with_new_state(state).map(|operator| self.of(operator))
    }

    fn try_pushdown_sort(
        &self,
        order: &[PhysicalSortExpr],
    ) -> Result<SortOrderPushdownResult<Arc<dyn ExecutionPlan>>> {
        Ok(self.operator.try_pushdown_sort(order)?.map(|operator| self.of(operator)))
    }

    fn with_preserve_order(&self, preserve_order: bool) -> Option<Arc<dyn ExecutionPlan>> {
        self.operator.with_preserve_order(preserve_order).map(|operator| self.of(operator))
    }

    fn try_to_proto(&self, ctx: &ExecutionPlanEncodeCtx<'_>) -> Result<Option<PhysicalPlanNode>> {
        self.operator.try_to_proto(ctx)
    }
}

/// The batches of one partition of an operator, which runs whenever it is asked for the next.
struct Counting {
    stream: SendableRecordBatchStream,
    caller: Caller,
    output: Arc<Output>,
    /// The operator above, which may work on a batch in the same task.
    next: Option<Caller>,
}

impl Stream for Counting {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { stream, caller, output, next } = &mut *self;
        let polled = caller.run(next.as_ref(), || stream.as_mut().poll_next(context));
        if let Poll::Ready(Some(Ok(batch))) = &polled {
            output.add(batch);
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl RecordBatchStream for Counting {
    fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }
}
