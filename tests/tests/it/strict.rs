//! Guarded modes: a strict mode sees each payload, in both directions, and has the last word.

use std::sync::{Arc, Mutex};

use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_registry::{
    Crossing, FamilyMode, FamilyName, Inspection, Node, SessionCodecs, StrictMode, Verdict, WireError,
};

use crate::fixture::{fresh, inline, scalar};
use crate::nodes::{Answer, Probe};

/// Gives one verdict to all, and notes what it was asked.
#[derive(Debug)]
struct Fixed {
    verdict: Verdict,
    asked: Mutex<Vec<(Crossing, Inspection)>>,
}

impl StrictMode for Fixed {
    fn verdict(&self, crossing: Crossing, family: FamilyName, seen: &Inspection) -> Verdict {
        assert_eq!(family, seen.family);
        self.asked.lock().unwrap().push((crossing, seen.clone()));
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
fn by_name_leaves_the_payload_out_and_looks_the_name_up() {
    let (codecs, _) = guarded(Verdict::ByName);
    let mut bytes = Vec::new();
    encode(&codecs, Layer::Logical, "triple", &triple(), &mut bytes).unwrap();
    assert!(bytes.is_empty());

    let probe = Probe::new(Answer::Decline);
    let codecs = codecs.with_logical_codec("one", Arc::clone(&probe) as _).unwrap();
    let error = decode(&codecs, Layer::Logical, "triple", &triple(), &frame()).unwrap_err();
    assert!(matches!(WireError::find(&error), Some(WireError::UnknownFunction { .. })), "{error}");
    assert_eq!(*probe.calls.lock().unwrap(), [("try_decode_udf", vec![])]);
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
