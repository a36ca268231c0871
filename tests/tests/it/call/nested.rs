//! What a node holds inside stays under the policy and the limits of the whole call.

mod every_sort;
mod limits;
mod told;

use std::sync::Arc;

use datafusion::logical_expr::{Expr, Extension, LogicalPlan};
use datafusion::prelude::{SessionContext, col};
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_python::PythonFamily;
use planwire_registry::error::Message;
use planwire_registry::frame::Frame;
use planwire_registry::{
    AuthorizedFrame, CodecRef, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Limit,
    Member, Nested, Node, NodeRef, Payload, Place, SessionCodecs, Tag, WireError, WireFamily,
};

use crate::fixture::nodes::Annotated;
use crate::fixture::{python, scalar, scalar_of};

/// Carries [`Annotated`] with its expressions, each as a message of its own.
#[derive(Debug)]
struct AnnotatedFamily;

impl WireFamily for AnnotatedFamily {
    fn name(&self) -> FamilyName {
        FamilyName::new("annotated")
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::LogicalNode).then_some(Tag::new(b"DFANNOT", 1))
    }

    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        let NodeRef::LogicalNode(extension) = node else { return Ok(None) };
        let Some(annotated) = extension.node.as_any().downcast_ref::<Annotated>() else { return Ok(None) };
        let mut payload = Payload::concat(&[]);
        for note in &annotated.notes {
            let note = cx.expr_to_bytes(note)?;
            let length = u32::try_from(note.len()).map_err(|error| cx.cannot_carry(error))?;
            payload.extend_from_slice(&length.to_le_bytes());
            payload.extend_from_slice(&note);
        }
        Ok(Some(payload))
    }

    fn nested<'a>(&self, _: Kind, frame: &Frame<'a>) -> Nested<'a> {
        let notes = notes(frame.payload).unwrap_or_default();
        Nested::Parts(notes.into_iter().map(|note| (Message::Expr, note)).collect())
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        let Some(notes) = notes(frame.payload()) else {
            return Err(frame.malformed("it ends within a note"));
        };
        let notes = notes.into_iter().map(|note| cx.expr_from_bytes(note)).collect::<Result<_, _>>()?;
        Ok(Node::LogicalNode(Extension { node: Arc::new(Annotated::new(notes)) }))
    }
}

/// The notes of a payload, each behind its length.
fn notes(mut payload: &[u8]) -> Option<Vec<&[u8]>> {
    let mut notes = Vec::new();
    while let Some((length, rest)) = payload.split_first_chunk() {
        let (note, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        notes.push(note);
        payload = rest;
    }
    payload.is_empty().then_some(notes)
}

/// The same, by a family that does not tell what is inside.
#[derive(Debug)]
struct Untold;

impl WireFamily for Untold {
    fn name(&self) -> FamilyName {
        FamilyName::new("untold")
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::LogicalNode).then_some(Tag::new(b"DFUNTOL", 1))
    }

    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        AnnotatedFamily.encode(node, cx)
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        AnnotatedFamily.decode(frame, cx)
    }
}

fn codecs(python: FamilyMode) -> SessionCodecs {
    let member = |family: Arc<dyn WireFamily>| Member::new(family, "tests");
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

/// Carries nothing, or another node, each within a frame of its own.
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
    let family = Member::new(Arc::new(NestFamily), "tests");
    let codecs = SessionCodecs::new(FamilyList::new([family]).unwrap());
    let codecs = codecs.with_mode("nest", FamilyMode::Inline).unwrap();
    let most = codecs.limits().get(Limit::Nesting);
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
    let told = "limit `nesting` exceeded: 101 messages or frames within each other, the limit is 100";
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
