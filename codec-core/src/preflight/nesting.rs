//! Nesting: how deep a plan or an expression may be for a receiver to read it.

use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::BinaryExpr;
use datafusion::physical_plan::ExecutionPlan;

use crate::limits::{Limit, Limits};

/// Visits an expression and all within it, each with its depth, and refuses one that is too deep for any
/// receiver, before anything recurses into it.
///
/// Each level takes at least one level of protobuf. The exception is a chain of one operator, which
/// DataFusion writes as a list.
pub(crate) fn each_expr(
    expr: &Expr,
    depth: usize,
    limits: &Limits,
    visit: &mut dyn FnMut(&Expr, usize) -> Result<()>,
) -> Result<()> {
    // Most are columns, which take no room.
    let (mut first, mut pending) = (Some((expr, depth)), Vec::new());
    while let Some((parent, depth)) = first.take().or_else(|| pending.pop()) {
        check(depth, limits)?;
        visit(parent, depth)?;
        parent.apply_children(|child| {
            pending.push((child, if is_next_operand(parent, child) { depth } else { depth + 1 }));
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    Ok(())
}

/// Visits a logical plan and all within it, each with its depth, and refuses one that is too deep for any
/// receiver.
pub(crate) fn each_node(
    plan: &LogicalPlan,
    depth: usize,
    limits: &Limits,
    visit: &mut dyn FnMut(&LogicalPlan, usize) -> Result<()>,
) -> Result<()> {
    let mut pending = vec![(plan, depth)];
    while let Some((parent, depth)) = pending.pop() {
        check(depth, limits)?;
        visit(parent, depth)?;
        pending.extend(parent.inputs().into_iter().map(|input| (input, depth + 1)));
    }
    Ok(())
}

/// Refuses a physical plan that is too deep for any receiver, or that holds an expression that is.
pub(crate) fn check_physical_plan(plan: &Arc<dyn ExecutionPlan>, limits: &Limits) -> Result<()> {
    let mut pending = vec![(plan, 1)];
    while let Some((parent, depth)) = pending.pop() {
        check(depth, limits)?;
        parent.apply_expressions(&mut |expr| {
            check_physical_expr(expr, limits)?;
            Ok(TreeNodeRecursion::Continue)
        })?;
        pending.extend(parent.children().into_iter().map(|child| (child, depth + 1)));
    }
    Ok(())
}

/// Refuses a physical expression that is too deep for any receiver.
pub(crate) fn check_physical_expr(expr: &Arc<dyn PhysicalExpr>, limits: &Limits) -> Result<()> {
    let mut pending = vec![(expr, 1)];
    while let Some((parent, depth)) = pending.pop() {
        check(depth, limits)?;
        for child in parent.children() {
            let next = is_next_physical_operand(&**parent, child);
            pending.push((child, if next { depth } else { depth + 1 }));
        }
    }
    Ok(())
}

fn check(depth: usize, limits: &Limits) -> Result<()> {
    limits.check(Limit::Nesting, depth).map_err(|excess| excess.on_encode().into())
}

/// Whether `child` continues the chain of operands that `parent` ends.
fn is_next_operand(parent: &Expr, child: &Expr) -> bool {
    match (parent, child) {
        (Expr::BinaryExpr(parent), Expr::BinaryExpr(next)) => {
            parent.op == next.op && std::ptr::eq(&*parent.left, child)
        }
        _ => false,
    }
}

fn is_next_physical_operand(parent: &dyn PhysicalExpr, child: &Arc<dyn PhysicalExpr>) -> bool {
    match (parent.downcast_ref::<BinaryExpr>(), child.downcast_ref::<BinaryExpr>()) {
        (Some(parent), Some(next)) => parent.op() == next.op() && Arc::ptr_eq(parent.left(), child),
        _ => false,
    }
}
