//! The family `planwire`: frames that the core itself writes and reads, whatever the policy, because they
//! carry values of plans and no code.

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::error::Result;
use datafusion::logical_expr::{Extension, ScalarUDF};
use datafusion::physical_plan::ExecutionPlan;
use prost::Message as _;

use crate::error::WireError;
use crate::family::authorized::AuthorizedFrame;
use crate::family::context::{DecodeContext, EncodeContext, Place};
use crate::family::{Nested, WireFamily};
use crate::fidelity::logical::expr::StandIn;
use crate::fidelity::logical::node::StandInNode;
use crate::fidelity::logical::payload::{ExprPayload, KeptNode, NodePayload};
use crate::fidelity::logical::series;
use crate::fidelity::options::Options;
use crate::fidelity::physical::{exprs, kept, streams};
use crate::plan::kind::Kind;
use crate::plan::message_sort::Message;
use crate::plan::node::{Node, NodeRef};
use crate::wire::family_name::{FamilyName, OWN};
use crate::wire::frame::{Frame, Magic, Payload, Tag};

const EXPR: Tag = Tag::new(b"DFKEEPE", 1);
const NODE: Tag = Tag::new(b"DFKEEPL", 1);
const TABLE: Tag = Tag::new(b"DFKEEPT", 1);

/// The kinds that the core itself carries.
const TAGS: [(Kind, Tag); 5] = [
    (Kind::ScalarUdf, EXPR),
    (Kind::LogicalNode, NODE),
    (Kind::TableProvider, TABLE),
    (Kind::PhysicalNode, kept::TAG),
    (Kind::PhysicalExpr, exprs::TAG),
];

/// The kind and the tag of the core's own frames with this magic.
pub(crate) fn tag_of(magic: Magic) -> Option<(Kind, Tag)> {
    TAGS.into_iter().find(|(_, tag)| tag.magic == magic)
}

/// The family for the parts that plans and expressions would lose.
#[derive(Debug)]
pub(crate) struct Fidelity;

impl WireFamily for Fidelity {
    fn name(&self) -> FamilyName {
        OWN
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        TAGS.into_iter().find_map(|(carried, tag)| (carried == kind).then_some(tag))
    }

    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        match node {
            NodeRef::ScalarUdf(udf) => {
                let Some(stand_in) = udf.inner().downcast_ref::<StandIn>() else { return Ok(None) };
                let payload = ExprPayload { kept: Some(stand_in.kept.clone()) };
                Ok(Some(Payload::concat(&[&payload.encode_to_vec()])))
            }
            NodeRef::LogicalNode(extension) => {
                let Some(node) = extension.node.as_any().downcast_ref::<StandInNode>() else {
                    return Ok(None);
                };
                let exprs = node.exprs.iter().map(|expr| cx.expr_to_bytes(expr)).collect::<Result<_, _>>()?;
                let payload = NodePayload { kept: Some(node.kept.clone()), exprs };
                Ok(Some(Payload::concat(&[&payload.encode_to_vec()])))
            }
            NodeRef::TableProvider { provider, .. } => match plan_of(provider) {
                Ok(None) => Ok(None),
                Ok(Some(plan)) => Ok(Some(Payload::concat(&[&cx.physical_plan_to_bytes(&plan)?]))),
                Err(error) => Err(cx.cannot_carry(error)),
            },
            _ => Ok(None),
        }
    }

    fn nested<'a>(&self, kind: Kind, frame: &Frame<'a>) -> Nested<'a> {
        match kind {
            Kind::TableProvider => Nested::Parts(vec![(Message::PhysicalPlan, frame.payload)]),
            Kind::LogicalNode => Nested::Parts(exprs_of(frame.payload)),
            _ => Nested::Nothing,
        }
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        match cx.place {
            Place::PhysicalNode { inputs, task, .. } => {
                let hold = |options: &Options| cx.call.hold(options, task);
                let plan = kept::restore(frame.payload(), inputs, task, &hold);
                return plan.map(Node::PhysicalNode).map_err(|error| frame.undecodable(error));
            }
            Place::PhysicalExpr { inputs, .. } => {
                let expr = exprs::restore(frame.payload(), inputs);
                return expr.map(Node::PhysicalExpr).map_err(|error| frame.undecodable(error));
            }
            _ => cx.call.note_kept(),
        }
        match cx.place {
            Place::ScalarUdf { .. } => {
                let payload = ExprPayload::decode(frame.payload()).map_err(|error| unread(&frame, &error))?;
                let Some(kept) = payload.kept else { return Err(frame.malformed(OF_NOTHING)) };
                Ok(Node::ScalarUdf(Arc::new(ScalarUDF::new_from_impl(StandIn::new(kept)))))
            }
            Place::LogicalNode { inputs, task } => {
                let payload = NodePayload::decode(frame.payload()).map_err(|error| unread(&frame, &error))?;
                let Some(kept) = payload.kept else { return Err(frame.malformed(OF_NOTHING)) };
                if let KeptNode::Under(options) = &kept {
                    cx.call.hold(options, task)?;
                }
                let exprs =
                    payload.exprs.iter().map(|expr| cx.expr_from_bytes(expr)).collect::<Result<_, _>>()?;
                let node = StandInNode::restoring(kept, exprs, inputs.to_vec())
                    .map_err(|error| frame.undecodable(error))?;
                Ok(Node::LogicalNode(Extension { node: Arc::new(node) }))
            }
            Place::TableProvider { .. } => {
                let plan = cx.physical_plan_from_bytes(frame.payload())?;
                match table_of(&plan).map_err(|error| frame.undecodable(error))? {
                    Some(table) => Ok(Node::TableProvider(table)),
                    None => Err(frame.malformed("a table that is none of DataFusion's own")),
                }
            }
            _ => Err(frame.malformed(OF_NOTHING)),
        }
    }
}

/// The plan that reads one of DataFusion's own tables.
fn plan_of(provider: &Arc<dyn TableProvider>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    Ok(match series::plan(provider)? {
        Some(plan) => Some(plan),
        None => streams::plan(provider)?,
    })
}

/// The table that such a plan reads.
fn table_of(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn TableProvider>>> {
    if let Some(series) = series::table(plan) {
        return Ok(Some(Arc::new(series)));
    }
    Ok(streams::table(plan)?.map(|stream| Arc::new(stream) as _))
}

const OF_NOTHING: &str = "it says nothing that this version keeps";

fn unread(frame: &AuthorizedFrame<'_>, error: &prost::DecodeError) -> WireError {
    frame.malformed(error.to_string())
}

/// The messages of a node's expressions: the fields of number 15 of a sound payload.
fn exprs_of(payload: &[u8]) -> Vec<(Message, &[u8])> {
    crate::preflight::shape::fields_of(payload, 15).into_iter().map(|expr| (Message::Expr, expr)).collect()
}
