//! Plans and expressions that write: files, tables or the session itself, by what DataFusion has built in.

use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::datasource::sink::DataSinkExec;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::{ExecutionPlan, displayable};

/// What a logical plan writes, as DataFusion calls it.
pub(super) fn logical(plan: &LogicalPlan) -> Option<String> {
    let reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reads.verify_plan(plan).err().map(|refusal| refusal.strip_backtrace())
}

/// What the plans inside of an expression write, as DataFusion calls it.
pub(crate) fn expression(expr: &Expr) -> Option<String> {
    let mut written = None;
    let walked = expr.apply(|part| {
        written = match part {
            Expr::ScalarSubquery(inner) => logical(&inner.subquery),
            Expr::Exists(exists) => logical(&exists.subquery.subquery),
            Expr::InSubquery(inside) => logical(&inside.subquery.subquery),
            Expr::SetComparison(compared) => logical(&compared.subquery.subquery),
            _ => None,
        };
        Ok(if written.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    // What cannot be looked through is not let through.
    walked.err().map(|failure| failure.strip_backtrace()).or(written)
}

/// What a physical plan writes, as DataFusion calls it.
pub(super) fn physical(plan: &Arc<dyn ExecutionPlan>) -> Option<String> {
    let mut pending = vec![plan];
    while let Some(plan) = pending.pop() {
        if let Some(writer) = plan.downcast_ref::<DataSinkExec>() {
            return Some(displayable(writer).one_line().to_string());
        }
        pending.extend(plan.children());
    }
    None
}
