//! Partitions: each partition of a plan may run in a process of its own, without knowledge of the others.

use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_expr::Partitioning;
use datafusion::physical_expr_common::physical_expr::is_volatile;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, PartitionMode};
use datafusion::physical_plan::limit::{GlobalLimitExec, LocalLimitExec};
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::streaming::StreamingTableExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};

/// Returns a plan with the same rows and as many partitions, each of which gives its own rows in any process.
///
/// As DataFusion plans them, partitions of one process share work: scans take each other's files, hash joins
/// wait for each other to know what to filter by, and the last one to end an outer join gives the rows that
/// none has matched. In a process each, they would give rows twice, not at all, or never end. What can be
/// divided beforehand is; where it cannot be, the first partition gives all rows and the others none.
///
/// # Errors
///
/// If DataFusion cannot rebuild the operators.
pub fn independent(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    if count(&plan) <= 1 {
        return Ok(plan);
    }
    match divided(&plan)? {
        Some(divided) => Ok(divided),
        None => in_the_first(plan),
    }
}

fn count(plan: &Arc<dyn ExecutionPlan>) -> usize {
    plan.output_partitioning().partition_count()
}

/// The plan with the work divided between its partitions; `None` if that is not possible.
fn divided(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if count(plan) <= 1 {
        return Ok(Some(Arc::clone(plan)));
    }
    if let Some(repartition) = plan.downcast_ref::<RepartitionExec>() {
        let input = repartition.input();
        if !gives_the_same_rows(input)? {
            return Ok(None);
        }
        if !matches!(repartition.partitioning(), Partitioning::RoundRobinBatch(_)) {
            return Ok(Some(Arc::clone(plan)));
        }
        // Batches are dealt out in turns, so each has to come from the same partition, in the same order.
        let dealt = if mixes(input) { None } else { divided(input)? };
        let again = dealt.map(|input| replace_children_if_necessary(Arc::clone(plan), vec![input]));
        return again.transpose();
    }
    if ends_together(plan) {
        return Ok(None);
    }
    let mut children = Vec::new();
    for child in plan.children() {
        let is_divided = plan.is::<UnionExec>() || count(child) == count(plan);
        children.push(match is_divided {
            true => divided(child)?,
            // Every partition runs all of it.
            false => gives_the_same_rows(child)?.then(|| Arc::clone(child)),
        });
    }
    let Some(children) = children.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
    let plan = own_part(plan).unwrap_or_else(|| Arc::clone(plan));
    replace_children_if_necessary(plan, children).map(Some)
}

/// The operator with its work divided, if its partitions share work and need not.
fn own_part(plan: &Arc<dyn ExecutionPlan>) -> Option<Arc<dyn ExecutionPlan>> {
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        let fills_a_filter = !join.dynamic_expressions_produced().is_empty();
        return fills_a_filter.then(|| join.builder().reset_state().build_exec().ok()).flatten();
    }
    let scan = plan.downcast_ref::<DataSourceExec>()?.data_source().downcast_ref::<FileScanConfig>()?;
    if scan.output_partitioning.is_some() {
        return None;
    }
    let mut scan = scan.clone();
    // A scan with declared partitions keeps them.
    scan.output_partitioning = Some(Partitioning::UnknownPartitioning(scan.file_groups.len()));
    Some(DataSourceExec::from_data_source(scan))
}

/// Whether the partitions have to share which rows of a common side they have matched.
fn ends_together(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let join_type = if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        (*join.partition_mode() == PartitionMode::CollectLeft).then(|| *join.join_type())
    } else {
        plan.downcast_ref::<NestedLoopJoinExec>().map(|join| *join.join_type())
    };
    use JoinType::{Full, Left, LeftAnti, LeftMark, LeftSemi};
    matches!(join_type, Some(Left | LeftSemi | LeftAnti | LeftMark | Full))
}

/// Whether a plan that runs as a whole in several processes gives each the same rows, in some order.
fn gives_the_same_rows(plan: &Arc<dyn ExecutionPlan>) -> Result<bool> {
    // Rows that one process has read from a pipe are lost to the others.
    if plan.is::<StreamingTableExec>() {
        return Ok(false);
    }
    let is_limit = plan.is::<GlobalLimitExec>() || plan.is::<LocalLimitExec>();
    if is_limit || plan.fetch().is_some() || is_any_volatile(plan)? {
        return Ok(false);
    }
    for child in plan.children() {
        if !gives_the_same_rows(child)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_any_volatile(plan: &Arc<dyn ExecutionPlan>) -> Result<bool> {
    let mut found = false;
    plan.apply_expressions(&mut |expr| {
        found |= is_volatile(expr);
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

/// Whether the order of a plan's rows depends on which of several partitions is faster.
fn mixes(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let merges = plan.is::<CoalescePartitionsExec>() || plan.is::<RepartitionExec>();
    let children = plan.children();
    (merges && children.iter().any(|child| count(child) > 1)) || children.into_iter().any(mixes)
}

/// A plan whose first partition gives all rows, and the others none.
fn in_the_first(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let others = EmptyExec::new(plan.schema()).with_partitions(count(&plan).saturating_sub(1));
    let all: Arc<dyn ExecutionPlan> = match plan.output_ordering().cloned() {
        Some(ordering) => Arc::new(SortPreservingMergeExec::new(ordering, plan)),
        None => Arc::new(CoalescePartitionsExec::new(plan)),
    };
    UnionExec::try_new(vec![all, Arc::new(others)])
}
