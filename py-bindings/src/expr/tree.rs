//! Trees: expressions that operators build, whose operands are copied when the whole is first used.
//!
//! An [`Expr`] owns its operands, so that each step of a chain such as `a + b + c` would copy the chain so far.

use std::sync::{Arc, OnceLock};

use datafusion::logical_expr::{Expr, Operator, binary_expr};

use crate::host::stack;

/// An expression, or an operator and its operands that become one.
pub(crate) struct Tree {
    expr: OnceLock<Expr>,
    operation: Option<(Arc<Tree>, Operator, Arc<Tree>)>,
    levels: usize,
}

impl Tree {
    /// Joins two operands.
    pub(super) fn joined(left: Arc<Self>, operator: Operator, right: Arc<Self>) -> Self {
        let levels = left.levels.max(right.levels).saturating_add(1);
        stack::saw(levels);
        Self { expr: OnceLock::new(), operation: Some((left, operator, right)), levels }
    }

    /// The expression.
    pub(super) fn expr(&self) -> &Expr {
        self.expr.get_or_init(|| stack::with_room(self.levels, || self.build()))
    }

    /// A copy of the expression.
    pub(super) fn cloned(&self) -> Expr {
        stack::with_room(self.levels, || self.expr().clone())
    }

    /// Copies the expression, or builds it of its operands, which are not kept in between.
    fn build(&self) -> Expr {
        match (self.expr.get(), &self.operation) {
            (Some(expr), _) => expr.clone(),
            (None, Some((left, operator, right))) => binary_expr(left.build(), *operator, right.build()),
            (None, None) => Expr::default(),
        }
    }
}

impl From<Expr> for Tree {
    fn from(expr: Expr) -> Self {
        let levels = stack::levels(&expr);
        Self { expr: expr.into(), operation: None, levels }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        if let Some(expr) = self.expr.take() {
            stack::with_room(self.levels, || drop(expr));
        }
        // One after the other rather than one within the other, however deep they are.
        let mut operations: Vec<_> = self.operation.take().into_iter().collect();
        while let Some((left, _, right)) = operations.pop() {
            let last = [left, right].into_iter().filter_map(Arc::into_inner);
            operations.extend(last.filter_map(|mut operand| operand.operation.take()));
        }
    }
}
