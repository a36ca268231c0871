//! The pinned mode: what was reviewed crosses, byte for byte as it was, and nothing else does.

use std::path::Path;
use std::sync::Arc;

use planwire_conformance::crossing::Layer;
use planwire_guard::{Algorithm, Pinned, PinsError};
use planwire_registry::{AllOf, StrictMode};
use sha2::{Digest, Sha256};

use crate::guarded::{LAYERS, Session, functions, parts, range, rings, samples, signed, triple};

/// The digest of a payload as a list has it.
fn pin(payload: &[u8]) -> String {
    Sha256::digest(payload).iter().map(|byte| format!("{byte:02x}")).collect()
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
        let session = Session::guarded(pinned(&format!("{}  {name}\n", pin(&frames[listed][8..]))));
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
    assert!(error.to_string().contains(&pin(&3i64.to_le_bytes())), "{error}");
    insta::assert_snapshot!(error, @"policy refused the inline table provider 'numbers' of family `range`: its SHA-256 35be322d094f9d154a8aba4733b8497f180353bd7ae7b0a15f90b586b549f28b is not pinned here");
    for sample in functions() {
        for layer in LAYERS {
            let error = empty.encode(layer, &sample).unwrap_err();
            assert_eq!(error.code(), "PW-E002");
            let frame = Session::inline().encode(layer, &sample).unwrap();
            let error = empty.refusal(layer, &sample, &frame);
            assert!(error.to_string().contains(&pin(&frame[8..])), "{error}");
        }
    }
}

#[test]
fn a_signature_does_not_change_the_digest() {
    let [signs, _] = rings(Algorithm::HmacSha256);
    let sender = Session::guarded(signed(&signs));
    for sample in samples() {
        let frame = sender.encode(Layer::Logical, &sample).unwrap();
        let (bare, _) = parts(&frame);
        let session = Session::guarded(pinned(&pin(&bare[8..])));
        session.decode(Layer::Logical, &sample, bare).unwrap();
        session.decode(Layer::Logical, &sample, &frame).unwrap();
        let whole = Session::guarded(pinned(&pin(&frame[8..])));
        whole.refusal(Layer::Logical, &sample, &frame);
    }
}

#[test]
fn what_is_pinned_is_sent_on_as_it_was_received() {
    for sample in functions() {
        // Another pickle of the same function: a byte after the end, which its reader never looks at.
        let mut frame = Session::inline().encode(Layer::Logical, &sample).unwrap();
        frame.push(0);
        let session = Session::guarded(pinned(&pin(&frame[8..])));
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
    let (list, none) = (pinned(&pin(&bare[8..])), Pinned::default());
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
fn a_list_has_one_digest_in_a_line() {
    let digest = pin(b"");
    let upper = digest.to_uppercase();
    let text = format!("# reviewed\r\n\r\n{digest}  triple\r\n  {upper}\n\t#{digest}\n{}", pin(b"1"));
    assert_eq!(pinned(&text).len(), 2);
    assert!(pinned("# nothing\n\n").is_empty());
    for unsound in [
        &digest[1..],
        &format!("{digest}0"),
        &format!("+{}", &digest[1..]),
        &digest.replacen('e', "g", 1),
        &format!("{}ä", &digest[2..]),
        "triple",
    ] {
        let error = Pinned::parse(&format!("{digest}\n\n{unsound} name\n")).unwrap_err();
        assert!(matches!(error, PinsError::Line { line: 3 }), "{unsound}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"line 3 of the pins does not begin with 64 hexadecimal digits");
        }
    }

    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pins.txt");
    std::fs::write(&path, &text).unwrap();
    assert_eq!(Pinned::from_file(&path).unwrap().len(), 2);
    let missing = Pinned::from_file("no/such/pins.txt").unwrap_err();
    insta::assert_snapshot!(missing, @"the pins in no/such/pins.txt cannot be read: No such file or directory (os error 2)");
}
