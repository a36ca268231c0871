//! Joins that are run where all rows are.

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{JoinType, Statistics, internal_err};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{Distribution, Partitioning, PhysicalExpr};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, PartitionMode};
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::statistics::{ChildStats, StatisticsArgs};
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, InputDistributionRequirements,
    PlanProperties,
};

/// A join that is one task where its partitions would have to share which rows they have matched.
///
/// Ballista runs each partition of the right side as a task with a left side of its own, and each would give the
/// rows of the left side that it has not matched. It minds that for some hash joins only.
#[derive(Debug)]
pub(crate) struct GatheredJoinExec {
    join: Arc<dyn ExecutionPlan>,
    join_type: JoinType,
}

impl GatheredJoinExec {
    /// Puts these in the place of the joins of a plan.
    pub(crate) fn gather(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let gathered = plan.transform_up(|node| match join_type(node.as_ref()) {
            // Its sides may be swapped without harm.
            None | Some(JoinType::Inner) => Ok(Transformed::no(node)),
            Some(join_type) => {
                let join = Self { join_type, join: node };
                join.gathered().map(Transformed::yes)
            }
        });
        Ok(gathered?.data)
    }

    /// The join with its right side in one partition, if that has to be, and its rows divided as they were.
    fn gathered(self) -> Result<Arc<dyn ExecutionPlan>> {
        let [left, right] = self.sides()?;
        if !self.ends_together() || right.output_partitioning().partition_count() == 1 {
            return Ok(Arc::new(self));
        }
        let before = self.join.output_partitioning().clone();
        let right: Arc<dyn ExecutionPlan> = Arc::new(CoalescePartitionsExec::new(right));
        let join = Arc::new(self.over(vec![left, right])?);
        Ok(match before {
            // What is above counts on the division. No order of such a join is counted on.
            Partitioning::Hash(..) => Arc::new(RepartitionExec::try_new(join, before)?),
            _ => join,
        })
    }

    fn ends_together(&self) -> bool {
        use JoinType::{Full, Left, LeftAnti, LeftMark, LeftSemi};
        matches!(self.join_type, Left | LeftSemi | LeftAnti | LeftMark | Full)
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

    /// The join that travelled alone, over its sides. Where it runs, it is one task already.
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

/// The type of a join of which each partition has a left side of its own; `None` for any other node.
fn join_type(plan: &dyn ExecutionPlan) -> Option<JoinType> {
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        return (*join.partition_mode() == PartitionMode::CollectLeft).then(|| *join.join_type());
    }
    plan.downcast_ref::<NestedLoopJoinExec>().map(|join| *join.join_type())
}

impl DisplayAs for GatheredJoinExec {
    fn fmt_as(&self, form: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gathered")?;
        self.join.fmt_as(form, f)
    }
}

impl ExecutionPlan for GatheredJoinExec {
    fn name(&self) -> &'static str {
        "GatheredJoinExec"
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
