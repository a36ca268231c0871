//! The sorts of message.

use strum::Display;

/// The sort of a whole message.
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
