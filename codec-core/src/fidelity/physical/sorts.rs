//! Partial sorts, for which DataFusion's protobuf has no message: each travels as a full sort, with the number
//! of expressions that make the groups.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::physical_expr::LexOrdering;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::sorts::partial_sort::PartialSortExec;
use datafusion::physical_plan::sorts::partitioned_topk::{PartitionedTopKExec, WindowFnKind};
use datafusion::physical_plan::sorts::sort::SortExec;

use crate::fidelity::physical::kept::{What, Whole};

/// The first rows of each group, by the rank that a window function gives them.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FirstRows {
    /// How many of the expressions make the groups.
    #[prost(uint64, tag = "1")]
    grouping: u64,
    #[prost(uint64, tag = "2")]
    fetch: u64,
    /// Whether all rows that tie for the last place are kept.
    #[prost(bool, tag = "3")]
    ranked: bool,
}

/// A sort of rows that are already sorted by the first expressions.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Rest {
    #[prost(uint64, tag = "1")]
    sorted: u64,
}

/// The payload for such a sort, and the full sort that carries it; `None` for any other node.
pub(crate) fn whole(plan: &Arc<dyn ExecutionPlan>) -> Option<Whole> {
    let in_place_of = |expr: &LexOrdering, input: &Arc<dyn ExecutionPlan>| {
        SortExec::new(expr.clone(), Arc::clone(input)).with_preserve_partitioning(true)
    };
    if let Some(rows) = plan.downcast_ref::<PartitionedTopKExec>() {
        let ranked = match rows.fn_kind() {
            WindowFnKind::RowNumber => false,
            WindowFnKind::Rank => true,
        };
        let (grouping, fetch) = (rows.partition_prefix_len() as u64, rows.fetch() as u64);
        let sort = in_place_of(rows.expr(), rows.input());
        return Some((What::FirstRows(FirstRows { grouping, fetch, ranked }), vec![Arc::new(sort)]));
    }
    let part = plan.downcast_ref::<PartialSortExec>()?;
    let sort = in_place_of(part.expr(), part.input()).with_fetch(part.fetch());
    let sort = sort.with_preserve_partitioning(part.preserve_partitioning());
    Some((What::Rest(Rest { sorted: part.common_prefix_length() as u64 }), vec![Arc::new(sort)]))
}

/// Rebuilds the first rows of each group; `None` if the input is not as it was written.
pub(crate) fn first_rows(
    kept: &FirstRows,
    inputs: &[Arc<dyn ExecutionPlan>],
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    // DataFusion panics over a heap for no rows.
    let sort = sort_by_more_than(kept.grouping, inputs).filter(|_| kept.fetch > 0);
    let Some(sort) = sort else { return Ok(None) };
    let (Ok(grouping), Ok(fetch)) = (usize::try_from(kept.grouping), usize::try_from(kept.fetch)) else {
        return Ok(None);
    };
    let kind = if kept.ranked { WindowFnKind::Rank } else { WindowFnKind::RowNumber };
    let (input, expr) = (Arc::clone(sort.input()), sort.expr().clone());
    Ok(Some(Arc::new(PartitionedTopKExec::try_new(input, expr, grouping, fetch, kind)?)))
}

/// Rebuilds the sort of sorted rows; `None` if the input is not as it was written.
pub(crate) fn rest(kept: &Rest, inputs: &[Arc<dyn ExecutionPlan>]) -> Option<Arc<dyn ExecutionPlan>> {
    let sort = sort_by_more_than(kept.sorted, inputs)?;
    let (input, expr) = (Arc::clone(sort.input()), sort.expr().clone());
    let part = PartialSortExec::new(expr, input, usize::try_from(kept.sorted).ok()?);
    let part = part.with_fetch(sort.fetch()).with_preserve_partitioning(sort.preserve_partitioning());
    Some(Arc::new(part))
}

/// The sort that is the only input, if `first` is above zero and the sort has more expressions.
fn sort_by_more_than(first: u64, inputs: &[Arc<dyn ExecutionPlan>]) -> Option<&SortExec> {
    let [sort] = inputs else { return None };
    let sort = sort.downcast_ref::<SortExec>()?;
    (0 < first && first < sort.expr().len() as u64).then_some(sort)
}
