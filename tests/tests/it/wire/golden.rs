//! Golden bytes: what earlier builds and the `datafusion` wheel wrote is read for ever.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int64Array};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type};
use datafusion::config::ConfigOptions;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, Volatility};
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_conformance::hexdump;
use planwire_guard::{Algorithm, open};
use planwire_python::{PythonAggregateUdf, PythonFamily, PythonScalarUdf, PythonWindowUdf};
use planwire_registry::frame::{self, Frame};
use planwire_registry::trailer::Claims;
use planwire_registry::{Node, Tag, WireError, WireFamily};
use pyo3::prelude::*;

use crate::fixture::guarded::{AUDIENCE, SECRET, Session, claims, forged, parts, range, rings, signed};
use crate::fixture::{inline, int64, python, running, scalar, strict, total};

/// Importable callables, whose pickles are the same bytes on every machine.
fn named(path: &str) -> Py<PyAny> {
    python("same");
    Python::attach(|py| {
        let (module, name) = path.split_once('.').unwrap();
        py.import(module).unwrap().getattr(name).unwrap().unbind()
    })
}

/// A node of each kind, with the names of the kind and of the function.
fn samples() -> [(&'static str, &'static str, Node); 3] {
    let state = Arc::new(Field::new("state_0", DataType::Int64, true));
    let (inputs, immutable) = (vec![int64()], Volatility::Immutable);
    let neg = PythonScalarUdf::new("neg", named("operator.neg"), inputs.clone(), int64(), immutable);
    let count = named("collections.Counter");
    let counter = PythonAggregateUdf::new("counter", count, inputs.clone(), int64(), vec![state], immutable);
    let deque = PythonWindowUdf::new("deque", named("collections.deque"), inputs, int64(), immutable);
    [
        ("scalar", "neg", Node::ScalarUdf(Arc::new(neg.into()))),
        ("aggregate", "counter", Node::AggregateUdf(Arc::new(counter.into()))),
        ("window", "deque", Node::WindowUdf(Arc::new(deque.into()))),
    ]
}

fn golden(kind: &str) -> PathBuf {
    folder("python-v1").join(kind).with_extension("bin")
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

/// The frame with the stamp of the interpreter that runs the tests taken out.
fn unstamped(mut frame: Vec<u8>) -> Vec<u8> {
    frame[8..10].fill(0);
    frame
}

#[test]
fn a_frame_of_each_kind_has_the_golden_bytes() {
    for (kind, _, node) in samples() {
        let mut frame = Vec::new();
        encode(&inline(), Layer::Logical, "", &node, &mut frame).unwrap();
        let frame = unstamped(frame);
        let Tag { magic, .. } = PythonFamily.tag(node.kind()).unwrap();
        let Frame { version, payload, .. } = frame::decode(Tag::new(magic.as_bytes(), 1), &frame).unwrap();
        let fields = format!("magic {magic}, version {version}, payload {} bytes", payload.len());
        insta::assert_snapshot!(format!("frame_{kind}"), format!("{fields}\n\n{}", hexdump(&frame)));
        let golden = std::fs::read(golden(kind)).unwrap();
        assert_eq!(hexdump(&frame), hexdump(&golden), "{kind}");
    }
}

#[test]
fn golden_frames_of_each_kind_are_read() {
    for (kind, name, node) in samples() {
        let mut frame = std::fs::read(golden(kind)).unwrap();
        let mut now = Vec::new();
        encode(&inline(), Layer::Logical, "", &scalar_node(), &mut now).unwrap();
        frame[8..10].copy_from_slice(&now[8..10]);
        let back = decode(&inline(), Layer::Physical, name, &node, &frame).unwrap();
        assert_eq!(back.kind(), node.kind());
    }
}

fn scalar_node() -> Node {
    Node::ScalarUdf(Arc::new(scalar("triple")))
}

#[test]
fn a_frame_of_another_python_says_so_also_to_strict_sessions() {
    let nodes = [scalar_node(), Node::AggregateUdf(Arc::new(total())), Node::WindowUdf(Arc::new(running()))];
    for node in nodes {
        for layer in [Layer::Logical, Layer::Physical] {
            let mut frame = Vec::new();
            encode(&inline(), layer, "", &node, &mut frame).unwrap();
            frame[9] = frame[9].wrapping_add(1);
            for (codecs, is_strict) in [(inline(), false), (strict(), true)] {
                let error = decode(&codecs, layer, "f", &node, &frame).unwrap_err();
                let found = WireError::find(&error).unwrap();
                assert!(
                    matches!(found, WireError::Stamp { refuses, .. } if *refuses == is_strict),
                    "{found}"
                );
            }
        }
    }
}

/// Both count until 2100, and were put together by the description of the format, without planwire.
#[test]
fn golden_signatures_are_made_and_verified() {
    let claims = Claims { expires: Some(4_102_444_800), ..claims() };
    let [_, verifies] = rings(Algorithm::HmacSha256);
    let frame = std::fs::read(folder("signed-v1").join("range.bin")).unwrap();
    insta::assert_snapshot!(hexdump(&frame), @"
    0000  44 46 52 41 4e 47 45 01 03 00 00 00 00 00 00 00  DFRANGE.........
    0010  00 57 86 f4 00 00 00 00 07 77 6f 72 6b 65 72 73  .W.......workers
    0020  08 64 72 69 76 65 72 2d 31 c0 9b 0e ec 26 71 17  .driver-1....&q.
    0030  c7 5d 77 ff d6 82 9d f2 28 6f f4 34 c7 ce 81 a9  .]w.....(o.4....
    0040  26 b4 b8 e4 3d c8 96 f6 61 43 00 01 50 4c 41 4e  &...=...aC..PLAN
    0050  53 49 47                                         SIG
    ");
    Session::guarded(signed(&verifies)).decode(Layer::Logical, &range(), &frame).unwrap();
    let message = std::fs::read(folder("sealed-v1").join("message.bin")).unwrap();
    insta::assert_snapshot!(hexdump(&message), @"
    0000  8f 44 46 53 01 77 68 61 74 65 76 65 72 20 61 6e  .DFS.whatever.an
    0010  20 61 70 70 6c 69 63 61 74 69 6f 6e 20 73 65 6e  .application.sen
    0020  64 73 00 57 86 f4 00 00 00 00 07 77 6f 72 6b 65  ds.W.......worke
    0030  72 73 08 64 72 69 76 65 72 2d 31 db 11 14 ca 9c  rs.driver-1.....
    0040  8e 09 49 cc d1 6b b6 ff 94 06 bf 24 ab c6 f3 83  ..I..k.....$....
    0050  d6 3d 8b d7 00 8b 69 4e 97 44 bc 43 00 01 50 4c  .=....iN.D.C..PL
    0060  41 4e 53 49 47                                   ANSIG
    ");
    assert_eq!(open(&message, verifies, AUDIENCE).unwrap(), b"whatever an application sends");
    for golden in [frame, message] {
        assert_eq!(hexdump(&forged(SECRET, &claims, parts(&golden).0)), hexdump(&golden));
    }
}

#[test]
fn a_decoded_scalar_function_runs() {
    let mut frame = Vec::new();
    encode(&inline(), Layer::Logical, "", &scalar_node(), &mut frame).unwrap();
    let Node::ScalarUdf(back) = decode(&inline(), Layer::Logical, "triple", &scalar_node(), &frame).unwrap()
    else {
        panic!("another kind came back")
    };
    let values: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let args = ScalarFunctionArgs {
        args: vec![ColumnarValue::Array(values)],
        arg_fields: vec![int64()],
        number_rows: 3,
        return_field: int64(),
        config_options: Arc::new(ConfigOptions::default()),
    };
    let rows = back.invoke_with_args(args).unwrap().into_array(3).unwrap();
    assert_eq!(rows.as_primitive::<Int64Type>().values(), &[3, 6, 9]);
}
