//! Frames, envelopes and trailers: what is written is read back, and what is read was written so.

use planwire_registry::envelope::{self as envelopes, Envelope};
use planwire_registry::frame::{self as frames, Frame, FrameError, HEADER_LEN, Payload};
use planwire_registry::trailer as trailers;
use planwire_registry::{Magic, Tag};

const TAG: Tag = Tag::new(b"DFTESTS", 3).reading_from(2);

/// Reads bytes as a frame of the magic that they open with.
pub fn frame(bytes: &[u8]) {
    let magic = Magic::sniff(bytes);
    let capitals = bytes.iter().take_while(|byte| byte.is_ascii_uppercase()).count() >= Magic::LEN;
    assert_eq!(magic.is_some(), capitals);

    let tag = Tag { magic: magic.unwrap_or(TAG.magic), ..TAG };
    match frames::decode(tag, bytes) {
        Ok(Frame { version, payload, trailer, .. }) => {
            let mut written = frames::encode(Tag { newest: version, ..tag }, Payload::from(payload));
            written.extend(trailer.map(|trailer| trailer.to_bytes()).unwrap_or_default());
            assert_eq!(written, bytes);
        }
        Err(FrameError::Trailer(_)) => assert!(bytes.ends_with(trailers::MAGIC.as_bytes())),
        Err(FrameError::Truncated { found }) => assert!(found <= bytes.len() && found < HEADER_LEN),
        Err(FrameError::Version { found, .. }) => assert!(!(TAG.oldest..=TAG.newest).contains(&found)),
        Err(_) => assert!(magic.is_none()),
    }
}

/// Puts bytes into a frame, in two parts, and takes them out.
pub fn frame_round_trip(bytes: &[u8]) {
    let (head, tail) = halves(bytes);
    let mut payload = Payload::concat(&[head]);
    payload.extend_from_slice(tail);
    assert_eq!((&*payload.as_bytes(), &payload), (bytes, &Payload::from(bytes)));

    let written = frames::encode(TAG, payload);
    match frames::decode(TAG, &written) {
        Ok(Frame { version, payload, trailer: None, .. }) => {
            assert_eq!((version, payload), (TAG.newest, bytes))
        }
        // A payload that ends in the magic of a trailer is not sent.
        read => assert!(bytes.ends_with(trailers::MAGIC.as_bytes()), "{read:?}"),
    }
    for found in 0..HEADER_LEN {
        let cut = written.get(..found).unwrap_or_default();
        assert!(matches!(frames::decode(TAG, cut), Err(FrameError::Truncated { found: at }) if at == found));
    }
}

/// Reads bytes as an envelope, and puts them into one as an id and what a codec wrote.
pub fn envelope(bytes: &[u8]) {
    if let Ok(read) = envelopes::decode(bytes) {
        assert_eq!(envelopes::encode(read), bytes);
    }
    let (id, inner) = halves(bytes);
    let sent = Envelope { id: &String::from_utf8_lossy(id), bytes: inner };
    assert_eq!(envelopes::decode(&envelopes::encode(sent)), Ok(sent));
}

/// Splits a trailer off bytes, and puts it back.
pub fn trailer(bytes: &[u8]) {
    match trailers::split(bytes) {
        Ok((signed, Some(trailer))) => {
            let written = trailer.to_bytes();
            assert_eq!([signed, &written].concat(), bytes);
        }
        Ok((signed, None)) => assert_eq!(signed, bytes),
        Err(_) => assert!(bytes.ends_with(trailers::MAGIC.as_bytes())),
    }
}

/// Splits bytes where their first one says.
fn halves(bytes: &[u8]) -> (&[u8], &[u8]) {
    let place = bytes.first().map_or(0, |&first| usize::from(first));
    bytes.split_at_checked(place).unwrap_or((bytes, &[]))
}
