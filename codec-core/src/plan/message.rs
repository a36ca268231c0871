//! The sorts of message: what bytes are as a whole.

use std::fmt;

/// What a message is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// A logical expression.
    Expr,
    /// A logical plan.
    LogicalPlan,
    /// A physical plan.
    PhysicalPlan,
    /// A physical expression, which stands as a whole only in payloads of families.
    PhysicalExpr,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expr => "expression",
            Self::LogicalPlan => "logical plan",
            Self::PhysicalPlan => "physical plan",
            Self::PhysicalExpr => "physical expression",
        })
    }
}
