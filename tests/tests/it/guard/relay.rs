//! Relays: sessions that send on what they received, signed by others, and those that sign it anew.

use std::error::Error as _;
use std::sync::Arc;

use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_guard::Algorithm;
use planwire_registry::envelope::{self, Envelope};
use planwire_registry::trailer::split;
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Member, Node,
    NodeRef, Payload, SessionCodecs, Tag, WireError, WireFamily,
};

use crate::fixture::guarded::{
    ID, LAYERS, PUBLIC, SECRET, Sample, Session, claims, functions, line, parts, ring, rings, samples,
    signed, triple,
};
use crate::fixture::nodes::{Answer, Probe, wire_error};

/// A function that no family here owns.
fn abs() -> Sample {
    ("abs", crate::fixture::nodes::abs())
}

#[test]
fn a_session_that_only_verifies_sends_on_what_it_received() {
    for &algorithm in Algorithm::ALL {
        let [sender, relay] = rings(algorithm).map(|ring| Session::guarded(signed(&ring)));
        for layer in LAYERS {
            for sample in functions() {
                let frame = sender.encode(layer, &sample).unwrap();
                for next in LAYERS {
                    let received = relay.decode(layer, &sample, &frame).unwrap();
                    assert_eq!(relay.encode(next, &received).unwrap(), frame);
                }
                let error = relay.encode(layer, &sample).unwrap_err();
                assert_eq!(error.code(), "PW-E002");
                assert!(
                    error.to_string().ends_with("it is not signed, and the keyring holds no key that signs")
                );
            }
        }
    }
    let [_, relay] = rings(Algorithm::Ed25519).map(|ring| Session::guarded(signed(&ring)));
    insta::assert_snapshot!(relay.encode(Layer::Logical, &triple()).unwrap_err(), @"family `python` may not send the scalar UDF 'triple': it is not signed, and the keyring holds no key that signs");
}

#[test]
fn a_session_with_a_key_of_its_own_signs_what_it_sends_on() {
    let [signs, _] = rings(Algorithm::Ed25519);
    let sender = Session::guarded(signed(&signs));
    let own = line("sign", Algorithm::HmacSha256, "relay-1", SECRET);
    let public = line("verify", Algorithm::Ed25519, ID, &PUBLIC);
    let relay = Session::guarded(signed(&ring(&format!("{public}{own}"))));
    let receiver = Session::guarded(signed(&ring(&own.replace("sign", "verify"))));
    for sample in functions() {
        let frame = sender.encode(Layer::Logical, &sample).unwrap();
        let received = relay.decode(Layer::Logical, &sample, &frame).unwrap();
        let again = relay.encode(Layer::Physical, &received).unwrap();
        assert_eq!(parts(&again).0, parts(&frame).0);
        assert_eq!(split(&again).unwrap().1.unwrap().claims.key_id, "relay-1");
        receiver.decode(Layer::Physical, &sample, &again).unwrap();
        receiver.refusal(Layer::Physical, &sample, &frame);
    }
}

#[test]
fn an_inline_session_reads_signed_frames_of_every_family() {
    let [signs, verifies] = rings(Algorithm::HmacSha256);
    let (sender, receiver) = (Session::guarded(signed(&signs)), Session::guarded(signed(&verifies)));
    let inline = Session::inline();
    for sample in samples() {
        let frame = sender.encode(Layer::Logical, &sample).unwrap();
        let (bare, _) = parts(&frame);
        let received = inline.decode(Layer::Physical, &sample, &frame).unwrap();
        if sample.1.kind().is_function() {
            let again = inline.encode(Layer::Physical, &received).unwrap();
            assert_eq!(again, frame, "{}", sample.0);
            receiver.decode(Layer::Physical, &sample, &again).unwrap();
        } else {
            assert_eq!(inline.encode(Layer::Logical, &received).unwrap(), bare, "{}", sample.0);
        }
    }
}

#[test]
fn a_malformed_trailer_is_a_malformed_frame_in_every_mode() {
    let [signs, _] = rings(Algorithm::HmacSha256);
    let sender = Session::guarded(signed(&signs));
    let refusing = Session::of(&FamilyMode::Refuse);
    for sample in samples() {
        let bare = Session::inline().encode(Layer::Logical, &sample).unwrap();
        let text = [&bare[..], &[0; 8], &[1, 0xff, 0], &[20, 0, 1], b"PLANSIG"].concat();
        let mut short = text.clone();
        *short.get_mut(text.len() - 10).unwrap() = 9;
        let long = [&bare[..], b"\xff\xff\x01PLANSIG"].concat();
        let version = [&bare[..], b"\x0a\x00\x02PLANSIG"].concat();
        for bytes in [&text, &short, &long, &version] {
            for session in [&Session::inline(), &sender, &refusing] {
                let error = session.refusal(Layer::Logical, &sample, bytes);
                assert!(matches!(error, WireError::Malformed { .. }), "{error}");
            }
        }
    }
}

/// Carries a function as the bytes that it was told.
#[derive(Debug)]
struct Told(Vec<u8>);

impl WireFamily for Told {
    fn name(&self) -> FamilyName {
        FamilyName::new("told")
    }
    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::ScalarUdf).then_some(Tag::new(b"DFTOLDS", 1))
    }
    fn encode(&self, _: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        Ok(Some(Payload::from(&self.0[..])))
    }
    fn decode(&self, frame: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        assert_eq!(frame.payload(), self.0, "a part of the payload is lost");
        Ok(abs().1)
    }
}

/// Without this, a sender could sign less than it has: somebody who chooses how a payload ends, e.g. in a
/// text, could have a part of it left out.
#[test]
fn a_payload_that_ends_as_a_signature_does_is_not_sent() {
    let [signs, _] = rings(Algorithm::HmacSha256);
    let modes = [FamilyMode::Inline, FamilyMode::Guarded(Arc::new(signed(&signs)))];
    let sound = [b"text".to_vec(), [b"text", &claims().trailer(&[])[..], b"."].concat()];
    let mistakable = [[b"text", &claims().trailer(&[0; 32])[..]].concat(), b"PLANSIG".to_vec()];
    for mode in modes {
        let crossing = |payload: &Vec<u8>| {
            let family = Member::new(Arc::new(Told(payload.clone())), "tests");
            let codecs = SessionCodecs::new(FamilyList::new([family]).unwrap());
            let codecs = codecs.with_mode("told", mode.clone()).unwrap();
            let mut bytes = Vec::new();
            encode(&codecs, Layer::Logical, "abs", &abs().1, &mut bytes)?;
            decode(&codecs, Layer::Logical, "abs", &abs().1, &bytes)
        };
        for payload in &sound {
            crossing(payload).unwrap();
        }
        for payload in &mistakable {
            let error = crossing(payload).unwrap_err();
            let source = wire_error(&error).source().unwrap();
            insta::allow_duplicates! {
                insta::assert_snapshot!(format!("{}: {source}", wire_error(&error)), @"family `told` cannot carry the scalar UDF 'abs': the payload ends in PLANSIG, as only a signature does");
            }
        }
    }
}

#[test]
fn an_envelope_carries_signed_frames_only_both_ways() {
    let [signs, verifies] = rings(Algorithm::HmacSha256);
    let sample = triple();
    let frame = Session::guarded(signed(&signs)).encode(Layer::Logical, &sample).unwrap();
    let bare = Session::inline().encode(Layer::Logical, &sample).unwrap();
    let receiver = Session::guarded(signed(&verifies));
    for layer in LAYERS {
        for (bytes, passes) in [(&frame, true), (&bare, false)] {
            let probe = Probe::new(Answer::Write(bytes.clone().leak()));
            let session = receiver.with_installed("one", &probe);
            let enveloped = envelope::encode(Envelope { id: "one", bytes });

            let sent = session.encode(layer, &abs());
            let received = session.decode(layer, &sample, &enveloped).unwrap_err();
            if passes {
                assert_eq!(sent.unwrap(), enveloped);
                // The codec was asked, and did not know the frame.
                assert_eq!(probe.methods(), ["try_encode_udf", "try_decode_udf"]);
                assert_eq!(probe.calls.lock().unwrap()[1].1, frame);
            } else {
                assert_eq!(sent.unwrap_err().code(), "PW-E002");
                assert_eq!(received.code(), "PW-D006");
                assert_eq!(probe.methods(), ["try_encode_udf"]);
            }
        }
    }
}
