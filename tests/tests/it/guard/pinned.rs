//! The pinned mode: what was reviewed crosses, byte for byte as it was, and nothing else does.

use std::sync::Arc;

use planwire_conformance::crossing::{Layer, decode};
use planwire_guard::{Algorithm, Pinned, PinsError};
use planwire_range_family::RangeFamily;
use planwire_registry::frame::Frame;
use planwire_registry::{
    AllOf, AuthorizedFrame, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Member,
    Nested, Node, NodeRef, Payload, SessionCodecs, Stamp, StampError, StrictMode, Tag, WireError, WireFamily,
};
use sha2::{Digest, Sha256};

use crate::fixture::guarded::{LAYERS, Session, functions, parts, range, rings, samples, signed, triple};
use crate::guard::files::file;

/// The SHA-256 of bytes, made without planwire.
fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A frame as a list has it.
pub(crate) fn pin(frame: &[u8]) -> String {
    format!("frame-sha256:{}", sha256(frame))
}

fn pinned(text: &str) -> Pinned {
    Pinned::parse(text).unwrap()
}

#[test]
fn only_what_is_on_the_list_is_decoded() {
    let samples = samples();
    let frames: Vec<_> =
        samples.iter().map(|sample| Session::inline().encode(Layer::Logical, sample).unwrap()).collect();
    for (listed, (name, _)) in samples.iter().enumerate() {
        let session = Session::guarded(pinned(&format!("{}  {name}\n", pin(&frames[listed]))));
        for (at, sample) in samples.iter().enumerate() {
            if at == listed {
                session.decode(Layer::Logical, sample, &frames[at]).unwrap();
            } else {
                session.refusal(Layer::Logical, sample, &frames[at]);
            }
        }
    }
}

#[test]
fn a_refusal_names_the_digest_that_would_have_to_be_listed() {
    let empty = Session::guarded(Pinned::default());
    let frame = Session::inline().encode(Layer::Logical, &range()).unwrap();
    let error = empty.refusal(Layer::Logical, &range(), &frame);
    assert!(error.to_string().contains(&sha256(&frame)), "{error}");
    insta::assert_snapshot!(error, @"policy refused the inline table provider 'numbers' of family `range`: its SHA-256 6f69c9d7385c5e8574579cd595fb7a186305cc365de3e3914aeaa7ff1b07a7e3 is not pinned here");
    for sample in functions() {
        for layer in LAYERS {
            let error = empty.encode(layer, &sample).unwrap_err();
            assert_eq!(error.code(), "PW-E002");
            let frame = Session::inline().encode(layer, &sample).unwrap();
            let error = empty.refusal(layer, &sample, &frame);
            assert!(error.to_string().contains(&sha256(&frame)), "{error}");
        }
    }
}

/// What was reviewed as a table is not let in as a function, whatever bytes it has.
#[test]
fn a_payload_is_pinned_with_its_family_and_kind() {
    let samples = samples();
    let frames: Vec<_> =
        samples.iter().map(|sample| Session::inline().encode(Layer::Logical, sample).unwrap()).collect();
    for (listed, frame) in frames.iter().enumerate() {
        let session = Session::guarded(pinned(&pin(frame)));
        for (at, sample) in samples.iter().enumerate() {
            let (header, payload) = (&frames[at][..8], &frame[8..]);
            let moved = [header, payload].concat();
            if at == listed {
                session.decode(Layer::Logical, sample, &moved).unwrap();
            } else {
                session.refusal(Layer::Logical, sample, &moved);
            }
        }
    }
}

/// Reads two versions of what [`RangeFamily`] carries.
#[derive(Debug)]
struct TwoVersions;

#[deny(clippy::missing_trait_methods)]
impl WireFamily for TwoVersions {
    fn name(&self) -> FamilyName {
        RangeFamily.name()
    }
    fn tag(&self, kind: Kind) -> Option<Tag> {
        RangeFamily.tag(kind).map(|tag| Tag { newest: tag.newest + 1, ..tag })
    }
    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        RangeFamily.encode(node, cx)
    }
    fn stamp(&self, frame: &Frame<'_>) -> Result<Option<Stamp>, StampError> {
        RangeFamily.stamp(frame)
    }
    fn nested<'a>(&self, kind: Kind, frame: &Frame<'a>) -> Nested<'a> {
        RangeFamily.nested(kind, frame)
    }
    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        RangeFamily.decode(frame, cx)
    }
}

#[test]
fn a_payload_is_pinned_with_its_version() {
    let old = Session::inline().encode(Layer::Logical, &range()).unwrap();
    let mut new = old.clone();
    new[7] += 1;
    let decodes = |pins: &str, frame: &[u8]| {
        let member = Member::new(Arc::new(TwoVersions), "planwire-tests");
        let mode = FamilyMode::Guarded(Arc::new(pinned(pins)));
        let codecs = SessionCodecs::new(FamilyList::new([member]).unwrap()).with_mode("range", mode).unwrap();
        let (name, node) = range();
        decode(&codecs, Layer::Logical, name, &node, frame).is_ok()
    };
    for (listed, other) in [(&old, &new), (&new, &old)] {
        assert!(decodes(&pin(listed), listed));
        assert!(!decodes(&pin(listed), other));
    }
}

#[test]
fn a_signature_does_not_change_the_digest() {
    let [signs, _] = rings(Algorithm::HmacSha256);
    let sender = Session::guarded(signed(&signs));
    for sample in samples() {
        let frame = sender.encode(Layer::Logical, &sample).unwrap();
        let (bare, _) = parts(&frame);
        let session = Session::guarded(pinned(&pin(bare)));
        session.decode(Layer::Logical, &sample, bare).unwrap();
        session.decode(Layer::Logical, &sample, &frame).unwrap();
        let whole = Session::guarded(pinned(&pin(&frame)));
        whole.refusal(Layer::Logical, &sample, &frame);
    }
}

#[test]
fn what_is_pinned_is_sent_on_as_it_was_received() {
    for sample in functions() {
        // Another pickle of the same function: a byte after the end, which its reader never looks at.
        let mut frame = Session::inline().encode(Layer::Logical, &sample).unwrap();
        frame.push(0);
        let session = Session::guarded(pinned(&pin(&frame)));
        for layer in LAYERS {
            let received = session.decode(layer, &sample, &frame).unwrap();
            for next in LAYERS {
                assert_eq!(session.encode(next, &received).unwrap(), frame);
            }
            assert_eq!(session.encode(layer, &sample).unwrap_err().code(), "PW-E002");
        }
    }
}

#[test]
fn signed_and_pinned_asks_for_both() {
    let [signs, verifies] = rings(Algorithm::HmacSha256);
    let sample = triple();
    let frame = Session::guarded(signed(&signs)).encode(Layer::Logical, &sample).unwrap();
    let (bare, _) = parts(&frame);
    let (list, none) = (pinned(&pin(bare)), Pinned::default());
    let both = |pins: &Pinned| -> [Session; 2] {
        let (keys, pins): (Arc<dyn StrictMode>, Arc<dyn StrictMode>) =
            (Arc::new(signed(&verifies)), Arc::new(pins.clone()));
        [vec![Arc::clone(&keys), Arc::clone(&pins)], vec![pins, keys]]
            .map(|modes| Session::guarded(AllOf(modes)))
    };
    for session in both(&list) {
        let received = session.decode(Layer::Logical, &sample, &frame).unwrap();
        assert_eq!(session.encode(Layer::Physical, &received).unwrap(), frame);
        session.refusal(Layer::Logical, &sample, bare);
        session.encode(Layer::Logical, &sample).unwrap_err();
    }
    for session in both(&none) {
        session.refusal(Layer::Logical, &sample, &frame);
    }
}

#[test]
fn asking_for_all_of_nothing_lets_nothing_through() {
    let session = Session::guarded(AllOf(vec![]));
    let frame = Session::inline().encode(Layer::Logical, &triple()).unwrap();
    let texts = [
        session.refusal(Layer::Logical, &triple(), &frame),
        session.encode(Layer::Logical, &triple()).unwrap_err(),
    ];
    insta::assert_snapshot!(texts.map(|error| error.to_string()).join("\n"), @"
    policy refused the inline scalar UDF 'triple' of family `python`: there is no mode that lets it through
    family `python` may not send the scalar UDF 'triple': there is no mode that lets it through
    ");
}

#[test]
fn a_list_has_one_pin_in_a_line() {
    let pin_of_nothing = pin(b"");
    let upper = pin_of_nothing.to_uppercase().replace("FRAME-SHA256", "frame-sha256");
    let text = format!("# reviewed\r\n\r\n{pin_of_nothing}  triple\r\n  {upper}\n\t#{upper}\n{}", pin(b"1"));
    assert_eq!(pinned(&text).len(), 2);
    assert!(pinned("# nothing\n\n").is_empty());
    for unsound in [
        &pin_of_nothing[1..],
        &pin_of_nothing[..pin_of_nothing.len() - 1],
        &format!("{pin_of_nothing}0"),
        &pin_of_nothing.replace(':', ":+"),
        &pin_of_nothing.replace(':', ": "),
        &pin_of_nothing.replace("frame", "payload"),
        &pin_of_nothing.replace("e3b0", "g3b0"),
        &pin_of_nothing.replace("e3b0", "e3ä"),
        "frame-sha256:",
        "triple",
    ] {
        let error = Pinned::parse(&format!("{pin_of_nothing}\n\n{unsound} name\n")).unwrap_err();
        assert!(matches!(error, PinsError::Line { line: 3 }), "{unsound}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"line 3 of the pins does not begin with `frame-sha256:` and 64 hexadecimal digits");
        }
    }
    assert_eq!(Pinned::from_file(file("pins.txt", &text)).unwrap().len(), 2);
    let missing = Pinned::from_file("no/such/pins.txt").unwrap_err();
    insta::assert_snapshot!(missing, @"the pins in no/such/pins.txt cannot be read: No such file or directory (os error 2)");
}

/// Older lists have digests of payloads alone, by which a table could come in as a function.
#[test]
fn an_old_list_is_neither_taken_nor_passed_over() {
    let frame = Session::inline().encode(Layer::Logical, &triple()).unwrap();
    for old in [sha256(&frame[8..]), sha256(&frame), sha256(&frame).to_uppercase()] {
        let error = Pinned::parse(&format!("{}\n{old}  python scalar UDF 'triple'\n", pin(b""))).unwrap_err();
        assert!(matches!(error, PinsError::Outdated { line: 2 }), "{error}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"line 2 of the pins is a digest without family, kind and version, as older lists have it: pin what was reviewed again, into a new list, with `planwire pin`");
        }
    }
}
