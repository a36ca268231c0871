//! Joins of which each task has the whole left side.

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{JoinType, Statistics, internal_err};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{Distribution, PhysicalExpr};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, PartitionMode};
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::statistics::{ChildStats, StatisticsArgs};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, InputDistributionRequirements,
    PlanProperties,
};

/// A join of which Ballista runs each partition of the right side as a task, with all of the left side.
///
/// - Each task would give the rows of the left side that it has not matched: such a join is gathered in one task.
/// - Each would compute the left side for itself, and get other rows of one with a limit or a volatile function: the
///   left side is made a stage of its own.
/// - Ballista swaps the sides of joins that it knows when a stage before them has ended, and then runs them in each
///   task of a union: it does not know these.
#[derive(Debug)]
pub(crate) struct CollectingJoinExec {
    join: Arc<dyn ExecutionPlan>,
    join_type: JoinType,
}

impl CollectingJoinExec {
    /// Puts these in the place of the joins of a plan.
    pub(crate) fn mend(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let mended = plan.transform_up(|node| match join_type(node.as_ref()) {
            Some(join_type) => {
                let join = Self { join_type, join: node };
                Ok(Transformed::yes(Arc::new(join.mended()?)))
            }
            None => Ok(Transformed::no(node)),
        });
        Ok(mended?.data)
    }

    /// The join with both sides computed once.
    fn mended(self) -> Result<Self> {
        let [left, right] = self.sides()?;
        if right.output_partitioning().partition_count() == 1 {
            return Ok(self);
        }
        if self.ends_together() {
            return self.over(vec![left, Arc::new(CoalescePartitionsExec::new(right))]);
        }
        // Ballista begins a stage below such a node.
        match left.is::<CoalescePartitionsExec>() && left.fetch().is_none() {
            true => Ok(self),
            false => self.over(vec![Arc::new(CoalescePartitionsExec::new(left)), right]),
        }
    }

    fn ends_together(&self) -> bool {
        ends_together(self.join_type)
    }

    fn sides(&self) -> Result<[Arc<dyn ExecutionPlan>; 2]> {
        match *self.join.children() {
            [left, right] => Ok([Arc::clone(left), Arc::clone(right)]),
            _ => internal_err!("a join has two sides"),
        }
    }

    fn over(&self, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        if children.len() != 2 {
            return internal_err!("a join has two sides");
        }
        let join = replace_children_if_necessary(Arc::clone(&self.join), children)?;
        Ok(Self { join, join_type: self.join_type })
    }

    /// The join over nothing: how it travels, with its sides beside it.
    pub(crate) fn alone(&self) -> Result<Arc<dyn ExecutionPlan>> {
        let empty = |side: &Arc<dyn ExecutionPlan>| Arc::new(EmptyExec::new(side.schema())) as _;
        Ok(self.over(self.sides()?.iter().map(empty).collect())?.join)
    }

    /// The join that travelled alone, over its sides.
    pub(crate) fn arrived(
        alone: Arc<dyn ExecutionPlan>,
        sides: &[Arc<dyn ExecutionPlan>],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match join_type(alone.as_ref()) {
            Some(_) if sides.len() == 2 => replace_children_if_necessary(alone, sides.to_vec()),
            _ => internal_err!("it is no join of two sides"),
        }
    }
}

/// The type of a join by any condition, or of a hash join that Ballista does not look after; `None` for any other
/// node.
fn join_type(plan: &dyn ExecutionPlan) -> Option<JoinType> {
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        let collects = *join.partition_mode() == PartitionMode::CollectLeft;
        return Some(*join.join_type()).filter(|join_type| collects && ends_together(*join_type));
    }
    match plan.downcast_ref::<NestedLoopJoinExec>() {
        Some(join) => Some(*join.join_type()),
        None => plan.is::<CrossJoinExec>().then_some(JoinType::Inner),
    }
}

/// Whether partitions of the right side have to share which rows of the left side they have matched.
const fn ends_together(join_type: JoinType) -> bool {
    use JoinType::{Full, Left, LeftAnti, LeftMark, LeftSemi};
    matches!(join_type, Left | LeftSemi | LeftAnti | LeftMark | Full)
}

impl DisplayAs for CollectingJoinExec {
    fn fmt_as(&self, form: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collecting")?;
        self.join.fmt_as(form, f)
    }
}

impl ExecutionPlan for CollectingJoinExec {
    fn name(&self) -> &'static str {
        "CollectingJoinExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.join.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.join.children()
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.join.apply_expressions(visit)
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        if self.ends_together() {
            InputDistributionRequirements::new(vec![Distribution::SinglePartition; 2])
        } else {
            self.join.input_distribution_requirements()
        }
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        self.join.maintains_input_order()
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(self.over(children)?))
    }

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.join.execute(partition, task)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        self.join.metrics()
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        self.join.child_stats_requests(partition)
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        args: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        self.join.statistics_from_inputs(inputs, args)
    }
}
