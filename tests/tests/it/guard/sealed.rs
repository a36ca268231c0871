//! Sealed messages: bytes as a whole, which only open as they were sealed and for whom.

use std::sync::Arc;
use std::time::Duration;

use planwire_conformance::crossing::Layer;
use planwire_guard::{Algorithm, Distrust, Keyring, SealedError, is_sealed, open, seal};
use planwire_registry::trailer::Claims;

use crate::fixture::guarded::{AUDIENCE, SECRET, Session, claims, forged, parts, range, rings, signed};

const CONTENT: &[u8] = b"whatever an application sends";

fn sealed(content: &[u8], keyring: &Arc<Keyring>) -> Vec<u8> {
    seal(content, Arc::clone(keyring), AUDIENCE, None).unwrap()
}

/// Why a message is not opened.
fn refusal(message: &[u8], keyring: &Arc<Keyring>) -> SealedError {
    open(message, Arc::clone(keyring), AUDIENCE).expect_err("the message was opened")
}

#[test]
fn what_is_sealed_opens_for_its_audience() {
    for &algorithm in Algorithm::ALL {
        let [signs, verifies] = rings(algorithm);
        for content in [CONTENT, b"", b"\x8fDFS\x01", b"\x0a\x00\x01PLANSIG", &sealed(CONTENT, &signs)] {
            for valid_for in [None, Some(Duration::from_secs(3600)), Some(Duration::MAX)] {
                let message = seal(content, Arc::clone(&signs), AUDIENCE, valid_for).unwrap();
                assert!(is_sealed(&message));
                assert_eq!(open(&message, Arc::clone(&verifies), AUDIENCE).unwrap(), content);
            }
        }
    }
}

#[test]
fn no_bit_of_a_sealed_message_can_be_flipped() {
    for &algorithm in Algorithm::ALL {
        let [signs, verifies] = rings(algorithm);
        let mut message = sealed(b"content", &signs);
        for at in 0..message.len() {
            for bit in 0..8 {
                message[at] ^= 1 << bit;
                refusal(&message, &verifies);
                message[at] ^= 1 << bit;
            }
        }
        open(&message, verifies, AUDIENCE).unwrap();
    }
}

#[test]
fn a_sealed_message_can_be_neither_cut_nor_continued() {
    let [signs, verifies] = rings(Algorithm::HmacSha256);
    let message = sealed(CONTENT, &signs);
    for end in 0..message.len() {
        refusal(&message[..end], &verifies);
    }
    let (front, trailer) = parts(&message);
    for more in [b"\0", trailer, front, &message] {
        refusal(&[&message, more].concat(), &verifies);
        refusal(&[more, &message].concat(), &verifies);
    }
}

/// The content holds bytes that are claims themselves, so that a trailer that begins earlier is sound.
#[test]
fn the_trailer_of_a_sealed_message_has_one_length_and_no_other() {
    let [signs, verifies] = rings(Algorithm::HmacSha256);
    let content = [&claims().trailer(&[0; 32])[..], &[0; 80], &claims().trailer(&[])].concat();
    let mut message = sealed(&content, &signs);
    let at = message.len() - 10;
    let right = u16::from_le_bytes([message[at], message[at + 1]]);
    let mut unverified = 0;
    for length in (0..=u16::MAX).filter(|length| *length != right) {
        message[at..at + 2].copy_from_slice(&length.to_le_bytes());
        let error = refusal(&message, &verifies);
        unverified += usize::from(error == SealedError::Distrusted(Distrust::Unverified));
    }
    assert!(unverified > 20, "{unverified} other lengths are sound");
}

#[test]
fn trailers_of_frames_and_of_sealed_messages_do_not_count_for_each_other() {
    let [signs, verifies] = rings(Algorithm::HmacSha256);
    let session = Session::guarded(signed(&signs));
    let frame = session.encode(Layer::Logical, &range()).unwrap();
    let (bare, of_frame) = parts(&frame);
    for content in [bare, CONTENT, &frame] {
        let message = sealed(content, &signs);
        let (front, of_message) = parts(&message);
        for mixed in [[front, of_frame].concat(), front.to_vec()] {
            let error = refusal(&mixed, &verifies);
            assert!(matches!(error, SealedError::Distrusted(_)), "{error}");
        }
        session.refusal(Layer::Logical, &range(), &[bare, of_message].concat());
        session.refusal(Layer::Logical, &range(), &message);
    }
}

#[test]
fn every_reason_has_its_text() {
    let [signs, verifies] = rings(Algorithm::HmacSha256);
    let message = sealed(CONTENT, &signs);
    let (front, _) = parts(&message);
    let claimed = |claims: &Claims| forged(SECRET, claims, front);
    let mut version = message.clone();
    version[4] = 2;
    let cases = [
        ("nothing", Vec::new()),
        ("the opening alone", b"\x8fDFS".to_vec()),
        ("the opening and a version", b"\x8fDFS\x01".to_vec()),
        ("a frame", Session::inline().encode(Layer::Logical, &range()).unwrap()),
        ("another version", version),
        ("without its trailer", front.to_vec()),
        ("a malformed trailer", [front, b"\x09\x00\x01PLANSIG"].concat()),
        ("an unknown key", claimed(&Claims { key_id: "driver-2".to_owned(), ..claims() })),
        ("a wrong signature", forged(&[0; 32], &claims(), front)),
        (
            "a wrong signature for another",
            forged(&[0; 32], &Claims { audience: "x".to_owned(), ..claims() }, front),
        ),
        ("another audience", claimed(&Claims { audience: "testers".to_owned(), ..claims() })),
        ("its time is over", claimed(&Claims { expires: Some(1), ..claims() })),
    ];
    let lines: Vec<_> =
        cases.iter().map(|(case, bytes)| format!("{case}: {}", refusal(bytes, &verifies))).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    nothing: the bytes are not a sealed message
    the opening alone: the bytes are not a sealed message
    the opening and a version: policy refused the sealed message: it is not signed
    a frame: the bytes are not a sealed message
    another version: sealed message of version 2, this build reads 1
    without its trailer: policy refused the sealed message: it is not signed
    a malformed trailer: malformed sealed message: the lengths in the signature trailer do not fit the 44 bytes there are
    an unknown key: policy refused the sealed message: its signature is not one of a key held here
    a wrong signature: policy refused the sealed message: its signature is not one of a key held here
    a wrong signature for another: policy refused the sealed message: its signature is not one of a key held here
    another audience: policy refused the sealed message: it is signed for the audience 'testers', not for 'workers'
    its time is over: policy refused the sealed message: its signature has expired
    ");
    // The content is not in the words of any of them.
    assert!(!lines.concat().contains("whatever"));
}

#[test]
fn sealing_takes_a_key_that_signs_and_an_audience() {
    let [_, verifies] = rings(Algorithm::Ed25519);
    let [signs, _] = rings(Algorithm::Ed25519);
    let texts = [
        seal(CONTENT, verifies, AUDIENCE, None).unwrap_err().to_string(),
        seal(CONTENT, Arc::clone(&signs), "", None).unwrap_err().to_string(),
        open(&sealed(CONTENT, &signs), Arc::clone(&signs), &"a".repeat(256)).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(texts.join("\n"), @"
    the message cannot be sealed: the keyring holds no key that signs
    an audience has 1 to 255 bytes, not 0
    an audience has 1 to 255 bytes, not 256
    ");
}
