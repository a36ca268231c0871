//! Native frames: what they say outside of their payload, and which of them are sound.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::logical_expr::Volatility;
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_conformance::hexdump;
use planwire_python::{PythonAggregateUdf, PythonScalarUdf, PythonWindowUdf};
use planwire_registry::{Digest, FamilyList, FamilyMode, Frames, Member, Node, SessionCodecs, WireError};

use crate::fixture::{counted, inline, int64, python, scalar, strict, total};
use crate::fuzz_bodies::Carrier as Demo;

pub(crate) fn native() -> SessionCodecs {
    inline().with_frames("python", Frames::Native).unwrap()
}

/// Codecs of a process where Python functions are not linked, and another family is.
pub(super) fn elsewhere() -> SessionCodecs {
    let demo = Member::new(Demo::demo(), "the crate under test");
    let codecs = SessionCodecs::new(FamilyList::new([demo]).unwrap());
    codecs.with_mode("demo", FamilyMode::Inline).unwrap()
}

pub(super) fn frame_of(node: &Node) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(&native(), Layer::Logical, "", node, &mut frame).unwrap();
    frame
}

pub(super) fn triple() -> Node {
    Node::ScalarUdf(Arc::new(scalar("triple")))
}

pub(super) fn fault(codecs: &SessionCodecs, frame: &[u8]) -> WireError {
    let error = decode(codecs, Layer::Logical, "triple", &triple(), frame).unwrap_err();
    WireError::find(&error).unwrap().clone()
}

/// Where the fields of a frame stand, by key.
pub(super) fn field(frame: &[u8], key: u8) -> std::ops::Range<usize> {
    let at = |place: usize| u32::from_le_bytes(frame[place..place + 4].try_into().unwrap()) as usize;
    let mut place = 20 + usize::from(frame[7]);
    while frame[place] != key {
        place += 5 + at(place + 1);
    }
    place..place + 5 + at(place + 1)
}

/// Importable callables, whose pickles are the same bytes on every machine.
fn named(module: &str, name: &str) -> pyo3::Py<pyo3::PyAny> {
    python("same");
    pyo3::Python::attach(|py| {
        use pyo3::prelude::*;
        py.import(module).unwrap().getattr(name).unwrap().unbind()
    })
}

/// A node of each kind.
fn samples() -> [(&'static str, Node); 3] {
    let state = Arc::new(Field::new("state_0", DataType::Int64, true));
    let (inputs, stable) = (vec![int64()], Volatility::Stable);
    let neg =
        PythonScalarUdf::new("neg", named("operator", "neg"), inputs.clone(), int64(), Volatility::Immutable);
    let count = named("collections", "Counter");
    let counter = PythonAggregateUdf::new("counter", count, inputs.clone(), int64(), vec![state], stable);
    let deque = named("collections", "deque");
    let deque = PythonWindowUdf::new("deque", deque, inputs, int64(), Volatility::Volatile);
    [
        ("scalar", Node::ScalarUdf(Arc::new(neg.into()))),
        ("aggregate", Node::AggregateUdf(Arc::new(counter.into()))),
        ("window", Node::WindowUdf(Arc::new(deque.into()))),
    ]
}

/// The stamp of the interpreter that runs the tests, taken out.
fn unstamped(mut frame: Vec<u8>) -> Vec<u8> {
    let stamp = field(&frame, 5);
    frame[stamp.start + 5..stamp.start + 7].fill(0);
    frame
}

#[test]
fn a_native_frame_of_each_kind_has_the_golden_bytes_and_is_read() {
    for (kind, node) in samples() {
        let frame = frame_of(&node);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/python-native").join(kind);
        let path = path.with_extension("bin");
        if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
            fs::write(&path, unstamped(frame.clone())).unwrap();
        }
        let golden = fs::read(&path).unwrap();
        assert_eq!(hexdump(&unstamped(frame.clone())), hexdump(&golden), "{kind}");
        let mut stamped = golden;
        let stamp = field(&frame, 5);
        stamped[stamp.clone()].copy_from_slice(&frame[stamp]);
        for layer in [Layer::Logical, Layer::Physical] {
            let name = match &node {
                Node::ScalarUdf(udf) => udf.name(),
                Node::AggregateUdf(udf) => udf.name(),
                Node::WindowUdf(udf) => udf.name(),
                _ => panic!("no function"),
            };
            assert_eq!(decode(&inline(), layer, name, &node, &stamped).unwrap().kind(), node.kind());
        }
    }
}

#[test]
fn a_native_frame_that_ends_too_soon_is_refused_wherever_it_ends() {
    let frame = frame_of(&triple());
    for end in 1..frame.len() {
        let found = fault(&inline(), &frame[..end]);
        assert!(matches!(found, WireError::Malformed { .. }), "{end}: {found}");
    }
}

#[test]
fn a_native_frame_with_any_other_byte_is_refused_or_another_frame() {
    let frame = frame_of(&triple());
    let codecs = counted(FamilyMode::Inline);
    let whole = decode(&codecs, Layer::Logical, "triple", &triple(), &frame).unwrap();
    let Node::ScalarUdf(whole) = whole else { panic!("a scalar function") };
    for place in 0..frame.len() {
        for flip in [1, 0x80] {
            let mut other = frame.clone();
            other[place] ^= flip;
            // What is decoded all the same has another digest, and so is another function.
            if let Ok(Node::ScalarUdf(read)) = decode(&codecs, Layer::Logical, "triple", &triple(), &other) {
                assert_ne!(read, whole, "byte {place}");
            }
        }
    }
}

#[test]
fn every_unsound_native_frame_has_its_error() {
    let frame = frame_of(&triple());
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut frame = frame.clone();
        change(&mut frame);
        frame
    };
    let longer = |frame: &mut Vec<u8>, by: u32| {
        let fields = u32::from_le_bytes(frame[8..12].try_into().unwrap()) + by;
        frame[8..12].copy_from_slice(&fields.to_le_bytes());
    };
    let added = |key: u8| {
        changed(&|frame| {
            let end = field(frame, 128).end;
            frame.splice(end..end, [key, 0, 0, 0, 0]);
            longer(frame, 5);
        })
    };
    let without = |key: u8| {
        changed(&|frame| {
            let field = field(frame, key);
            let fields = u32::from_le_bytes(frame[8..12].try_into().unwrap()) - field.len() as u32;
            frame[8..12].copy_from_slice(&fields.to_le_bytes());
            frame.drain(field);
        })
    };
    let cases = [
        ("another frame version", changed(&|frame| frame[4] = 2)),
        ("another payload version", changed(&|frame| frame[6] = 3)),
        ("the payload version of other frames", changed(&|frame| frame[6] = 1)),
        ("no kind", changed(&|frame| frame[5] = 0)),
        ("a kind after the last", changed(&|frame| frame[5] = 10)),
        ("a length beyond all numbers", changed(&|frame| frame[12..20].fill(0xff))),
        ("a byte too many", changed(&|frame| frame.push(0))),
        ("a family that is no name", changed(&|frame| frame[20] = b'P')),
        ("the payload of another", changed(&|frame| *frame.last_mut().unwrap() ^= 1)),
        ("no digest", without(1)),
        ("no name", without(2)),
        ("no types", without(4)),
        ("no stamp", without(5)),
        (
            "a volatility that is none",
            changed(&|frame| {
                let place = field(frame, 3).end - 1;
                frame[place] = 3;
            }),
        ),
        (
            "more arguments than fields",
            changed(&|frame| {
                let place = field(frame, 4).start + 5;
                frame[place] = 9;
            }),
        ),
        ("a critical field that nobody knows", {
            let mut frame = frame.clone();
            let end = field(&frame, 5).end;
            frame.splice(end..end, [127, 0, 0, 0, 0]);
            longer(&mut frame, 5);
            frame
        }),
        ("a key a second time", added(128)),
        (
            "another runtime",
            changed(&|frame| {
                let place = field(frame, 5).end - 1;
                frame[place] = b'!';
            }),
        ),
    ];
    let lines: Vec<_> =
        cases.iter().map(|(case, bytes)| format!("{case}: {}", fault(&inline(), bytes))).collect();
    insta::assert_snapshot!(lines.join("\n"));
    // An ancillary field that nobody knows is passed over.
    decode(&inline(), Layer::Logical, "triple", &triple(), &added(200)).unwrap();
}

#[test]
fn a_strict_session_refuses_a_native_frame_and_names_another_python() {
    let frame = frame_of(&triple());
    assert!(matches!(fault(&strict(), &frame), WireError::Refused { .. }));
    let mut other = frame.clone();
    let stamp = field(&other, 5).start;
    other[stamp + 6] = other[stamp + 6].wrapping_add(1);
    assert!(matches!(fault(&strict(), &other), WireError::Stamp { refuses: true, .. }));
    assert!(matches!(fault(&inline(), &other), WireError::Stamp { refuses: false, .. }));
}

#[test]
fn a_native_frame_is_of_the_kind_that_the_plan_has_there() {
    let frame = frame_of(&Node::AggregateUdf(Arc::new(total())));
    assert!(matches!(fault(&inline(), &frame), WireError::WrongKind { .. }), "{}", fault(&inline(), &frame));
}

#[test]
fn the_digest_of_a_native_frame_is_that_of_its_header() {
    let frame = frame_of(&triple());
    let payload = u64::from_le_bytes(frame[12..20].try_into().unwrap()) as usize;
    let (header, payload) = frame.split_at(frame.len() - payload);
    assert_eq!(frame[field(&frame, 1)][5..], Digest::of(payload).0);
    let reading = inline().logical().inspect_frame(&frame).unwrap();
    assert_eq!(reading.parts[0].digest, Some(Digest::of(header)));
    assert_eq!(reading.parts[0].size, payload.len());
}

#[test]
fn what_was_received_in_either_frame_is_sent_on_as_it_came() {
    for (sends, forwards) in [(native(), inline()), (inline(), native())] {
        let mut frame = Vec::new();
        encode(&sends, Layer::Logical, "", &triple(), &mut frame).unwrap();
        let held = decode(&forwards, Layer::Logical, "triple", &triple(), &frame).unwrap();
        let mut again = Vec::new();
        encode(&forwards, Layer::Physical, "", &held, &mut again).unwrap();
        assert_eq!(hexdump(&again), hexdump(&frame));
    }
}
