//! What a node holds inside stays under the policy of the whole call.

use std::sync::Arc;

use datafusion::logical_expr::{Expr, Extension, LogicalPlan};
use datafusion::prelude::{SessionContext, col};
use datafusion_proto::logical_plan::from_proto::parse_exprs;
use datafusion_proto::logical_plan::to_proto::serialize_exprs;
use datafusion_proto::protobuf::LogicalExprList;
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_python::PythonFamily;
use planwire_registry::{
    AuthorizedFrame, CodecRef, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Limit,
    Member, Node, NodeRef, Payload, Place, SessionCodecs, Tag, WireError, WireFamily,
};
use prost::Message;

use crate::fixture::{python, scalar, scalar_of};
use crate::nodes::Annotated;

/// Carries [`Annotated`] with its expressions, through the codec of the call.
#[derive(Debug)]
struct AnnotatedFamily;

const NAME: FamilyName = FamilyName::new("annotated");

impl WireFamily for AnnotatedFamily {
    fn name(&self) -> FamilyName {
        NAME
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::LogicalNode).then_some(Tag::new(b"DFANNOT", 1))
    }

    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        let (NodeRef::LogicalNode(extension), CodecRef::Logical(codec)) = (node, cx.codec) else {
            return Ok(None);
        };
        let Some(annotated) = extension.node.as_any().downcast_ref::<Annotated>() else { return Ok(None) };
        let notes = serialize_exprs(&annotated.notes, codec).map_err(|error| WireError::Encode {
            family: NAME,
            kind: Kind::LogicalNode,
            name: "Annotated".to_owned(),
            source: Arc::new(error),
        })?;
        Ok(Some(Payload::from(&*LogicalExprList { expr: notes }.encode_to_vec())))
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        let (Place::LogicalNode { task, .. }, CodecRef::Logical(codec)) = (cx.place, cx.codec) else {
            return Err(frame.malformed("a logical node stands in a logical plan"));
        };
        let notes = LogicalExprList::decode(frame.payload()).map_err(|error| frame.undecodable(error))?;
        let notes = parse_exprs(&notes.expr, task, codec).map_err(|error| frame.undecodable(error))?;
        Ok(Node::LogicalNode(Extension { node: Arc::new(Annotated::new(notes)) }))
    }
}

fn codecs(python: FamilyMode) -> SessionCodecs {
    let member = |family: Arc<dyn WireFamily>| Member { family, origin: "tests" };
    let families =
        FamilyList::new([member(Arc::new(AnnotatedFamily)), member(Arc::new(PythonFamily))]).unwrap();
    let codecs = SessionCodecs::new(families).with_mode("annotated", FamilyMode::Inline).unwrap();
    codecs.with_mode("python", python).unwrap()
}

fn plan(notes: Vec<Expr>) -> LogicalPlan {
    LogicalPlan::Extension(Extension { node: Arc::new(Annotated::new(notes)) })
}

#[test]
fn functions_inside_a_node_cross_with_it() {
    let noted = plan(vec![scalar("triple").call(vec![col("a")]), col("b")]);
    let inline = codecs(FamilyMode::Inline);
    let bytes = inline.logical().logical_plan_to_bytes(&noted).unwrap();
    let task = SessionContext::new().task_ctx();
    let back = inline.logical().logical_plan_from_bytes(&bytes, &task).unwrap();
    let notes: Vec<_> = back.expressions().iter().map(ToString::to_string).collect();
    assert_eq!(notes, ["triple(a)", "b"]);
}

#[test]
fn a_refused_family_is_refused_inside_a_node_of_an_enabled_one() {
    let noted = plan(vec![scalar("triple").call(vec![col("a")])]);
    let bytes = codecs(FamilyMode::Inline).logical().logical_plan_to_bytes(&noted).unwrap();
    let task = SessionContext::new().task_ctx();
    let error = codecs(FamilyMode::Refuse).logical().logical_plan_from_bytes(&bytes, &task).unwrap_err();
    assert!(matches!(&error, WireError::Refused { name, .. } if name == "triple"), "{error}");
}

#[test]
fn a_function_inside_a_node_that_cannot_be_carried_fails_the_message() {
    let locked = scalar_of("locked", python("locked"), datafusion::logical_expr::Volatility::Immutable);
    let noted = plan(vec![locked.call(vec![col("a")])]);
    let error = codecs(FamilyMode::Inline).logical().logical_plan_to_bytes(&noted).unwrap_err();
    assert!(matches!(&error, WireError::Encode { name, .. } if name == "locked"), "{error}");
}

/// Carries a column's name, or another [`Nested`], each within a frame of its own.
#[derive(Debug)]
struct NestFamily;

impl NestFamily {
    const TAG: Tag = Tag::new(b"DFNESTF", 1);

    /// So many frames within each other.
    fn frames(depth: usize) -> Vec<u8> {
        let header = [Self::TAG.magic.as_bytes().as_slice(), &[1]].concat();
        header.repeat(depth)
    }
}

impl WireFamily for NestFamily {
    fn name(&self) -> FamilyName {
        FamilyName::new("nest")
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::LogicalNode).then_some(Self::TAG)
    }

    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        let (NodeRef::LogicalNode(extension), CodecRef::Logical(codec)) = (node, cx.codec) else {
            return Ok(None);
        };
        let Some(node) = extension.node.as_any().downcast_ref::<Annotated>() else { return Ok(None) };
        let mut inside = Vec::new();
        // As many notes as there are frames around the innermost.
        if let [_, fewer @ ..] = &node.notes[..] {
            let fewer = Extension { node: Arc::new(Annotated::new(fewer.to_vec())) };
            codec
                .try_encode(&fewer, &mut inside)
                .map_err(|error| WireError::find(&error).unwrap().clone())?;
        }
        Ok(Some(Payload::from(&*inside)))
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        let (Place::LogicalNode { task, .. }, CodecRef::Logical(codec)) = (cx.place, cx.codec) else {
            return Err(frame.malformed("a logical node stands in a logical plan"));
        };
        let mut notes = Vec::new();
        if !frame.payload().is_empty() {
            let inside = codec.try_decode(frame.payload(), &[], task);
            let inside = inside.map_err(|error| WireError::find(&error).unwrap().clone())?;
            let inside = inside.node.as_any().downcast_ref::<Annotated>().unwrap();
            notes.extend(inside.notes.iter().cloned());
            notes.push(col("a"));
        }
        Ok(Node::LogicalNode(Extension { node: Arc::new(Annotated::new(notes)) }))
    }
}

#[test]
fn frames_within_each_other_end_at_the_limit_and_not_with_the_stack() {
    let family = Member { family: Arc::new(NestFamily), origin: "tests" };
    let codecs = SessionCodecs::new(FamilyList::new([family]).unwrap());
    let codecs = codecs.with_mode("nest", FamilyMode::Inline).unwrap();
    let most = codecs.limits().most(Limit::Nesting);
    let like = |notes| Node::LogicalNode(Extension { node: Arc::new(Annotated::new(vec![col("a"); notes])) });
    let outcome = |node: datafusion::error::Result<Node>| match node {
        Ok(_) => Ok(()),
        Err(error) => Err(WireError::find(&error).unwrap().to_string()),
    };
    let decoded = |depth| {
        let frames = NestFamily::frames(depth);
        outcome(decode(&codecs, Layer::Logical, "", &like(0), &frames))
    };
    let encoded = |depth: usize| {
        let mut bytes = Vec::new();
        let node = like(depth - 1);
        let encoded = encode(&codecs, Layer::Logical, "", &node, &mut bytes).map(|()| node);
        outcome(encoded).map(|()| bytes)
    };
    assert_eq!(encoded(most).unwrap(), NestFamily::frames(most));
    decoded(most).unwrap();
    let told = "limit `nesting` exceeded: 101 messages or frames within each other, the most is 100";
    assert_eq!(encoded(most + 1).unwrap_err(), told);
    assert_eq!(decoded(most + 1).unwrap_err(), told);
    // A thread that has left the frames begins again.
    decoded(most).unwrap();

    // On a thread with little room, and far more than it could hold.
    let codecs = codecs.clone();
    let hostile = move || {
        let frames = NestFamily::frames(1_000_000);
        let node = Node::LogicalNode(Extension { node: Arc::new(Annotated::new(vec![])) });
        let error = decode(&codecs, Layer::Logical, "", &node, &frames).unwrap_err();
        assert_eq!(WireError::find(&error).unwrap().code(), "PW-D017");
    };
    std::thread::Builder::new().stack_size(1024 * 1024).spawn(hostile).unwrap().join().unwrap();
}
