//! A process without an interpreter: it refuses, it carries what needs none, and it says what is missing.

use std::path::Path;

use datafusion::functions::math::abs;
use planwire_conformance::crossing::{Layer, decode};
use planwire_python::{PythonError, PythonFamily};
use planwire_registry::{FamilyList, FamilyMode, Member, Node, SessionCodecs, WireError};

/// The golden frame of a scalar function, stamped for the version this process is linked to.
fn frame(codecs: &SessionCodecs) -> Vec<u8> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/python-v1/scalar.bin");
    let mut frame = std::fs::read(golden).unwrap();
    let error = decode(codecs, Layer::Logical, "neg", &Node::ScalarUdf(abs()), &frame).unwrap_err();
    let Some(WireError::Stamp { running, .. }) = WireError::find(&error) else { panic!("{error}") };
    frame[8] = running.major;
    frame[9] = running.minor;
    frame
}

#[test]
fn an_authorized_frame_without_an_interpreter_is_an_error_and_no_panic() {
    let member = Member::new(std::sync::Arc::new(PythonFamily), "planwire-python");
    let codecs = SessionCodecs::new(FamilyList::new([member]).unwrap());
    let inline = codecs.with_mode("python", FamilyMode::Inline).unwrap();
    let frame = frame(&inline);

    let refused = decode(&codecs, Layer::Logical, "neg", &Node::ScalarUdf(abs()), &frame).unwrap_err();
    assert!(matches!(WireError::find(&refused), Some(WireError::Refused { .. })), "{refused}");

    let error = decode(&inline, Layer::Logical, "neg", &Node::ScalarUdf(abs()), &frame).unwrap_err();
    assert!(matches!(WireError::find(&error), Some(WireError::Payload { .. })), "{error}");
    let found = PythonError::find(&error).unwrap();
    insta::assert_snapshot!(found, @"decoding scalar UDF 'neg': no Python interpreter is running in this process");
    assert!(found.exception().is_none());
}
