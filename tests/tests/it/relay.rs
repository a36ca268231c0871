//! Relays: sessions that send on what they received, signed by others, and those that sign it anew.

use planwire_conformance::crossing::Layer;
use planwire_guard::Algorithm;
use planwire_registry::WireError;
use planwire_registry::envelope::{self, Envelope};
use planwire_registry::trailer::split;

use crate::guarded::{
    ID, LAYERS, SECRET, Session, functions, line, parts, ring, rings, samples, signed, triple,
};
use crate::nodes::{Answer, Probe, abs};

#[test]
fn a_session_that_only_verifies_sends_on_what_it_received() {
    for algorithm in Algorithm::ALL {
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
    let public = line("verify", Algorithm::Ed25519, ID, &crate::guarded::PUBLIC);
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
    let refusing = Session::of(&planwire_registry::FamilyMode::Refuse);
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

            let sent = session.encode(layer, &("abs", abs()));
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
