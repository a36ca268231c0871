//! Probes: each expression of a message parsed by itself, with stand-ins for all that it holds.
//!
//! DataFusion turns an error inside a list of arguments into text, escaped once more for each list
//! around it, so that it doubles: from far down in a message of a kilobyte it would take gigabytes.
//! Parsed by itself, an expression reports its own error at once. Parsing does not mind what kind of
//! expression an argument is, so one that parses by itself parses in its place.

use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::logical_plan::from_proto::parse_expr;
use datafusion_proto::protobuf::LogicalExprNode;
use prost::Message as _;
use prost::encoding::encode_varint;

use super::Fault;
use super::field::{Fields, Value};
use super::message::Message;
use super::table::{EXPR, LOGICAL_PLAN};
use crate::error::Message as Root;

/// The column `a`.
const COLUMN: &[u8] = b"\x0a\x03\x0a\x01a";
/// The relation without rows.
const NO_ROWS: &[u8] = b"\x52\x00";

/// Parses every expression of a message that has passed [`super::check`], with a codec that makes stand-ins.
///
/// # Errors
///
/// DataFusion's, for an expression that it does not accept.
pub(crate) fn exprs(
    bytes: &[u8],
    root: Root,
    task: &TaskContext,
    stand_ins: &dyn LogicalExtensionCodec,
) -> Result<()> {
    let root = match root {
        Root::Expr => EXPR,
        Root::LogicalPlan => LOGICAL_PLAN,
        // They hold no logical expressions, and DataFusion does not turn their errors into text.
        Root::PhysicalPlan | Root::PhysicalExpr => return Ok(()),
    };
    // Those that hold others stand before them, so the innermost are parsed first.
    for expr in found(bytes, root).unwrap_or_default().into_iter().rev() {
        let alone = shallow(expr, EXPR).unwrap_or_default();
        // Bytes that are not an expression fail when the whole message is decoded.
        if let Ok(node) = LogicalExprNode::decode(alone.as_slice()) {
            parse_expr(&node, task, stand_ins)?;
        }
    }
    Ok(())
}

/// The expressions of a message, each before those that it holds.
fn found(bytes: &[u8], root: u16) -> Result<Vec<&[u8]>, Fault> {
    let (mut found, mut pending) = (Vec::new(), vec![(bytes, root)]);
    while let Some((bytes, index)) = pending.pop() {
        if index == EXPR {
            found.push(bytes);
        }
        let mut fields = Fields::new(bytes, Message::at(index)?);
        while !fields.rest.is_empty() {
            let (_, slot, value) = fields.next()?;
            if let (Some(index), Value::Bytes(inner)) = (slot.message(), value) {
                pending.push((inner, index));
            }
        }
    }
    Ok(found)
}

/// A message in which every plan and expression is a stand-in.
fn shallow(bytes: &[u8], index: u16) -> Option<Vec<u8>> {
    let mut fields = Fields::new(bytes, Message::at(index).ok()?);
    let mut alone = Vec::new();
    while !fields.rest.is_empty() {
        let before = fields.rest;
        let (number, slot, value) = fields.next().ok()?;
        let (Some(index), Value::Bytes(inner)) = (slot.message(), value) else {
            alone.extend_from_slice(before.get(..before.len().checked_sub(fields.rest.len())?)?);
            continue;
        };
        let inner = match index {
            EXPR => COLUMN.to_vec(),
            LOGICAL_PLAN => NO_ROWS.to_vec(),
            index => shallow(inner, index)?,
        };
        encode_varint(u64::from(number) << 3 | 2, &mut alone);
        encode_varint(inner.len() as u64, &mut alone);
        alone.extend(inner);
    }
    Some(alone)
}
