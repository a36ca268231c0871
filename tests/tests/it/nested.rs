//! What a node holds inside stays under the policy of the whole call.

use std::sync::Arc;

use datafusion::logical_expr::{Expr, Extension, LogicalPlan};
use datafusion::prelude::{SessionContext, col};
use datafusion_proto::logical_plan::from_proto::parse_exprs;
use datafusion_proto::logical_plan::to_proto::serialize_exprs;
use datafusion_proto::protobuf::LogicalExprList;
use planwire_python::PythonFamily;
use planwire_registry::{
    AuthorizedFrame, CodecRef, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind,
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
