//! Probes: each expression of a message parsed by itself, with stand-ins for all that it holds.
//!
//! DataFusion turns an error inside a list of arguments into text, escaped once more for each list
//! around it, so that it doubles: from far down in a message of a kilobyte it would take gigabytes.
//! Parsed by itself, an expression reports its own error at once. Parsing does not mind what kind of
//! expression an argument is, so one that parses by itself parses in its place.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::{TableReference, not_impl_err};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, Extension, HigherOrderUDF, LogicalPlan, ScalarUDF, WindowUDF};
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
use crate::plan::kind::Kind;
use crate::plan::node::FromNode;
use crate::plan::stand_in;

/// The column `a`.
const COLUMN: &[u8] = b"\x0a\x03\x0a\x01a";
/// The relation without rows.
const NO_ROWS: &[u8] = b"\x52\x00";

/// Parses every expression of a message that has passed [`super::check`].
///
/// # Errors
///
/// DataFusion's, for an expression that it does not accept.
pub(crate) fn exprs(bytes: &[u8], root: Root, task: &TaskContext) -> Result<()> {
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
            parse_expr(&node, task, &StandIns)?;
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

/// Decodes every function as a stand-in.
#[derive(Debug)]
struct StandIns;

fn any<T: FromNode>(kind: Kind) -> Result<T> {
    match stand_in::of(kind).and_then(T::from_node) {
        Some(function) => Ok(function),
        None => not_impl_err!("there is no stand-in for a {kind}"),
    }
}

impl LogicalExtensionCodec for StandIns {
    fn try_decode_udf(&self, _: &str, _: &[u8]) -> Result<Arc<ScalarUDF>> {
        any(Kind::ScalarUdf)
    }

    fn try_decode_udaf(&self, _: &str, _: &[u8]) -> Result<Arc<AggregateUDF>> {
        any(Kind::AggregateUdf)
    }

    fn try_decode_udwf(&self, _: &str, _: &[u8]) -> Result<Arc<WindowUDF>> {
        any(Kind::WindowUdf)
    }

    fn try_decode_higher_order_function(&self, _: &str, _: &[u8]) -> Result<Arc<HigherOrderUDF>> {
        any(Kind::HigherOrderUdf)
    }

    fn try_decode(&self, _: &[u8], _: &[LogicalPlan], _: &TaskContext) -> Result<Extension> {
        any(Kind::LogicalNode)
    }

    fn try_encode(&self, _: &Extension, _: &mut Vec<u8>) -> Result<()> {
        not_impl_err!("stand-ins are not encoded")
    }

    fn try_decode_table_provider(
        &self,
        _: &[u8],
        _: &TableReference,
        _: SchemaRef,
        _: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        any(Kind::TableProvider)
    }

    fn try_encode_table_provider(
        &self,
        _: &TableReference,
        _: Arc<dyn TableProvider>,
        _: &mut Vec<u8>,
    ) -> Result<()> {
        not_impl_err!("stand-ins are not encoded")
    }
}
