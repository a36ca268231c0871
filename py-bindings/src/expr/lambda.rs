//! Lambdas: expressions with parameters, for functions that call them on each element of a list.

use datafusion::logical_expr as df;
use pyo3::prelude::*;

use super::{ExprOrLiteral, PyExpr};

/// Make a lambda of the names of its parameters and an expression of them.
///
/// Args:
///     params: The names.
///     body: The expression, in which `lambda_var` stands for a parameter.
///
/// Raises:
///     TypeError: `params` is not a list of strings.
///
/// Example:
///     >>> from planwire import functions as f
///     >>> f.lambda_(["x"], f.lambda_var("x") + 1)
///     Expr((x) -> x + Int64(1))
#[pyfunction]
pub(crate) fn lambda_(params: Vec<String>, body: ExprOrLiteral) -> PyExpr {
    df::lambda(params, body.0).into()
}

/// Make an expression of the parameter of a lambda.
///
/// Args:
///     name: The parameter's name.
///
/// Raises:
///     TypeError: The name is not a string.
///
/// Example:
///     >>> from planwire import functions as f
///     >>> f.lambda_var("x") * 2
///     Expr(x * Int64(2))
#[pyfunction]
pub(crate) fn lambda_var(name: &str) -> PyExpr {
    df::lambda_var(name).into()
}
