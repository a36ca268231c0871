//! What a signature says: by which key it was made, for whom, and until when; and when that is believed.

use std::time::{Duration, SystemTime};

use planwire_conformance::crossing::Layer;
use planwire_guard::{Algorithm, Signed};
use planwire_registry::WireError;
use planwire_registry::trailer::{Claims, split};
use sha2::{Digest, Sha256};

use crate::fixture::guarded::{
    ID, PUBLIC, SECRET, SEED, Session, claims, forged, hmac, line, ring, rings, signed, triple,
};

const UNVERIFIED: &str = "its signature is not one of a key held here";

/// Why a receiver takes no such frame of `triple`.
fn reason(receiver: &Session, frame: &[u8]) -> String {
    match receiver.refusal(Layer::Logical, &triple(), frame) {
        WireError::PolicyRefused { reason, .. } => reason,
        other => panic!("another error: {other}"),
    }
}

/// A frame of `triple` that nobody has signed.
fn bare() -> Vec<u8> {
    Session::inline().encode(Layer::Logical, &triple()).unwrap()
}

fn verifying(algorithm: Algorithm) -> Session {
    let [_, verifies] = rings(algorithm);
    Session::guarded(signed(&verifies))
}

#[test]
fn a_trailer_by_the_description_alone_is_verified() {
    let sample = triple();
    let bare = Session::inline().encode(Layer::Logical, &sample).unwrap();
    let said = [&0u64.to_le_bytes()[..], &[7], b"workers", &[8], b"driver-1"].concat();
    let statement = [b"planwire signature 1\0", &said[..], &Sha256::digest(&bare)].concat();
    let signature = hmac(SECRET, &statement);
    let length = u16::try_from(said.len() + 32 + 10).unwrap().to_le_bytes();
    let frame = [&bare[..], &said, &signature, &length, &[1], b"PLANSIG"].concat();

    verifying(Algorithm::HmacSha256).decode(Layer::Logical, &sample, &frame).unwrap();
    let [signs, _] = rings(Algorithm::HmacSha256);
    assert_eq!(Session::guarded(signed(&signs)).encode(Layer::Logical, &sample).unwrap(), frame);
}

#[test]
fn a_frame_for_another_audience_is_refused() {
    let [signs, _] = rings(Algorithm::HmacSha256);
    let sender = Session::guarded(Signed::new(signs, "testers").unwrap());
    let frame = sender.encode(Layer::Logical, &triple()).unwrap();
    let receiver = verifying(Algorithm::HmacSha256);
    insta::assert_snapshot!(reason(&receiver, &frame), @"it is signed for the audience 'testers', not for 'workers'");
    for audience in ["", "worker", "workers ", "Workers", "workers\0"] {
        let claims = Claims { audience: audience.to_owned(), ..claims() };
        let reason = reason(&receiver, &forged(SECRET, &claims, &bare()));
        assert!(reason.starts_with("it is signed for the audience "), "{reason}");
    }
}

#[test]
fn a_hostile_audience_neither_forges_nor_floods_a_message() {
    let audience = format!("x', not for 'workers'\n\u{1b}[2J{}", "y".repeat(200));
    let claims = Claims { audience, ..claims() };
    let reason = reason(&verifying(Algorithm::HmacSha256), &forged(SECRET, &claims, &bare()));
    assert!(reason.len() < 400 && !reason.contains(['\n', '\u{1b}']), "{reason}");
}

#[test]
fn a_signature_counts_until_its_last_second() {
    let receiver = verifying(Algorithm::HmacSha256);
    let until = |expires| forged(SECRET, &Claims { expires, ..claims() }, &bare());
    insta::assert_snapshot!(reason(&receiver, &until(Some(1))), @"its signature has expired");
    for expires in [None, Some(u64::MAX)] {
        receiver.decode(Layer::Logical, &triple(), &until(expires)).unwrap();
    }

    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let claims = Claims { expires: Some(1_000), ..claims() };
    assert!(!claims.is_expired(at(1_000) + Duration::from_millis(999)));
    assert!(claims.is_expired(at(1_001)));
    // A clock that cannot be right is no reason to trust what is old.
    assert!(claims.is_expired(SystemTime::UNIX_EPOCH - Duration::from_secs(1)));
    assert!(!Claims { expires: None, ..claims }.is_expired(at(u64::MAX / 4)));
}

#[test]
fn an_end_before_all_time_does_not_become_no_end() {
    let first = Claims { expires: Some(0), ..claims() };
    assert!(first.is_expired(SystemTime::now()));
    assert_eq!(
        reason(&verifying(Algorithm::HmacSha256), &forged(SECRET, &first, &bare())),
        "its signature has expired"
    );
}

#[test]
fn a_sender_says_how_long_its_signatures_count() {
    let [signs, _] = rings(Algorithm::HmacSha256);
    let sender = Session::guarded(signed(&signs).valid_for(Duration::from_secs(3600)));
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let earliest = now() + 3600;
    let frame = sender.encode(Layer::Logical, &triple()).unwrap();
    let (_, trailer) = split(&frame).unwrap();
    let expires = trailer.unwrap().claims.expires.unwrap();
    assert!((earliest..=now() + 3600).contains(&expires), "{expires}");
    verifying(Algorithm::HmacSha256).decode(Layer::Logical, &triple(), &frame).unwrap();

    let longest = Session::guarded(signed(&signs).valid_for(Duration::MAX));
    let frame = longest.encode(Layer::Logical, &triple()).unwrap();
    assert_eq!(split(&frame).unwrap().1.unwrap().claims.expires, Some(u64::MAX));
}

#[test]
fn an_unknown_key_and_a_wrong_signature_look_the_same() {
    let other = *b"another key of thirty-two bytes.";
    for claims in [
        claims(),
        Claims { key_id: "driver-2".to_owned(), ..claims() },
        Claims { key_id: String::new(), ..claims() },
        // What is claimed is not looked at before the signature is good.
        Claims { audience: "testers".to_owned(), ..claims() },
        Claims { expires: Some(1), ..claims() },
    ] {
        for &algorithm in Algorithm::ALL {
            let frame = forged(&other, &claims, &bare());
            assert_eq!(reason(&verifying(algorithm), &frame), UNVERIFIED, "{claims:?}");
        }
    }
}

#[test]
fn a_key_verifies_by_its_own_algorithm_only() {
    let (bare, claims) = (bare(), claims());
    let statement = claims.statement(planwire_registry::Digest::of(&bare));
    let with = |signature: &[u8]| [&bare[..], &claims.trailer(signature)].concat();
    let by_public_key = hmac(&PUBLIC, &statement);
    let twice = [&by_public_key[..], &by_public_key].concat();
    for signature in [&by_public_key[..], &twice, &[], &[0; 64], &[0; 32]] {
        assert_eq!(reason(&verifying(Algorithm::Ed25519), &with(signature)), UNVERIFIED);
    }

    // The same id and bytes, once as a secret and once as a seed.
    let seeded = ring(&line("sign", Algorithm::Ed25519, ID, SECRET));
    let frame = Session::guarded(signed(&seeded)).encode(Layer::Logical, &triple()).unwrap();
    let by_mac = hmac(SECRET, &statement);
    assert_eq!(reason(&verifying(Algorithm::HmacSha256), &frame), UNVERIFIED);
    let longer = [&by_mac[..], &[0]].concat();
    for signature in [&[][..], &by_mac[..31], &by_mac[..1], &longer, &[0; 64]] {
        assert_eq!(reason(&verifying(Algorithm::HmacSha256), &with(signature)), UNVERIFIED);
    }
    verifying(Algorithm::HmacSha256).decode(Layer::Logical, &triple(), &with(&by_mac)).unwrap();
}

/// The order of the group, which can be added to the second half of a signature unnoticed by those who
/// do not ask for the one encoding.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[test]
fn a_signature_by_ed25519_has_one_encoding() {
    let sender = Session::guarded(signed(&ring(&line("sign", Algorithm::Ed25519, ID, &SEED))));
    let mut frame = sender.encode(Layer::Logical, &triple()).unwrap();
    let receiver = verifying(Algorithm::Ed25519);
    receiver.decode(Layer::Logical, &triple(), &frame).unwrap();
    let scalar = frame.len() - 10 - 32;
    let mut carry = 0;
    for (byte, more) in frame[scalar..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0, "the sum is another scalar");
    assert_eq!(reason(&receiver, &frame), UNVERIFIED);
}

#[test]
fn an_audience_has_1_to_255_bytes() {
    let [signs, _] = rings(Algorithm::HmacSha256);
    let of = |bytes: usize| Signed::new(signs.clone(), "a".repeat(bytes));
    insta::assert_snapshot!(of(0).unwrap_err(), @"an audience has 1 to 255 bytes, not 0");
    insta::assert_snapshot!(of(256).unwrap_err(), @"an audience has 1 to 255 bytes, not 256");
    for bytes in [1, 255] {
        let session = Session::guarded(of(bytes).unwrap());
        let frame = session.encode(Layer::Logical, &triple()).unwrap();
        session.decode(Layer::Logical, &triple(), &frame).unwrap();
        assert_eq!(split(&frame).unwrap().1.unwrap().claims.audience.len(), bytes);
    }
}
