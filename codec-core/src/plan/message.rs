//! The sorts of message: what bytes are as a whole.

use strum::Display;

/// What a message is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display)]
pub enum Message {
    /// A logical expression.
    #[strum(to_string = "expression")]
    Expr,
    /// A logical plan.
    #[strum(to_string = "logical plan")]
    LogicalPlan,
    /// A physical plan.
    #[strum(to_string = "physical plan")]
    PhysicalPlan,
    /// A physical expression, which stands as a whole only in payloads of families.
    #[strum(to_string = "physical expression")]
    PhysicalExpr,
}
