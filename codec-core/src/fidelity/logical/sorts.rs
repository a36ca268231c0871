//! Sorts, whose expressions DataFusion reads once more as those of the node below: a column that the node below
//! calls by another name would become that one.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::logical_expr::logical_plan::Sort;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, SortExpr};

use crate::fidelity::logical::node::StandInNode;
use crate::fidelity::logical::payload::{Direction, KeptNode, SortBy};
use crate::fidelity::malformed_node;

/// Whether a receiver would sort by something else.
pub(crate) fn is_lost(sort: &Sort) -> bool {
    let input = LogicalPlanBuilder::new_from_arc(Arc::clone(&sort.input));
    let read = input.sort_with_limit(sort.expr.clone(), sort.fetch).and_then(LogicalPlanBuilder::build);
    let Ok(LogicalPlan::Sort(read)) = read else { return true };
    // The name of what rows are sorted by is of no account.
    let same = |(read, own): (SortExpr, &SortExpr)| read.expr.unalias() == own.expr.clone().unalias();
    read.expr.len() != sort.expr.len() || !read.expr.into_iter().zip(&sort.expr).all(same)
}

/// The stand-in of a sort.
pub(crate) fn stand_in(sort: &Sort) -> StandInNode {
    let direction = |by: &SortExpr| Direction { asc: by.asc, nulls_first: by.nulls_first };
    let fetch = sort.fetch.map(|fetch| fetch as u64);
    let kept = SortBy { fetch, directions: sort.expr.iter().map(direction).collect() };
    let exprs = sort.expr.iter().map(|by| by.expr.clone()).collect();
    let input = sort.input.as_ref().clone();
    StandInNode::leaving(KeptNode::Sort(kept), exprs, vec![input], sort.input.schema())
}

/// The sort with what was kept of it.
pub(crate) fn restored(kept: &SortBy, exprs: Vec<Expr>, input: LogicalPlan) -> Result<LogicalPlan> {
    if exprs.is_empty() || exprs.len() != kept.directions.len() {
        return malformed_node(format!(
            "{} expressions sort in {} directions",
            exprs.len(),
            kept.directions.len()
        ));
    }
    let by = |(expr, to): (Expr, &Direction)| SortExpr::new(expr, to.asc, to.nulls_first);
    let expr = exprs.into_iter().zip(&kept.directions).map(by).collect();
    let fetch = kept.fetch.and_then(|fetch| usize::try_from(fetch).ok());
    Ok(LogicalPlan::Sort(Sort { expr, input: Arc::new(input), fetch }))
}
