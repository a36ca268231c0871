//! Calls of same-named functions, which get different names where DataFusion finds columns by name.
//!
//! The column that a window or an aggregate function computes is found again by a name that is made
//! of the function's name and its arguments. Two functions of one name would get one column, which
//! DataFusion reports as an error; so all but the first compute columns of names of their own.

use std::collections::HashSet;

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::logical_expr::utils::{find_aggregate_exprs, find_window_exprs};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};

/// A call, and the column that it computes.
type Computed = (Expr, Column);

/// Computes columns, as `DataFrame::select` does.
pub(super) fn select(frame: DataFrame, exprs: Vec<Expr>) -> Result<DataFrame> {
    let (frame, exprs, _) = compute_windows(frame, exprs)?;
    frame.select(exprs)
}

/// Adds or replaces a column, as `DataFrame::with_column` does.
pub(super) fn with_column(frame: DataFrame, name: &str, expr: Expr) -> Result<DataFrame> {
    let (mut frame, exprs, added) = compute_windows(frame, vec![expr])?;
    for expr in exprs {
        frame = frame.with_column(name, expr)?;
    }
    if added.is_empty() { Ok(frame) } else { frame.drop_columns(&added) }
}

/// Groups rows, as `DataFrame::aggregate` does.
pub(super) fn aggregate(frame: DataFrame, groups: Vec<Expr>, aggregates: Vec<Expr>) -> Result<DataFrame> {
    let mut names = HashSet::new();
    let calls = find_aggregate_exprs(&aggregates);
    if calls.iter().all(|call| names.insert(call.schema_name().to_string())) {
        return frame.aggregate(groups, aggregates);
    }
    let computed = named(calls, &mut HashSet::new());
    let named_calls = computed.iter().map(|(call, column)| call.clone().alias(column.name())).collect();
    let frame = frame.aggregate(groups, named_calls)?;
    let columns = frame.schema().columns();
    let groups = columns.len().saturating_sub(computed.len());
    let groups = columns.into_iter().take(groups).map(Expr::Column);
    let results = aggregates.into_iter().map(|expr| replace(expr, &computed));
    let exprs = groups.map(Ok).chain(results).collect::<Result<Vec<_>>>()?;
    frame.select(exprs)
}

/// Computes the windows that share a name with another, and puts columns in their place; also returns
/// the columns.
fn compute_windows(frame: DataFrame, exprs: Vec<Expr>) -> Result<(DataFrame, Vec<Expr>, Vec<Column>)> {
    let mut names = HashSet::new();
    let (_, homonyms): (Vec<_>, Vec<_>) =
        find_window_exprs(&exprs).into_iter().partition(|call| names.insert(call.schema_name().to_string()));
    if homonyms.is_empty() {
        return Ok((frame, exprs, Vec::new()));
    }
    let computed = named(homonyms, &mut names);
    let (state, plan) = frame.into_parts();
    let mut builder = LogicalPlanBuilder::from(plan);
    for (call, column) in &computed {
        builder = builder.window([call.clone().alias(column.name())])?;
    }
    let exprs = exprs.into_iter().map(|expr| replace(expr, &computed)).collect::<Result<_>>()?;
    let columns = computed.into_iter().map(|(_, column)| column).collect();
    Ok((DataFrame::new(state, builder.build()?), exprs, columns))
}

/// Names calls by what they compute, with a number where that name is taken.
fn named(calls: Vec<Expr>, taken: &mut HashSet<String>) -> Vec<Computed> {
    let name = |call: Expr| {
        let plain = call.schema_name().to_string();
        let mut name = plain.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{plain} #{number}");
            number += 1;
        }
        (call, Column::new_unqualified(name))
    };
    calls.into_iter().map(name).collect()
}

/// Puts columns in the place of the calls that compute them; the expression keeps its name.
fn replace(expr: Expr, computed: &[Computed]) -> Result<Expr> {
    let name = expr.schema_name().to_string();
    let replaced = expr.transform_down(|node| {
        Ok(match computed.iter().find(|(call, _)| *call == node) {
            Some((_, column)) => {
                Transformed::new(Expr::Column(column.clone()), true, TreeNodeRecursion::Jump)
            }
            None => Transformed::no(node),
        })
    })?;
    replaced.data.alias_if_changed(name)
}
