//! Rules of a session: whether its functions are those that an expression means, and what it optimizes by.

use datafusion::common::plan_err;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, WindowFunctionDefinition};
use pyo3::prelude::*;

use super::PySessionContext;

/// Checks that a session finds the functions of an expression by their names.
///
/// # Errors
///
/// A function is not registered, or another one is registered under its name.
pub(super) fn check_functions(expr: &Expr, state: &SessionState) -> Result<()> {
    expr.apply(|expr| {
        let (name, same) = match expr {
            Expr::ScalarFunction(call) => {
                let name = call.func.name();
                (name, state.scalar_functions().get(name).map(|found| *found == call.func))
            }
            Expr::AggregateFunction(call) => {
                let name = call.func.name();
                (name, state.aggregate_functions().get(name).map(|found| *found == call.func))
            }
            Expr::WindowFunction(call) => match &call.fun {
                WindowFunctionDefinition::AggregateUDF(function) => {
                    let name = function.name();
                    (name, state.aggregate_functions().get(name).map(|found| found == function))
                }
                WindowFunctionDefinition::WindowUDF(function) => {
                    let name = function.name();
                    (name, state.window_functions().get(name).map(|found| found == function))
                }
            },
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        match same {
            Some(true) => Ok(TreeNodeRecursion::Continue),
            Some(false) => plan_err!("the session's function {name:?} is another one than the expression's"),
            None => plan_err!("the expression calls {name:?}, which is not registered with the session"),
        }
    })
    .map(|_| ())
}

#[pymethods]
impl PySessionContext {
    /// Take a rule out of the optimizer.
    ///
    /// Args:
    ///     name: The rule's name, as `EXPLAIN VERBOSE` shows it.
    ///
    /// Returns:
    ///     Whether there was such a rule.
    ///
    /// Raises:
    ///     TypeError: The name is not a string.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.remove_optimizer_rule("eliminate_filter"), ctx.remove_optimizer_rule("no rule")
    ///     (True, False)
    fn remove_optimizer_rule(&self, py: Python<'_>, name: &str) -> bool {
        py.detach(|| self.ctx.remove_optimizer_rule(name))
    }
}
