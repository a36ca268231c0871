//! Frames and envelopes: what is written is read back, and nothing else is.

use planwire_conformance::hexdump;
use planwire_registry::envelope::{self, Envelope, EnvelopeError};
use planwire_registry::frame::{self, Frame, FrameError, HEADER_LEN, Payload};
use planwire_registry::{Magic, Tag};
use proptest::prelude::*;

const TAG: Tag = Tag::new(b"DFTESTS", 3).reading_from(2);

#[test]
fn a_frame_is_magic_version_payload() {
    let bytes = frame::encode(TAG, Payload::from(b"the payload"));
    insta::assert_snapshot!(format!("{}\n{:?}", hexdump(&bytes), frame::decode(TAG, &bytes)), @r"
    0000  44 46 54 45 53 54 53 03 74 68 65 20 70 61 79 6c  DFTESTS.the.payl
    0010  6f 61 64                                         oad

    Ok(Frame { version: 3, payload: [116, 104, 101, 32, 112, 97, 121, 108, 111, 97, 100] })
    ");
}

#[test]
fn an_envelope_is_a_frame_of_id_and_bytes() {
    let bytes = envelope::encode(Envelope { id: "example.codec", bytes: b"its own" });
    insta::assert_snapshot!(format!("{}\n{:?}", hexdump(&bytes), envelope::decode(&bytes)), @r#"
    0000  44 46 50 59 43 48 4e 01 0d 00 00 00 65 78 61 6d  DFPYCHN.....exam
    0010  70 6c 65 2e 63 6f 64 65 63 69 74 73 20 6f 77 6e  ple.codecits.own

    Ok(Envelope { id: "example.codec", bytes: [105, 116, 115, 32, 111, 119, 110] })
    "#);
}

#[test]
fn every_malformed_header_has_its_error() {
    let cases: [(&str, &[u8]); 7] = [
        ("empty", b""),
        ("inside the magic", b"DFTE"),
        ("no version", b"DFTESTS"),
        ("another magic", b"DFTESTT\x03"),
        ("another start", b"\x0a\x03abc"),
        ("an older version", b"DFTESTS\x01"),
        ("a newer version", b"DFTESTS\x04payload"),
    ];
    let lines: Vec<_> = cases
        .iter()
        .map(|(case, bytes)| format!("{case}: {}", frame::decode(TAG, bytes).unwrap_err()))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    empty: truncated frame: 0 bytes, the header alone takes 8
    inside the magic: truncated frame: 4 bytes, the header alone takes 8
    no version: truncated frame: 7 bytes, the header alone takes 8
    another magic: not a DFTESTS frame
    another start: not a DFTESTS frame
    an older version: frame version 1, this build reads 2 to 3
    a newer version: frame version 4, this build reads 2 to 3
    ");
}

#[test]
fn every_malformed_envelope_has_its_error() {
    let cases: [(&str, &[u8]); 5] = [
        ("no length", b"DFPYCHN\x01\x01\x00"),
        ("an id longer than the bytes", b"DFPYCHN\x01\x05\x00\x00\x00abc"),
        ("the longest length", b"DFPYCHN\x01\xff\xff\xff\xffabc"),
        ("an id that is no text", b"DFPYCHN\x01\x01\x00\x00\x00\xff"),
        ("another version", b"DFPYCHN\x02\x00\x00\x00\x00"),
    ];
    let lines: Vec<_> = cases
        .iter()
        .map(|(case, bytes)| format!("{case}: {}", envelope::decode(bytes).unwrap_err()))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    no length: truncated envelope: 2 bytes after the header, the codec id takes 4
    an id longer than the bytes: truncated envelope: 7 bytes after the header, the codec id takes 9
    the longest length: truncated envelope: 7 bytes after the header, the codec id takes 4294967299
    an id that is no text: the codec id is not UTF-8
    another version: frame version 2, this build reads 1 to 1
    ");
}

proptest! {
    #[test]
    fn a_frame_comes_back_whole(payload: Vec<u8>) {
        let bytes = frame::encode(TAG, Payload::from(&payload[..]));
        let Frame { version, payload: read, .. } = frame::decode(TAG, &bytes).unwrap();
        prop_assert_eq!((version, read), (3, &payload[..]));
    }

    #[test]
    fn a_frame_cut_in_its_header_is_truncated(payload: Vec<u8>, cut in 0..HEADER_LEN) {
        let bytes = frame::encode(TAG, Payload::from(&payload[..]));
        prop_assert_eq!(frame::decode(TAG, &bytes[..cut]).unwrap_err(), FrameError::Truncated { found: cut });
    }

    #[test]
    fn bytes_that_decode_encode_to_themselves(bytes: Vec<u8>, magic in any::<bool>()) {
        let bytes = if magic { [TAG.magic.as_bytes().as_slice(), &bytes].concat() } else { bytes };
        if let Ok(frame) = frame::decode(TAG, &bytes) {
            let tag = Tag { newest: frame.version, ..TAG };
            prop_assert_eq!(frame::encode(tag, Payload::from(frame.payload)), bytes);
        }
    }

    #[test]
    fn an_envelope_comes_back_whole(id: String, bytes: Vec<u8>) {
        let envelope = Envelope { id: &id, bytes: &bytes };
        let encoded = envelope::encode(envelope);
        prop_assert_eq!(envelope::decode(&encoded), Ok(envelope));
    }

    #[test]
    fn an_envelope_cut_in_its_id_is_truncated(id in "[a-z.]{1,40}", cut in 0.0..1.0) {
        let whole = envelope::encode(Envelope { id: &id, bytes: b"" });
        let cut = (whole.len() as f64 * cut) as usize;
        let outcome = envelope::decode(&whole[..cut]);
        let truncated = matches!(
            outcome,
            Err(EnvelopeError::Truncated { .. } | EnvelopeError::Frame(FrameError::Truncated { .. }))
        );
        prop_assert!(truncated, "{:?}", outcome);
    }

    #[test]
    fn only_seven_capitals_are_a_magic(bytes: Vec<u8>) {
        let capitals = bytes.len() >= 7 && bytes[..7].iter().all(u8::is_ascii_uppercase);
        prop_assert_eq!(Magic::sniff(&bytes).is_some(), capitals);
    }
}
