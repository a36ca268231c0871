//! The signed mode: whatever is done to a frame after it was signed, no family gets it.

use std::collections::BTreeSet;
use std::sync::Arc;

use planwire_conformance::crossing::Layer;
use planwire_guard::Algorithm;
use planwire_registry::{AllOf, StrictMode, WireError};

use crate::fixture::guarded::{
    ID, LAYERS, SECRET, Sample, Session, functions, line, parts, range, ring, rings, samples, signed, triple,
};

/// A session that signs, and one that only verifies what it signs.
fn pair(algorithm: Algorithm) -> [Session; 2] {
    rings(algorithm).map(|ring| Session::guarded(signed(&ring)))
}

fn texts<'a>(errors: impl IntoIterator<Item = &'a WireError>) -> String {
    let texts: BTreeSet<_> = errors.into_iter().map(ToString::to_string).collect();
    texts.into_iter().collect::<Vec<_>>().join("\n")
}

#[test]
fn what_a_session_signs_is_taken_by_those_that_verify() {
    for &algorithm in Algorithm::ALL {
        let [sender, receiver] = pair(algorithm);
        for sample in samples() {
            for layer in LAYERS {
                let frame = sender.encode(layer, &sample).unwrap();
                let (name, node) = receiver.decode(layer, &sample, &frame).unwrap();
                assert_eq!((name, node.kind()), (sample.0, sample.1.kind()));
            }
        }
        // Three are functions, which the second layer gives again.
        assert_eq!(receiver.decoded(), 7);
    }
}

#[test]
fn a_mode_verifies_what_another_one_has_signed_also_under_its_own_key_id() {
    let mode = |secret: &[u8]| -> Arc<dyn StrictMode> {
        Arc::new(signed(&ring(&line("sign", Algorithm::HmacSha256, ID, secret))))
    };
    let session = Session::guarded(AllOf(vec![mode(SECRET), mode(&[7; 32])]));
    let error = session.encode(Layer::Logical, &triple()).unwrap_err();
    insta::assert_snapshot!(error, @"family `python` may not send the scalar UDF 'triple': its signature is not one of a key held here");
}

#[test]
fn no_bit_of_a_signed_frame_can_be_flipped() {
    let [sender, receiver] = pair(Algorithm::HmacSha256);
    for sample in functions() {
        every_flip(&sender, &receiver, &sample);
    }
}

/// The smallest frame there is, because verifying takes long in a build without optimizations.
#[test]
fn no_bit_of_a_frame_signed_by_ed25519_can_be_flipped() {
    let [sender, receiver] = pair(Algorithm::Ed25519);
    every_flip(&sender, &receiver, &range());
}

fn every_flip(sender: &Session, receiver: &Session, sample: &Sample) {
    let mut frame = sender.encode(Layer::Logical, sample).unwrap();
    receiver.decode(Layer::Logical, sample, &frame).unwrap();
    for at in 0..frame.len() {
        for bit in 0..8 {
            frame[at] ^= 1 << bit;
            receiver.refusal(LAYERS[bit % 2], sample, &frame);
            frame[at] ^= 1 << bit;
        }
    }
    receiver.decode(Layer::Logical, sample, &frame).unwrap();
}

#[test]
fn a_signed_frame_can_be_neither_cut_nor_continued() {
    let [sender, receiver] = pair(Algorithm::HmacSha256);
    let sample = triple();
    let frame = sender.encode(Layer::Logical, &sample).unwrap();
    let (unsigned, trailer) = parts(&frame);
    let mut errors = Vec::new();
    for end in 0..frame.len() {
        errors.push(receiver.refusal(Layer::Logical, &sample, &frame[..end]));
    }
    for byte in 0..=u8::MAX {
        errors.push(receiver.refusal(Layer::Logical, &sample, &[&frame[..], &[byte]].concat()));
    }
    for more in [trailer, &frame, unsigned, &[0; 64]] {
        errors.push(receiver.refusal(Layer::Logical, &sample, &[&frame, more].concat()));
    }
    insta::assert_snapshot!(texts(&errors), @"
    malformed arrow frame for the scalar UDF 'triple': truncated frame: 1 bytes, the header alone takes 8
    malformed arrow frame for the scalar UDF 'triple': truncated frame: 2 bytes, the header alone takes 8
    malformed python frame for the scalar UDF 'triple': truncated frame: 3 bytes, the header alone takes 8
    malformed python frame for the scalar UDF 'triple': truncated frame: 4 bytes, the header alone takes 8
    malformed python frame for the scalar UDF 'triple': truncated frame: 5 bytes, the header alone takes 8
    malformed python frame for the scalar UDF 'triple': truncated frame: 6 bytes, the header alone takes 8
    malformed python frame for the scalar UDF 'triple': truncated frame: 7 bytes, the header alone takes 8
    malformed python frame for the scalar UDF 'triple': truncated payload: 0 bytes, the stamp alone takes 2
    malformed python frame for the scalar UDF 'triple': truncated payload: 1 bytes, the stamp alone takes 2
    policy refused the inline scalar UDF 'triple' of family `python`: it is not signed
    policy refused the inline scalar UDF 'triple' of family `python`: its signature is not one of a key held here
    unknown function: no scalar UDF named 'triple' is registered here
    ");
}

#[test]
fn a_trailer_cannot_be_taken_off_or_from_another_frame() {
    for &algorithm in Algorithm::ALL {
        let [sender, receiver] = pair(algorithm);
        let [triple, total, _] = functions();
        let frame = sender.encode(Layer::Logical, &triple).unwrap();
        let other = sender.encode(Layer::Logical, &total).unwrap();
        let (bare, _) = parts(&frame);
        let (_, others) = parts(&other);
        let stripped = receiver.refusal(Layer::Logical, &triple, bare);
        let spliced = receiver.refusal(Layer::Logical, &triple, &[bare, others].concat());
        insta::allow_duplicates! {
            insta::assert_snapshot!(texts([&stripped, &spliced]), @"
            policy refused the inline scalar UDF 'triple' of family `python`: it is not signed
            policy refused the inline scalar UDF 'triple' of family `python`: its signature is not one of a key held here
            ");
        }
    }
}

#[test]
fn the_trailer_has_one_length_and_no_other() {
    let [sender, receiver] = pair(Algorithm::HmacSha256);
    let sample = triple();
    let mut frame = sender.encode(Layer::Logical, &sample).unwrap();
    let at = frame.len() - 10;
    let right = u16::from_le_bytes([frame[at], frame[at + 1]]);
    for length in (0..=u16::MAX).filter(|length| *length != right) {
        frame[at..at + 2].copy_from_slice(&length.to_le_bytes());
        receiver.refusal(Layer::Logical, &sample, &frame);
    }
    frame[at..at + 2].copy_from_slice(&right.to_le_bytes());
    receiver.decode(Layer::Logical, &sample, &frame).unwrap();
}
