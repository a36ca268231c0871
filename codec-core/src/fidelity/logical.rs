//! Logical plans and expressions: stand-ins put in before they are encoded, and taken out after they are
//! decoded.

pub(crate) mod column;
pub(crate) mod expr;
pub(crate) mod format;
pub(crate) mod node;
pub(crate) mod payload;
pub(crate) mod scan;
pub(crate) mod series;
pub(crate) mod sorts;
pub(crate) mod table;

use std::borrow::Cow;
use std::sync::Arc;

use datafusion::common::DFSchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::datasource::ViewTable;
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Exists, InSubquery, SetComparison};
use datafusion::logical_expr::logical_plan::{
    Aggregate, DistinctOn, Filter, Limit, Projection, Sort, Union, Window,
};
use datafusion::logical_expr::{Distinct, Expr, FetchType, LogicalPlan, Subquery};

use super::answers::{self, Asked};
use super::options::{self, Needed};
use super::refused;
use crate::fidelity::logical::node::StandInNode;
use crate::fidelity::logical::payload::KeptNode;
use crate::limits::Limits;
use crate::preflight::nesting;

/// The findings in an expression or a plan before it is sent.
#[derive(Default)]
struct Found {
    /// Something that DataFusion's protobuf would lose.
    is_lost: bool,
    /// A table that may be one of `information_schema`, whose rows come from the session.
    may_be_asked: bool,
    /// The options that decide what a plan gives.
    needed: Needed,
}

/// Replaces the parts of an expression that DataFusion's protobuf would lose by stand-ins.
///
/// # Errors
///
/// If neither DataFusion nor a stand-in carries a part of it, or it is deeper than a receiver reads.
pub(crate) fn keep_expr<'a>(expr: &'a Expr, asked: &Asked, limits: &Limits) -> Result<Cow<'a, Expr>> {
    let mut found = Found::default();
    found.look_at_expr(expr, None, 1, limits)?;
    match found {
        Found { may_be_asked: true, .. } => {
            let answered = expr.clone().transform_up(|expr| {
                let answered = |plan| answers::answered(plan, asked);
                map_subquery(expr, &answered, &Ok).map(Transformed::yes)
            })?;
            with_stand_ins(answered.data).map(Cow::Owned)
        }
        Found { is_lost: true, .. } => with_stand_ins(expr.clone()).map(Cow::Owned),
        _ => Ok(Cow::Borrowed(expr)),
    }
}

/// [`keep_expr`] for a logical plan, with the options at its head that it was made `under` and depends on.
///
/// # Errors
///
/// As [`keep_expr`].
pub(crate) fn keep_plan<'a>(
    plan: &'a LogicalPlan,
    asked: &Asked,
    under: Option<&ConfigOptions>,
    limits: &Limits,
) -> Result<Cow<'a, LogicalPlan>> {
    let mut found = Found::default();
    found.look_at_plan(plan, 1, limits)?;
    found.needed.look_at_output(plan);
    let under = under.map(|options| found.needed.of(options)).transpose()?.flatten();
    let kept = match found {
        Found { may_be_asked: true, .. } => {
            Cow::Owned(plan_with_stand_ins(answers::answered(plan.clone(), asked)?)?)
        }
        Found { is_lost: true, .. } => Cow::Owned(plan_with_stand_ins(plan.clone())?),
        _ => Cow::Borrowed(plan),
    };
    let Some(options) = under else { return Ok(kept) };
    let (kept, inputs) = (KeptNode::Under(options), vec![kept.into_owned()]);
    Ok(Cow::Owned(node::extension(StandInNode::leaving(kept, vec![], inputs, plan.schema()))))
}

impl Found {
    /// Checks an expression of a node in which DataFusion may qualify columns by their tables.
    fn look_at_expr(
        &mut self,
        expr: &Expr,
        qualifying: Option<&DFSchemaRef>,
        depth: usize,
        limits: &Limits,
    ) -> Result<()> {
        nesting::each_expr(expr, depth, limits, &mut |expr, depth| {
            refused::check_expr(expr)?;
            self.is_lost |= expr::is_lost(expr);
            if let Expr::ScalarFunction(call) = expr
                && options::reads_zone(&call.func)
            {
                self.needed.zone();
            }
            if let (Expr::Column(column), Some(input)) = (expr, qualifying) {
                self.is_lost |= column::is_qualified_by(column, input);
            }
            if let Some(subquery) = subquery_of(expr) {
                self.look_at_plan(&subquery.subquery, depth + 1, limits)?;
                for column in &subquery.outer_ref_columns {
                    self.look_at_expr(column, None, depth + 1, limits)?;
                }
            }
            Ok(())
        })
    }

    fn look_at_plan(&mut self, plan: &LogicalPlan, depth: usize, limits: &Limits) -> Result<()> {
        nesting::each_node(plan, depth, limits, &mut |node, depth| {
            refused::check_node(node)?;
            self.is_lost |= node::stand_in(node)?.is_some();
            self.may_be_asked |= answers::may_be_asked(node);
            self.needed.look_at_node(node)?;
            let qualifying = qualifying(node);
            node.apply_expressions(|expr| {
                match node {
                    // They are carried by its family.
                    LogicalPlan::Extension(_) => {
                        nesting::each_expr(expr, depth + 1, limits, &mut |_, _| Ok(()))?;
                    }
                    _ => self.look_at_expr(expr, qualifying, depth + 1, limits)?,
                }
                Ok(TreeNodeRecursion::Continue)
            })?;
            if let LogicalPlan::TableScan(scan) = node
                && let Some(provider) = scan::view(scan)
                && let Some(view) = provider.downcast_ref::<ViewTable>()
            {
                self.look_at_plan(view.logical_plan(), depth + 1, limits)?;
            }
            Ok(())
        })
    }
}

fn with_stand_ins(expr: Expr) -> Result<Expr> {
    let kept = expr.transform_up(|expr| {
        let expr = map_subquery(expr, &plan_with_stand_ins, &with_stand_ins)?;
        Ok(Transformed::yes(expr::stand_in(expr)))
    })?;
    Ok(kept.data)
}

fn plan_with_stand_ins(plan: LogicalPlan) -> Result<LogicalPlan> {
    let kept = plan.transform_up(|node| {
        let stand_in = match &node {
            // By what is below it a receiver reads it, and there may be stand-ins below.
            LogicalPlan::Sort(sort) => Some(sorts::stand_in(sort)),
            node => node::stand_in(node)?,
        };
        let Some(stand_in) = stand_in else {
            return Ok(Transformed::yes(carried(node)?));
        };
        let node = node::extension(stand_in);
        match node.inputs().first() {
            // The part of the node that DataFusion carries, which has not been searched yet.
            Some(LogicalPlan::TableScan(_) | LogicalPlan::Values(_)) if is_leaf(&node) => {
                let carried = |input| Ok(Transformed::yes(carried(input)?));
                Ok(node.map_children(carried)?)
            }
            _ => Ok(Transformed::yes(node)),
        }
    })?;
    Ok(kept.data)
}

/// Whether the inputs of a stand-in were made of the node that it stands for.
fn is_leaf(node: &LogicalPlan) -> bool {
    node::stand_in_of(node).is_some_and(node::StandInNode::is_of_leaf)
}

/// A node that DataFusion carries, with stand-ins for what its expressions would lose.
fn carried(node: LogicalPlan) -> Result<LogicalPlan> {
    match node {
        LogicalPlan::Extension(_) => Ok(node),
        // DataFusion would look for the columns under their old names.
        LogicalPlan::Unnest(mut unnest) => {
            for column in &mut unnest.exec_columns {
                if let Some(requoted) = column::requoted(column) {
                    *column = requoted;
                }
            }
            Ok(LogicalPlan::Unnest(unnest))
        }
        LogicalPlan::TableScan(_) => map_view(map_exprs(node, &with_stand_ins)?, &plan_with_stand_ins),
        node => match qualifying(&node).cloned() {
            Some(input) => map_exprs(node, &|expr| with_stand_ins(column::with_unqualified(expr, &input)?)),
            None => map_exprs(node, &with_stand_ins),
        },
    }
}

/// The columns by whose tables DataFusion qualifies the columns in a node's expressions, if it does.
fn qualifying(node: &LogicalPlan) -> Option<&DFSchemaRef> {
    let input = match node {
        LogicalPlan::Projection(Projection { input, .. })
        | LogicalPlan::Filter(Filter { input, .. })
        | LogicalPlan::Window(Window { input, .. })
        | LogicalPlan::Aggregate(Aggregate { input, .. })
        | LogicalPlan::Sort(Sort { input, .. })
        | LogicalPlan::Distinct(Distinct::On(DistinctOn { input, .. })) => input,
        _ => return None,
    };
    Some(input.schema())
}

/// Replaces the stand-ins in an expression by the expressions that they carry.
///
/// # Errors
///
/// If one of them is malformed.
pub(crate) fn restore_expr(expr: Expr) -> Result<Expr> {
    let restored = expr.transform_up(|expr| {
        let expr = map_subquery(expr, &restore_plan, &restore_expr)?;
        Ok(Transformed::yes(expr::restored(expr)?))
    })?;
    Ok(restored.data)
}

/// [`restore_expr`] for a logical plan, whose schemas are computed anew.
///
/// # Errors
///
/// As [`restore_expr`].
pub(crate) fn restore_plan(plan: LogicalPlan) -> Result<LogicalPlan> {
    let restored = plan.transform_up(|node| {
        let node = match node {
            LogicalPlan::Extension(_) => {
                let plan = node::stand_in_of(&node).and_then(node::StandInNode::plan);
                // Its own expressions were messages, which are restored already; its other contents were restored
                // as its inputs.
                plan.unwrap_or(node)
            }
            LogicalPlan::TableScan(_) => map_view(map_exprs(node, &restore_expr)?, &restore_plan)?,
            LogicalPlan::Union(Union { inputs, .. }) => {
                LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?)
            }
            LogicalPlan::Unnest(_) => node.recompute_schema()?,
            node => map_exprs(node, &restore_expr)?.recompute_schema()?,
        };
        Ok(Transformed::yes(node))
    })?;
    Ok(restored.data)
}

/// Removes the number that DataFusion writes for a limit without one.
pub(crate) fn without_endless_limits(plan: LogicalPlan) -> Result<LogicalPlan> {
    let is_endless = |limit: &Limit| matches!(limit.get_fetch_type(), Ok(FetchType::Literal(Some(fetch))) if fetch == i64::MAX as usize);
    if !plan.exists(|node| Ok(matches!(node, LogicalPlan::Limit(limit) if is_endless(limit))))? {
        return Ok(plan);
    }
    let bounded = plan.transform_up(|node| match node {
        LogicalPlan::Limit(limit) if is_endless(&limit) => {
            Ok(Transformed::yes(LogicalPlan::Limit(Limit { fetch: None, ..limit })))
        }
        node => Ok(Transformed::no(node)),
    })?;
    Ok(bounded.data)
}

fn map_exprs(node: LogicalPlan, map: &dyn Fn(Expr) -> Result<Expr>) -> Result<LogicalPlan> {
    Ok(node.map_expressions(|expr| Ok(Transformed::yes(map(expr)?)))?.data)
}

/// Maps the plan of the view that a scan reads.
pub(crate) fn map_view(
    node: LogicalPlan,
    map: &dyn Fn(LogicalPlan) -> Result<LogicalPlan>,
) -> Result<LogicalPlan> {
    let LogicalPlan::TableScan(scan) = node else { return Ok(node) };
    let Some(provider) = scan::view(&scan) else { return Ok(LogicalPlan::TableScan(scan)) };
    let Some(view) = provider.downcast_ref::<ViewTable>() else { return Ok(LogicalPlan::TableScan(scan)) };
    let plan = map(view.logical_plan().clone())?;
    let definition = view.definition().cloned();
    Ok(LogicalPlan::TableScan(scan::with_view(scan, plan, definition)?))
}

const fn subquery_of(expr: &Expr) -> Option<&Subquery> {
    match expr {
        Expr::ScalarSubquery(subquery)
        | Expr::InSubquery(InSubquery { subquery, .. })
        | Expr::Exists(Exists { subquery, .. })
        | Expr::SetComparison(SetComparison { subquery, .. }) => Some(subquery),
        _ => None,
    }
}

/// Maps the plan of an expression's subquery, and the outer columns that it refers to.
fn map_subquery(
    mut expr: Expr,
    plan: &dyn Fn(LogicalPlan) -> Result<LogicalPlan>,
    column: &dyn Fn(Expr) -> Result<Expr>,
) -> Result<Expr> {
    if let Expr::ScalarSubquery(subquery)
    | Expr::InSubquery(InSubquery { subquery, .. })
    | Expr::Exists(Exists { subquery, .. })
    | Expr::SetComparison(SetComparison { subquery, .. }) = &mut expr
    {
        subquery.subquery = Arc::new(plan(subquery.subquery.as_ref().clone())?);
        for outer in &mut subquery.outer_ref_columns {
            *outer = column(std::mem::take(outer))?;
        }
    }
    Ok(expr)
}
