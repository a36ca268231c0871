//! Lambdas: expressions with parameters, for functions that call them on each element of a list.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::logical_expr::{self as df, Expr, LogicalPlan};
use pyo3::prelude::*;

use super::{Argument, PyExpr};

/// Make a lambda of the names of its parameters and an expression of them.
///
/// Args:
///     params: The names.
///     body: The expression, in which `lambda_var` stands for a parameter.
///
/// Raises:
///     TypeError: `params` is not a list of strings, or the expression is a string.
///
/// Example:
///     >>> from planwire import functions as f
///     >>> f.lambda_(["x"], f.lambda_var("x") + 1)
///     Expr((x) -> x + Int64(1))
#[pyfunction]
pub(crate) fn lambda_(params: Vec<String>, body: Argument) -> PyExpr {
    df::lambda(params, body.0).into()
}

/// Make an expression of the parameter of a lambda.
///
/// Args:
///     name: The parameter's name.
///
/// Example:
///     >>> from planwire import functions as f
///     >>> f.lambda_var("x") * 2
///     Expr(x * Int64(2))
#[pyfunction]
pub(crate) fn lambda_var(name: &str) -> PyExpr {
    df::lambda_var(name).into()
}

/// Gives the parameters of the lambdas in a query the types that they have there.
///
/// Until then DataFusion treats them as nulls, and so derives wrong types for expressions over them.
///
/// # Errors
///
/// A planning error if a lambda does not fit the function that calls it.
pub(crate) fn resolved(frame: DataFrame) -> Result<DataFrame> {
    if !frame.logical_plan().exists(|node| Ok(has_untyped(node)))? {
        return Ok(frame);
    }
    let (state, plan) = frame.into_parts();
    let plan = plan.transform_up(|node| {
        if has_untyped(&node) {
            let Transformed { data: node, .. } = node.resolve_lambda_variables()?;
            return node.recompute_schema().map(Transformed::yes);
        }
        Ok(Transformed::no(node))
    })?;
    Ok(DataFrame::new(state, plan.data))
}

/// Whether a node's own expressions have a lambda's parameter without a type.
fn has_untyped(node: &LogicalPlan) -> bool {
    let mut found = false;
    // Looking fails in no way.
    let _ = node.apply_expressions(|expr| {
        found |= expr
            .exists(|part| Ok(matches!(part, Expr::LambdaVariable(variable) if variable.field.is_none())))?;
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found
}
