//! Fidelity: what arrives is what was sent, or nothing is sent.
//!
//! DataFusion's protobuf loses parts of some plans without a word. What it would lose travels in frames of
//! planwire's own, or the plan is refused where it is encoded.
//!
//! On the logical layer, a node or an expression of which something would be lost leaves inside a stand-in
//! that carries it: an extension node, or a call of a function. What it holds stays ordinary protobuf. The
//! receiver decodes the message as ever, and then puts the built-in node in the place of the stand-in.
//!
//! On the physical layer, such a node leaves as the input of an extension that says what was lost; and the
//! plan leaves in a shape whose [partitions] give the same rows wherever each of them runs.

mod answers;
mod deciding;
pub(crate) mod logical;
pub(crate) mod options;
pub(crate) mod physical;
mod refused;

use datafusion::error::{DataFusionError, Result};

use crate::error::WireError;
use crate::fidelity::logical::expr::FUNCTION;
use crate::plan::kind::Kind;
use crate::wire::family_name::OWN;

pub use crate::fidelity::deciding::option_decides;
pub use crate::fidelity::physical::dynamic::fresh;
pub(crate) use crate::fidelity::physical::dynamic::is_dynamic;
pub(crate) use crate::fidelity::physical::exprs::keep as keep_physical_expr;
pub(crate) use crate::fidelity::physical::kept::{under, write};
pub use crate::fidelity::physical::partitions::independent;
pub(crate) use answers::{Asked, physical_answered};
pub(crate) use logical::{keep_expr, keep_plan, restore_expr, restore_plan, without_endless_limits};

/// The error for a part of a plan that would be lost; the plan is not sent.
fn lost(detail: impl Into<String>) -> DataFusionError {
    WireError::Lost { detail: detail.into() }.into()
}

/// The error for a stand-in that does not fit its node.
pub(crate) fn malformed_node<T>(fault: impl Into<String>) -> Result<T> {
    Err(malformed(Kind::LogicalNode, "", fault))
}

/// The error for a stand-in that does not fit its expression.
pub(crate) fn malformed_expr<T>(fault: impl Into<String>) -> Result<T> {
    Err(malformed(Kind::ScalarUdf, FUNCTION, fault))
}

fn malformed(kind: Kind, name: &str, fault: impl Into<String>) -> DataFusionError {
    WireError::Malformed { family: OWN, kind, name: name.to_owned(), fault: fault.into() }.into()
}
