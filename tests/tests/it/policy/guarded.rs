//! Guarded modes: a strict mode sees each payload, in both directions, and has the last word.

use std::sync::{Arc, Mutex};

use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_python::PythonFamily;
use planwire_registry::envelope::{self, Envelope};
use planwire_registry::{
    AuthorizedFrame, Candidate, Crossing, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName,
    Inspection, Kind, Member, Node, NodeRef, Payload, SessionCodecs, StrictMode, Tag, Verdict, WireError,
    WireFamily,
};

use crate::fixture::nodes::{Answer, Probe};
use crate::fixture::{fresh, inline, scalar};

/// Gives one verdict to all, and notes what it was asked.
#[derive(Debug)]
struct Fixed {
    verdict: Verdict,
    asked: Mutex<Vec<(Crossing, Inspection)>>,
}

impl StrictMode for Fixed {
    fn verdict(&self, crossing: Crossing, candidate: &Candidate<'_>) -> Verdict {
        self.asked.lock().unwrap().push((crossing, candidate.seen.clone()));
        self.verdict.clone()
    }
}

fn guarded(verdict: Verdict) -> (SessionCodecs, Arc<Fixed>) {
    let mode = Arc::new(Fixed { verdict, asked: Mutex::default() });
    let codecs = fresh().with_mode("python", FamilyMode::Guarded(Arc::clone(&mode) as _)).unwrap();
    (codecs, mode)
}

fn triple() -> Node {
    Node::ScalarUdf(Arc::new(scalar("triple")))
}

fn frame() -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&inline(), Layer::Logical, "triple", &triple(), &mut bytes).unwrap();
    bytes
}

#[test]
fn a_strict_mode_sees_what_is_known_outside_the_payload() {
    let (codecs, mode) = guarded(Verdict::Inline);
    let mut bytes = Vec::new();
    encode(&codecs, Layer::Logical, "triple", &triple(), &mut bytes).unwrap();
    decode(&codecs, Layer::Physical, "triple", &triple(), &bytes).unwrap();

    let asked = mode.asked.lock().unwrap();
    let crossings: Vec<_> = asked.iter().map(|(crossing, _)| *crossing).collect();
    assert_eq!(crossings, [Crossing::Encode, Crossing::Decode]);
    assert_eq!(asked[0].1, asked[1].1);
    let Inspection { name, version, size, stamp, .. } = &asked[0].1;
    assert_eq!((name.as_str(), *version, *size), ("triple", 1, bytes.len() - 8));
    assert_eq!(stamp.unwrap().runtime, "CPython");
}

#[test]
fn a_strict_mode_refuses_in_either_direction_with_its_reason() {
    let (codecs, _) = guarded(Verdict::Refuse("not pinned".to_owned()));
    let out = encode(&codecs, Layer::Logical, "triple", &triple(), &mut Vec::new()).unwrap_err();
    let back = decode(&codecs, Layer::Logical, "triple", &triple(), &frame()).unwrap_err();
    let text: Vec<_> = [out, back].iter().map(|error| WireError::find(error).unwrap().to_string()).collect();
    insta::assert_snapshot!(text.join("\n"), @"
    family `python` may not send the scalar UDF 'triple': not pinned
    policy refused the inline scalar UDF 'triple' of family `python`: not pinned
    ");
}

#[test]
fn by_name_leaves_the_payload_out_and_takes_none_in() {
    let (codecs, _) = guarded(Verdict::ByName);
    let mut bytes = Vec::new();
    encode(&codecs, Layer::Logical, "triple", &triple(), &mut bytes).unwrap();
    assert!(bytes.is_empty());

    let probe = Probe::new(Answer::Decline);
    let codecs = codecs.with_logical_codec("one", Arc::clone(&probe) as _).unwrap();
    let enveloped = envelope::encode(Envelope { id: "one", bytes: &frame() });
    for bytes in [frame(), enveloped] {
        let error = decode(&codecs, Layer::Logical, "triple", &triple(), &bytes).unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(WireError::find(&error).unwrap(), @"policy refused the inline scalar UDF 'triple' of family `python`: it is taken by name only");
        }
    }
    assert!(probe.methods().is_empty());
}

#[test]
fn a_guarded_session_refuses_a_name_inside_that_is_not_the_name_outside() {
    let (codecs, _) = guarded(Verdict::Inline);
    let error = decode(&codecs, Layer::Logical, "abs", &triple(), &frame()).unwrap_err();
    insta::assert_snapshot!(WireError::find(&error).unwrap(), @"the plan says 'abs' where the payload of family `python` holds the scalar UDF 'triple'");
    assert!(decode(&inline(), Layer::Logical, "abs", &triple(), &frame()).is_ok());
}

/// Claims the frames of a refused family for one that is enabled.
#[derive(Debug)]
struct Impostor;

impl WireFamily for Impostor {
    fn name(&self) -> FamilyName {
        FamilyName::new("impostor")
    }
    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::ScalarUdf).then_some(Tag::new(b"DFIMPOS", 1))
    }
    fn encode(&self, _: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        Ok(None)
    }
    fn decode(&self, _: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        panic!("decoded in spite of its mode")
    }
}

#[test]
fn a_family_cannot_borrow_the_mode_of_another() {
    let member = |family: Arc<dyn WireFamily>| Member::new(family, "tests");
    let families = FamilyList::new([member(Arc::new(Impostor)), member(Arc::new(PythonFamily))]).unwrap();
    let codecs = SessionCodecs::new(families).with_mode("python", FamilyMode::Inline).unwrap();
    let error = decode(&codecs, Layer::Logical, "f", &triple(), b"DFIMPOS\x01").unwrap_err();
    assert!(matches!(WireError::find(&error), Some(WireError::Refused { .. })), "{error}");
}

#[test]
fn a_malformed_frame_never_reaches_a_strict_mode() {
    let (codecs, mode) = guarded(Verdict::Inline);
    let whole = frame();
    let mut stamped = whole.clone();
    stamped[9] = 0;
    for bytes in [&whole[..7], &whole[..9], &stamped] {
        decode(&codecs, Layer::Logical, "triple", &triple(), bytes).unwrap_err();
    }
    assert!(mode.asked.lock().unwrap().is_empty());
}
