//! Descriptions: what a plan has to know of a function so that it can be made without the function.

use datafusion::arrow::datatypes::FieldRef;
use datafusion::logical_expr::Volatility;

/// What a function says of itself outside of its payload, in a native frame.
///
/// A receiver that never opens the payload can still plan with the function, show it and send it on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a family that carries functions makes one of each")]
pub struct Described {
    /// The name that plans use.
    pub name: String,
    /// The arguments, of exactly these types.
    pub arguments: Vec<FieldRef>,
    /// The result.
    pub result: FieldRef,
    /// What an aggregate keeps between batches; empty for any other function.
    pub state: Vec<FieldRef>,
    /// How often it gives the same result for the same arguments.
    pub volatility: Volatility,
}
