//! Fidelity: what arrives is what was sent, or nothing is sent.
//!
//! DataFusion's protobuf loses parts of some plans without a word. What it loses of a physical node is
//! [kept](kept) beside that node, or the node is refused where it is encoded; and a physical plan leaves in
//! a shape whose [partitions](partitions) give the same rows wherever each of them runs.

mod dynamic;
mod exprs;
mod groups;
mod kept;
mod partitions;
mod projections;
mod recursion;
mod scans;
mod series;
mod sinks;
mod windows;

use datafusion::error::DataFusionError;
pub use dynamic::fresh;

use crate::WireError;

pub(crate) use dynamic::is_dynamic;
pub(crate) use exprs::{TAG as EXPR_TAG, keep as keep_physical_expr, restore as restore_physical_expr};
pub(crate) use kept::{TAG, restore, write};
pub use partitions::independent;

/// What would be lost of a plan, as the error that keeps it from being sent.
fn lost(detail: impl Into<String>) -> DataFusionError {
    WireError::Lost { detail: detail.into() }.into()
}
