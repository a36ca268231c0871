//! The family `ballista`: Ballista's own nodes of physical plans.
//!
//! A payload is a sequence of parts, each `<length: u32 LE><bytes>`, and then their number, as `u32 LE`:
//!
//! 1. the node as Ballista's codec writes it, without its inputs and with its functions by name; nothing for a join
//!    of which each task has the whole left side;
//! 2. the input of a node that writes a shuffle, as a message of planwire's, if DataFusion's protobuf beside the
//!    payload would lose something of it; that join, over inputs without rows; else nothing;
//! 3. from here on, the functions that the node calls, each as an expression that calls one with no arguments.

use std::sync::Arc;

use ballista_core::execution_plans::{
    BufferExec, ChaosExec, OrderedRangeRepartitionExec, PartitionedBoundedWindowAggExec,
    PerPartitionFilterExec, PrefixMergeExec, RangeFilterExec, RangeShuffleReaderExec, RangeShuffleWriterExec,
    RuntimeStatsExec, ShuffleReaderExec, ShuffleWriterExec, SortShuffleWriterExec,
    UnorderedRangeRepartitionExec, UnresolvedShuffleExec,
};
use ballista_core::serde::BallistaPhysicalExtensionCodec;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::{AsExecutionPlan, PhysicalExtensionCodec};
use datafusion_proto::protobuf::PhysicalPlanNode;
use planwire_registry::error::Message;
use planwire_registry::frame::Frame;
use planwire_registry::{
    AuthorizedFrame, CodecRef, DecodeContext, EncodeContext, FamilyName, Kind, Nested, Node, NodeRef,
    Payload, Place, Tag, WireError, WireFamily, check_writes,
};

use crate::NAME;
use crate::dictionaries::{on_arriving, on_leaving};
use crate::functions::Functions;
use crate::join::CollectingJoinExec;

/// The family that carries Ballista's nodes, with the functions in their expressions.
///
/// It decodes nothing else than its nodes; the functions in them are under the modes of their own families.
#[derive(Debug)]
pub struct BallistaFamily;

const TOO_LONG: &str = "it takes more than 4 GiB";

const TAG: Tag = Tag::new(b"DFBALLI", 1);

impl WireFamily for BallistaFamily {
    fn name(&self) -> FamilyName {
        FamilyName::new(NAME)
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::PhysicalNode).then_some(TAG)
    }

    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        let NodeRef::PhysicalNode { plan, converter } = node else { return Ok(None) };
        if let Some(join) = plan.downcast_ref::<CollectingJoinExec>() {
            let alone = join.alone().map_err(|error| cx.cannot_carry(error))?;
            let parts = [Vec::new(), cx.physical_plan_to_bytes(&alone)?];
            return written(&parts).ok_or_else(|| cx.cannot_carry(TOO_LONG)).map(Some);
        }
        if !is_ballistas(plan.as_ref()) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        BallistaPhysicalExtensionCodec::default()
            .try_encode(Arc::clone(plan), &mut bytes, converter)
            .map_err(|error| cx.cannot_carry(error))?;
        let mut parts = vec![bytes, input(plan.as_ref(), cx)?];
        let functions = Functions::of(plan.as_ref())?;
        for call in functions.calls() {
            parts.push(cx.expr_to_bytes(&call)?);
        }
        written(&parts).ok_or_else(|| cx.cannot_carry(TOO_LONG)).map(Some)
    }

    fn nested<'a>(&self, _: Kind, frame: &Frame<'a>) -> Nested<'a> {
        let Some(parts) = Parts::read(frame.payload) else { return Nested::Unknown };
        let input = parts.input.map(|input| (Message::PhysicalPlan, input));
        Nested::Parts(
            input.into_iter().chain(parts.calls.iter().map(|call| (Message::Expr, *call))).collect(),
        )
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        let Place::PhysicalNode { inputs, task, converter } = cx.place else {
            return Err(frame.malformed("it is no node of a physical plan"));
        };
        let parts = Parts::read(frame.payload()).ok_or_else(|| frame.malformed("its parts do not add up"))?;
        let mut functions = Functions::default();
        for call in parts.calls {
            functions.add_called(cx.expr_from_bytes(call)?).map_err(|error| frame.undecodable(error))?;
        }
        let input = parts.input.map(|input| cx.physical_plan_from_bytes(input)).transpose()?;
        if parts.node.is_empty() {
            let alone = input.ok_or_else(|| frame.malformed("it has neither a node nor a join"))?;
            inputs.iter().try_for_each(check_writes)?;
            let join =
                CollectingJoinExec::arrived(alone, inputs).map_err(|error| frame.undecodable(error))?;
            return Ok(Node::PhysicalNode(join));
        }
        let inputs = input.as_ref().map_or(inputs, std::slice::from_ref);
        // Ballista decodes a task node by node, so nobody else sees all of its plan.
        inputs.iter().try_for_each(check_writes)?;
        let plan = BallistaPhysicalExtensionCodec::default()
            .try_decode(parts.node, inputs, &functions.before(task), converter)
            .map_err(|error| frame.undecodable(error))?;
        let plan = if is_writer(plan.as_ref()) { on_leaving(plan) } else { on_arriving(plan) };
        plan.map(Node::PhysicalNode).map_err(|error| frame.undecodable(error))
    }
}

/// Whether a node is one of Ballista's, in the order of their names.
fn is_ballistas(plan: &dyn ExecutionPlan) -> bool {
    plan.is::<BufferExec>()
        || plan.is::<ChaosExec>()
        || plan.is::<OrderedRangeRepartitionExec>()
        || plan.is::<PartitionedBoundedWindowAggExec>()
        || plan.is::<PerPartitionFilterExec>()
        || plan.is::<PrefixMergeExec>()
        || plan.is::<RangeFilterExec>()
        || plan.is::<RangeShuffleReaderExec>()
        || is_writer(plan)
        || plan.is::<RuntimeStatsExec>()
        || plan.is::<ShuffleReaderExec>()
        || plan.is::<UnorderedRangeRepartitionExec>()
        || plan.is::<UnresolvedShuffleExec>()
}

/// Whether a node writes a shuffle; the plan of each task ends in one.
fn is_writer(plan: &dyn ExecutionPlan) -> bool {
    plan.is::<RangeShuffleWriterExec>()
        || plan.is::<ShuffleWriterExec>()
        || plan.is::<SortShuffleWriterExec>()
}

/// The input of a writer as a message, or nothing if the input that Ballista writes beside it is the same.
///
/// Encoding it refuses what a receiver would refuse or would read as another plan.
fn input(plan: &dyn ExecutionPlan, cx: &EncodeContext<'_>) -> Result<Vec<u8>, WireError> {
    let children = plan.children();
    let (true, [input], CodecRef::Physical(codec)) = (is_writer(plan), children.as_slice(), cx.codec) else {
        return Ok(Vec::new());
    };
    let whole = cx.physical_plan_to_bytes(input)?;
    let mut beside = Vec::new();
    PhysicalPlanNode::try_from_physical_plan(Arc::clone(input), codec)
        .and_then(|node| node.try_encode(&mut beside))
        .map_err(|error| cx.cannot_carry(error))?;
    Ok(if whole == beside { Vec::new() } else { whole })
}

/// A payload, in its parts.
struct Parts<'a> {
    node: &'a [u8],
    input: Option<&'a [u8]>,
    calls: Vec<&'a [u8]>,
}

impl<'a> Parts<'a> {
    /// Reads a payload, or returns nothing if its lengths do not add up.
    fn read(payload: &'a [u8]) -> Option<Self> {
        let (payload, count) = payload.split_last_chunk()?;
        let (mut parts, mut rest) = (Vec::new(), payload);
        while !rest.is_empty() {
            let (length, behind) = rest.split_first_chunk()?;
            let (part, behind) = behind.split_at_checked(u32::from_le_bytes(*length).try_into().ok()?)?;
            parts.push(part);
            rest = behind;
        }
        if parts.len() != usize::try_from(u32::from_le_bytes(*count)).ok()? {
            return None;
        }
        let ([node, input], calls) = parts.split_first_chunk()?;
        let input = (!input.is_empty()).then_some(*input);
        if calls.iter().any(|call| call.is_empty()) {
            return None;
        }
        Some(Self { node, input, calls: calls.to_vec() })
    }
}

/// Writes a payload, or nothing if a part is too long.
fn written(parts: &[Vec<u8>]) -> Option<Payload> {
    let mut payload = Payload::concat(&[]);
    for part in parts {
        payload.extend_from_slice(&u32::try_from(part.len()).ok()?.to_le_bytes());
        payload.extend_from_slice(part);
    }
    // Last, because a part may end in a signature, which would be taken for the payload's own.
    payload.extend_from_slice(&u32::try_from(parts.len()).ok()?.to_le_bytes());
    Some(payload)
}
