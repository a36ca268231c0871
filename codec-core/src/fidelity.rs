//! Fidelity: what DataFusion's protobuf would lose of a plan without a word, carried in frames of planwire's
//! own or refused where the plan is encoded.
//!
//! A node or an expression of which something would be lost leaves inside a stand-in that carries it: an
//! extension node, or a call of a function. What it holds stays ordinary protobuf. The receiver decodes the
//! message as ever, and then puts the built-in node in the place of the stand-in.

mod logical;
mod logical_column;
mod logical_expr;
mod logical_family;
mod logical_format;
mod logical_node;
mod logical_payload;
mod logical_scan;
mod logical_series;
mod logical_table;
mod lost;

pub(crate) use self::logical::{keep_expr, keep_plan, restore_expr, restore_plan, without_endless_limits};
pub(crate) use self::logical_family::{LogicalFidelity, NAME, is_own};
