//! Faults of a family are told with its name, whatever it does.

use std::sync::Arc;

use datafusion::functions::math::abs;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::prelude::{SessionContext, col};
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_registry::frame::Frame;
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Member, Nested,
    Node, NodeRef, Payload, SessionCodecs, Stamp, StampError, Tag, WireError, WireFamily,
};

use crate::fixture::nodes::{Answer, Probe, with_terminal};

/// What a [`Faulty`] family does wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    PanicsInEncode,
    PanicsInStamp,
    PanicsInNested,
    PanicsInDecode,
    RemarksInEncode,
    RemarksInDecode,
    ReturnsAnotherKind,
}

#[derive(Debug)]
struct Faulty(Fault);

impl Faulty {
    #[track_caller]
    fn panics_if(&self, fault: Fault) {
        assert!(self.0 != fault, "oops");
    }
}

fn remark() -> WireError {
    WireError::Preferred { kind: Kind::ScalarUdf, name: "abs".to_owned() }
}

impl WireFamily for Faulty {
    fn name(&self) -> FamilyName {
        FamilyName::new("faulty")
    }
    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::ScalarUdf).then_some(Tag::new(b"DFFAULT", 1))
    }
    fn encode(&self, _: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        self.panics_if(Fault::PanicsInEncode);
        if self.0 == Fault::RemarksInEncode { Err(remark()) } else { Ok(Some(Payload::concat(&[]))) }
    }
    fn stamp(&self, _: &Frame<'_>) -> Result<Option<Stamp>, StampError> {
        self.panics_if(Fault::PanicsInStamp);
        Ok(None)
    }
    fn nested<'a>(&self, _: Kind, _: &Frame<'a>) -> Nested<'a> {
        self.panics_if(Fault::PanicsInNested);
        Nested::Nothing
    }
    fn decode(&self, _: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        self.panics_if(Fault::PanicsInDecode);
        match self.0 {
            Fault::RemarksInDecode => Err(remark()),
            Fault::ReturnsAnotherKind => Ok(Node::AggregateUdf(sum_udaf())),
            _ => Ok(Node::ScalarUdf(abs())),
        }
    }
}

fn codecs(fault: Fault) -> SessionCodecs {
    let member = Member::new(Arc::new(Faulty(fault)), "tests");
    let codecs = SessionCodecs::new(FamilyList::new([member]).unwrap());
    codecs.with_mode("faulty", FamilyMode::Inline).unwrap()
}

fn message() -> Vec<u8> {
    codecs(Fault::None).logical().expr_to_bytes(&abs().call(vec![col("a")])).unwrap()
}

fn told(error: &WireError) -> String {
    format!("{} {error}", error.code())
}

#[test]
fn a_family_that_panics_or_errs_is_named() {
    let task = SessionContext::new().task_ctx();
    let encoded = |fault| codecs(fault).logical().expr_to_bytes(&abs().call(vec![col("a")])).unwrap_err();
    let decoded = |fault| codecs(fault).logical().expr_from_bytes(&message(), &task).unwrap_err();
    insta::assert_snapshot!(told(&encoded(Fault::PanicsInEncode)), @"PW-E010 family `faulty` panicked over the scalar UDF 'abs': 'oops'");
    insta::assert_snapshot!(told(&encoded(Fault::RemarksInEncode)), @"PW-E001 family `faulty` cannot carry the scalar UDF 'abs'");
    insta::assert_snapshot!(told(&decoded(Fault::PanicsInStamp)), @"PW-D020 family `faulty` panicked over the scalar UDF 'abs': 'oops'");
    insta::assert_snapshot!(told(&decoded(Fault::PanicsInDecode)), @"PW-D020 family `faulty` panicked over the scalar UDF 'abs': 'oops'");
    insta::assert_snapshot!(told(&decoded(Fault::RemarksInDecode)), @"PW-D010 the payload of the scalar UDF 'abs' of family `faulty` cannot be decoded");
    insta::assert_snapshot!(told(&decoded(Fault::ReturnsAnotherKind)), @"PW-D021 family `faulty` returned another kind for the scalar UDF 'abs': aggregate UDF");
}

#[test]
fn an_engine_that_asks_node_by_node_gets_the_same_errors() {
    let node = crate::fixture::nodes::abs();
    for layer in [Layer::Logical, Layer::Physical] {
        let mut frame = Vec::new();
        encode(&codecs(Fault::None), layer, "abs", &node, &mut frame).unwrap();
        for (fault, code) in [
            (Fault::PanicsInStamp, "PW-D020"),
            (Fault::PanicsInDecode, "PW-D020"),
            (Fault::ReturnsAnotherKind, "PW-D021"),
        ] {
            let error = decode(&codecs(fault), layer, "abs", &node, &frame).unwrap_err();
            assert_eq!(WireError::find(&error).unwrap().code(), code);
        }
        let error = encode(&codecs(Fault::PanicsInEncode), layer, "abs", &node, &mut vec![]).unwrap_err();
        assert_eq!(WireError::find(&error).unwrap().code(), "PW-E010");
    }
}

#[test]
fn a_look_at_a_payload_outlives_a_panic_of_its_family() {
    let task = SessionContext::new().task_ctx();
    for fault in [Fault::PanicsInStamp, Fault::PanicsInNested] {
        let contents = codecs(fault).inspect(&message(), None, &task).unwrap();
        let named = "refused (PW-D020): family `faulty` panicked over the scalar UDF 'abs': 'oops'";
        assert!(contents.to_string().contains(named) && !contents.is_admitted(), "{contents}");
    }
}

#[test]
fn a_codec_that_fails_over_a_node_tells_of_families_that_are_refused() {
    let codecs = with_terminal(&codecs(Fault::None), &Probe::new(Answer::Fail));
    let codecs = codecs.with_mode("faulty", FamilyMode::Refuse).unwrap();
    let told = |node| {
        let error = encode(&codecs, Layer::Logical, "", &node, &mut Vec::new()).unwrap_err();
        WireError::find(&error).unwrap().to_string()
    };
    insta::assert_snapshot!(told(crate::fixture::nodes::abs()), @"the terminal codec cannot encode the scalar UDF 'abs'; families that carry this kind and are refused here: `faulty`");
    insta::assert_snapshot!(told(Node::AggregateUdf(sum_udaf())), @"the terminal codec cannot encode the aggregate UDF 'sum'");
}
