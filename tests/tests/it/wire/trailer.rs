//! The trailer's layout: what is put together comes apart again, and nothing else does harm.

use planwire_registry::Digest;
use planwire_registry::trailer::{Claims, TrailerError, split};
use proptest::prelude::*;

#[test]
fn every_malformed_trailer_has_its_error() {
    let footer = |length: u16| [&length.to_le_bytes()[..], b"\x01PLANSIG"].concat();
    let with = |parts: &[u8]| [b"signed", parts, &footer(u16::try_from(parts.len() + 10).unwrap())].concat();
    let cases: [(&str, Vec<u8>); 10] = [
        ("another version", b"\x0a\x00\x02PLANSIG".to_vec()),
        ("no length", footer(0)),
        ("shorter than its end", footer(9)),
        ("longer than the bytes", footer(11)),
        ("the longest", footer(u16::MAX)),
        ("no claims", with(b"")),
        ("a time that is cut", with(&[0; 8])),
        ("an audience that is cut", with(&[0, 0, 0, 0, 0, 0, 0, 0, 3, b'a', b'b'])),
        ("an audience that is no text", with(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0])),
        ("a key id that is no text", with(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff])),
    ];
    let lines: Vec<_> =
        cases.iter().map(|(case, bytes)| format!("{case}: {}", split(bytes).unwrap_err())).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    another version: signature trailer of version 2, this build reads 1
    no length: the lengths in the signature trailer do not fit the 10 bytes there are
    shorter than its end: the lengths in the signature trailer do not fit the 10 bytes there are
    longer than the bytes: the lengths in the signature trailer do not fit the 10 bytes there are
    the longest: the lengths in the signature trailer do not fit the 10 bytes there are
    no claims: the lengths in the signature trailer do not fit the 16 bytes there are
    a time that is cut: the lengths in the signature trailer do not fit the 24 bytes there are
    an audience that is cut: the lengths in the signature trailer do not fit the 27 bytes there are
    an audience that is no text: the audience in the signature trailer is not UTF-8
    a key id that is no text: the key id in the signature trailer is not UTF-8
    ");
}

#[test]
fn bytes_without_the_magic_have_no_trailer() {
    for bytes in [&b""[..], b"PLANSIG", b"\x01PLANSIG", b"\x0a\x00\x01PLANSIG\0", b"\x12\x00\x01plansig"] {
        assert_eq!(split(bytes), Ok((bytes, None)));
    }
}

prop_compose! {
    fn any_claims()(
        key_id in "\\PC{0,60}", audience in "\\PC{0,60}", expires in proptest::option::of(1..=u64::MAX),
    ) -> Claims {
        Claims { key_id, audience, expires }
    }
}

proptest! {
    #[test]
    fn a_trailer_comes_back_whole(claims in any_claims(), signed: Vec<u8>, signature: Vec<u8>) {
        let bytes = [&signed[..], &claims.trailer(&signature)].concat();
        let (front, trailer) = split(&bytes).unwrap();
        let trailer = trailer.unwrap();
        prop_assert_eq!((front, &trailer.signature[..]), (&signed[..], &signature[..]));
        prop_assert_eq!(trailer.claims, claims);
    }

    #[test]
    fn what_splits_goes_together_again(
        front: Vec<u8>, parts in prop::collection::vec(0..4u8, 0..40), length in 0..60u16, version in 1..3u8,
    ) {
        let bytes = [&front[..], &parts, &length.to_le_bytes(), &[version], b"PLANSIG"].concat();
        match split(&bytes) {
            Ok((signed, Some(trailer))) => {
                let again = [signed, &trailer.to_bytes()].concat();
                prop_assert_eq!(again, bytes);
            }
            Ok((_, None)) => prop_assert!(false, "the magic was not seen"),
            Err(error) => {
                let other_version = matches!(error, TrailerError::Version { .. });
                prop_assert_eq!(other_version, version == 2);
            }
        }
    }

    #[test]
    fn any_suffix_is_looked_at_without_a_panic(front: Vec<u8>, back: Vec<u8>, magic: bool) {
        let magic: &[u8] = if magic { b"\x01PLANSIG" } else { b"" };
        let bytes = [&front[..], &back, magic].concat();
        let text = |(signed, trailer): (&[u8], _)| (signed.len(), Option::is_some(&trailer));
        if let Ok((signed, found)) = split(&bytes).map(text) {
            prop_assert!(signed <= bytes.len() && found == (signed < bytes.len()));
        }
    }

    #[test]
    fn two_statements_are_the_same_only_for_the_same_bytes_and_claims(
        one in any_claims(), other in any_claims(), signed: Vec<u8>, more: Vec<u8>,
    ) {
        prop_assert_eq!(one.statement(Digest::of(&signed)) == other.statement(Digest::of(&signed)), one == other);
        prop_assert_eq!(one.statement(Digest::of(&signed)) == one.statement(Digest::of(&more)), signed == more);
    }
}
