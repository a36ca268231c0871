//! Predicates and types of logical plans: how large they get where columns stand for expressions.
//!
//! A predicate above a projection is moved below it with each column replaced by the expression that gives
//! it, so that one over columns that are sums of columns doubles with each projection; and the bounds of a
//! conjunction are worked out by comparing each of its parts with every other. The type of a column that is
//! a struct of columns doubles likewise.

use std::collections::HashMap;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{JoinType, TableReference};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, LogicalPlan, Operator};
use datafusion_proto::protobuf::PhysicalExprNode;
use datafusion_proto::protobuf::physical_expr_node::ExprType;

use crate::limits::{Limit, Limits};

/// Work of one part of a predicate, in the unit of [`Limit::Work`].
const PART: usize = 1024;
/// Comparisons of parts that are worth one unit of work.
const COMPARED: usize = 32;

/// Refuses an expression with a subquery whose predicates would get too large.
pub(crate) fn check_expr(expr: &Expr, limits: &Limits) -> Result<()> {
    let mut predicates = Predicates { limits, parts: 0, bounded: 0 };
    predicates.subqueries(expr)
}

/// Refuses a logical plan whose predicates would get too large.
pub(crate) fn check_plan(plan: &LogicalPlan, limits: &Limits) -> Result<()> {
    let mut predicates = Predicates { limits, parts: 0, bounded: 0 };
    predicates.columns(plan).map(drop)
}

/// Work of computing the bounds in the predicate of a physical filter, in the unit of [`Limit::Work`].
pub(crate) fn work_of_filter(predicate: &PhysicalExprNode) -> usize {
    let (mut parts, mut pending) = (0_usize, vec![predicate]);
    while let Some(expr) = pending.pop() {
        parts = parts.saturating_add(1);
        match &expr.expr_type {
            Some(ExprType::Column(_) | ExprType::Literal(_)) => {}
            Some(ExprType::Negative(node)) => pending.extend(node.expr.as_deref()),
            Some(ExprType::Cast(node)) => pending.extend(node.expr.as_deref()),
            Some(ExprType::BinaryExpr(node)) if BOUNDED.iter().any(|(_, name)| *name == node.op) => {
                pending.extend(node.l.as_deref());
                pending.extend(node.r.as_deref());
                // A chain of operands has an operator between each two.
                parts = parts.saturating_add(node.operands.len());
                pending.extend(&node.operands);
            }
            _ => return 0,
        }
    }
    comparing(parts)
}

/// Work of comparing each of so many parts with every other, part by part.
const fn comparing(parts: usize) -> usize {
    parts.saturating_mul(parts).saturating_mul(parts) / COMPARED
}

/// The sums over all predicates of a plan, because the optimizer may merge them into one.
struct Predicates<'l> {
    limits: &'l Limits,
    parts: usize,
    /// Parts of predicates whose bounds are worked out.
    bounded: usize,
}

impl Predicates<'_> {
    /// The number of parts of the expression that replaces each column of a plan.
    fn columns(&mut self, plan: &LogicalPlan) -> Result<Vec<usize>> {
        let inputs =
            plan.inputs().into_iter().map(|input| self.columns(input)).collect::<Result<Vec<_>>>()?;
        let fields = plan.schema().fields().len();
        for field in plan.schema().fields() {
            let most = self.limits.get(Limit::Fields);
            let found = count_fields(field.data_type(), most);
            self.limits
                .check(Limit::Fields, found)
                .map_err(|excess| DataFusionError::from(excess.on_decode()))?;
        }
        plan.apply_expressions(|expr| self.subqueries(expr).map(|()| TreeNodeRecursion::Continue))?;
        let columns = match plan {
            LogicalPlan::Projection(node) => {
                let known = Known::of([(&*node.input, inputs.first())]);
                node.expr.iter().map(|expr| known.parts(expr)).collect()
            }
            LogicalPlan::Aggregate(node) => {
                let known = Known::of([(&*node.input, inputs.first())]);
                node.group_expr.iter().map(|expr| known.parts(expr)).collect()
            }
            LogicalPlan::Filter(node) => {
                let known = Known::of([(&*node.input, inputs.first())]);
                self.count(&known, &node.predicate)?;
                inputs.into_iter().next().unwrap_or_default()
            }
            LogicalPlan::Join(node) => {
                let known = Known::of([(&*node.left, inputs.first()), (&*node.right, inputs.get(1))]);
                for (left, right) in &node.on {
                    self.count(&known, left)?;
                    self.count(&known, right)?;
                }
                if let Some(filter) = &node.filter {
                    self.count(&known, filter)?;
                }
                match node.join_type {
                    JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => {
                        inputs.into_iter().nth(1).unwrap_or_default()
                    }
                    _ => inputs.concat(),
                }
            }
            LogicalPlan::Union(_) => (0..fields)
                .map(|at| inputs.iter().filter_map(|columns| columns.get(at)).copied().max().unwrap_or(1))
                .collect(),
            LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Limit(_)
            | LogicalPlan::Distinct(_)
            | LogicalPlan::Repartition(_)
            | LogicalPlan::Window(_) => inputs.into_iter().next().unwrap_or_default(),
            _ => Vec::new(),
        };
        // A column without an expression stays a column.
        Ok((0..fields).map(|at| columns.get(at).copied().unwrap_or(1)).collect())
    }

    /// Counts the predicates of the plans within an expression.
    fn subqueries(&mut self, expr: &Expr) -> Result<()> {
        let (mut pending, mut next) = (Vec::new(), Some(expr));
        while let Some(expr) = next.take().or_else(|| pending.pop()) {
            let subquery = match expr {
                Expr::ScalarSubquery(subquery) => Some(subquery),
                Expr::Exists(exists) => Some(&exists.subquery),
                Expr::InSubquery(within) => Some(&within.subquery),
                Expr::SetComparison(comparison) => Some(&comparison.subquery),
                _ => None,
            };
            if let Some(subquery) = subquery {
                self.columns(&subquery.subquery)?;
            }
            expr.apply_children(|child| {
                pending.push(child);
                Ok(TreeNodeRecursion::Continue)
            })?;
        }
        Ok(())
    }

    fn count(&mut self, known: &Known<'_>, predicate: &Expr) -> Result<()> {
        let parts = known.parts(predicate);
        self.parts = self.parts.saturating_add(parts);
        if has_bounds(predicate) {
            self.bounded = self.bounded.saturating_add(parts);
        }
        let work = self.parts.saturating_mul(PART).saturating_add(comparing(self.bounded));
        self.limits.check(Limit::Work, work).map_err(|excess| excess.on_decode().into())
    }
}

/// The fields within a type, as far as there are no more than `most`.
fn count_fields(data_type: &DataType, most: usize) -> usize {
    // Nothing is allocated for a type that holds no other, as most are.
    let (mut found, mut pending, mut next) = (0_usize, Vec::new(), Some(data_type));
    while let Some(data_type) = next.take().or_else(|| pending.pop()) {
        match data_type {
            DataType::Struct(fields) => pending.extend(fields.iter().map(|field| field.data_type())),
            DataType::Union(fields, _) => pending.extend(fields.iter().map(|(_, field)| field.data_type())),
            DataType::Dictionary(key, value) => pending.extend([&**key, &**value]),
            DataType::RunEndEncoded(ends, values) => pending.extend([ends.data_type(), values.data_type()]),
            DataType::List(field)
            | DataType::LargeList(field)
            | DataType::ListView(field)
            | DataType::LargeListView(field)
            | DataType::FixedSizeList(field, _)
            | DataType::Map(field, _) => pending.push(field.data_type()),
            _ => continue,
        }
        found += 1;
        if found.saturating_add(pending.len()) > most {
            break;
        }
    }
    found.saturating_add(pending.len())
}

/// The parts that columns of an input stand for, where they are more than one.
struct Known<'p>(HashMap<(Option<&'p TableReference>, &'p str), usize>);

impl<'p> Known<'p> {
    fn of<const N: usize>(inputs: [(&'p LogicalPlan, Option<&Vec<usize>>); N]) -> Self {
        let mut known = HashMap::new();
        for (input, columns) in inputs {
            let parts = columns.into_iter().flatten().copied();
            let named = input.schema().iter().zip(parts).filter(|(_, parts)| *parts > 1);
            known.extend(named.map(|((table, field), parts)| ((table, field.name().as_str()), parts)));
        }
        Self(known)
    }

    /// The parts of an expression once its columns are replaced.
    fn parts(&self, expr: &Expr) -> usize {
        // Nothing is allocated for an expression that holds no other, as most are.
        let (mut parts, mut pending, mut next) = (0_usize, Vec::new(), Some(expr));
        while let Some(expr) = next.take().or_else(|| pending.pop()) {
            let own = match expr {
                Expr::Column(column) if !self.0.is_empty() => {
                    let name = (column.relation.as_ref(), column.name.as_str());
                    self.0.get(&name).copied().unwrap_or(1)
                }
                _ => 1,
            };
            parts = parts.saturating_add(own);
            // The closure does not fail, so neither does the walk.
            let _ = expr.apply_children(|child| {
                pending.push(child);
                Ok(TreeNodeRecursion::Continue)
            });
        }
        parts
    }
}

/// Whether DataFusion works out the bounds of the columns in a predicate.
fn has_bounds(predicate: &Expr) -> bool {
    let (mut pending, mut next) = (Vec::new(), Some(predicate));
    while let Some(expr) = next.take().or_else(|| pending.pop()) {
        match expr {
            Expr::Column(_) | Expr::Literal(..) => {}
            Expr::Negative(inner) | Expr::Cast(Cast { expr: inner, .. }) => pending.push(inner),
            Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_bounded(*op) => {
                pending.extend([&**left, &**right]);
            }
            _ => return false,
        }
    }
    true
}

fn is_bounded(operator: Operator) -> bool {
    BOUNDED.iter().any(|(known, _)| *known == operator)
}

/// The operators through which DataFusion works out bounds, with their names in messages.
const BOUNDED: [(Operator, &str); 10] = [
    (Operator::And, "And"),
    (Operator::Eq, "Eq"),
    (Operator::Gt, "Gt"),
    (Operator::GtEq, "GtEq"),
    (Operator::Lt, "Lt"),
    (Operator::LtEq, "LtEq"),
    (Operator::Plus, "Plus"),
    (Operator::Minus, "Minus"),
    (Operator::Multiply, "Multiply"),
    (Operator::Divide, "Divide"),
];
