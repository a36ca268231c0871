//! A process with a floor: whatever its sessions and guards say, no family crosses, in either direction.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use datafusion::functions::math::abs;
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_python::PythonFamily;
use planwire_range_family::{RangeFamily, RangeTable};
use planwire_registry::{
    AuthorizedFrame, Candidate, Crossing, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName,
    Floor, Kind, Member, Node, NodeRef, Payload, SessionCodecs, StrictMode, Tag, Verdict, WireError,
    WireFamily,
};

/// Raises the floor of the process while it encodes a function.
#[derive(Debug)]
struct Raises;

impl WireFamily for Raises {
    fn name(&self) -> FamilyName {
        FamilyName::new("raises")
    }
    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::ScalarUdf).then_some(Tag::new(b"DFRAISE", 1))
    }
    fn encode(&self, _: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        Floor::Refuse.raise().expect("the floor can be raised");
        Ok(Some(Payload::from(b"a payload")))
    }
    fn decode(&self, frame: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        Err(frame.malformed("it is never decoded"))
    }
}

/// Encodes a function while the floor is raised to `refuse`, and returns its bytes.
fn encoded_while_the_floor_is_raised() -> Vec<u8> {
    let families = FamilyList::new([Member::new(Arc::new(Raises), "tests")]).unwrap();
    let codecs = SessionCodecs::new(families).with_mode("raises", FamilyMode::Inline).unwrap();
    let mut bytes = Vec::new();
    encode(&codecs, Layer::Logical, "abs", &Node::ScalarUdf(abs()), &mut bytes).unwrap();
    bytes
}

/// Lets everything through.
#[derive(Debug)]
struct Lax;

impl StrictMode for Lax {
    fn verdict(&self, _: Crossing, _: &Candidate<'_>) -> Verdict {
        Verdict::Inline
    }
}

fn sessions() -> [SessionCodecs; 2] {
    let python = Member::new(Arc::new(PythonFamily), "planwire-python");
    let range = Member::new(Arc::new(RangeFamily), "planwire-range-family");
    let codecs = SessionCodecs::new(FamilyList::new([python, range]).unwrap());
    [FamilyMode::Inline, FamilyMode::Guarded(Arc::new(Lax))]
        .map(|mode| codecs.with_mode("python", mode.clone()).unwrap().with_mode("range", mode).unwrap())
}

fn table() -> Node {
    Node::TableProvider(Arc::new(RangeTable { end: 3 }))
}

/// The error of decoding a table.
fn refusal(codecs: &SessionCodecs, frame: &[u8]) -> WireError {
    let error = decode(codecs, Layer::Logical, "numbers", &table(), frame).unwrap_err();
    WireError::find(&error).unwrap().clone()
}

#[test]
fn no_session_of_the_process_goes_below_the_floor() {
    let [inline, guarded] = sessions();
    let mut frame = Vec::new();
    encode(&guarded, Layer::Logical, "numbers", &table(), &mut frame).unwrap();
    decode(&guarded, Layer::Logical, "numbers", &table(), &frame).unwrap();

    Floor::Inline.raise().unwrap();
    let earlier = {
        let (inline, frame) = (inline.clone(), frame.clone());
        let (raised, wait) = std::sync::mpsc::channel::<()>();
        let thread = thread::spawn(move || {
            wait.recv().unwrap();
            refusal(&inline, &frame)
        });
        let by_name = encoded_while_the_floor_is_raised();
        assert!(by_name.is_empty(), "a payload leaves under the floor");
        raised.send(()).unwrap();
        thread.join().unwrap()
    };
    insta::assert_snapshot!(earlier, @"refused the inline table provider 'numbers' of family `range`: the floor of this process is `refuse`, whatever its sessions say");
    assert_eq!(earlier.code(), "PW-D016");

    for codecs in [&inline, &guarded, &inline.with_mode("range", FamilyMode::Inline).unwrap()] {
        assert_eq!(refusal(codecs, &frame).code(), "PW-D016");
        assert!(encode(codecs, Layer::Logical, "numbers", &table(), &mut Vec::new()).is_err());
        assert!(codecs.families().all(|family| matches!(family.mode, FamilyMode::Refuse)));
        assert!(format!("{:?}", codecs.logical()).contains("Refuse"));
        assert!(codecs.settings().policy().refuses_unknown_families());
    }

    // Sound frames of Python functions on both layers, without taking an interpreter.
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/python-v1/scalar.bin");
    let golden = std::fs::read(golden).unwrap();
    for layer in [Layer::Logical, Layer::Physical] {
        let error = decode(&inline, layer, "neg", &Node::ScalarUdf(abs()), &golden).unwrap_err();
        let error = WireError::find(&error).unwrap();
        assert!(matches!(error, WireError::RefusedByFloor { .. } | WireError::Stamp { refuses: true, .. }));
    }

    insta::assert_snapshot!(Floor::Inline.raise().unwrap_err(), @"the floor of this process is `refuse` and cannot be changed to `inline`");
    assert!(matches!(Floor::of_process(), Floor::Refuse));
}
