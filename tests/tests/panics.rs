//! A program that silences the panics that are caught hears of every other one.

use std::sync::{Arc, Mutex};
use std::{panic, thread};

use datafusion::functions::math::abs;
use datafusion::prelude::{SessionContext, col};
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Member, Node,
    NodeRef, Payload, SessionCodecs, Tag, WireError, WireFamily, panics,
};

/// Panics over every function that it decodes, and has another thread panic too.
#[derive(Debug)]
struct Panics;

impl WireFamily for Panics {
    fn name(&self) -> FamilyName {
        FamilyName::new("panics")
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::ScalarUdf).then_some(Tag::new(b"DFPANIC", 1))
    }

    fn encode(&self, _: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        Ok(Some(Payload::concat(&[])))
    }

    fn decode(&self, _: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        assert!(panics::is_caught());
        thread::spawn(|| panic!("beside")).join().unwrap_err();
        panic!("caught")
    }
}

/// What the hook of this program has heard since it was asked last.
fn heard() -> Vec<String> {
    std::mem::take(&mut HEARD.lock().unwrap())
}

static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[test]
fn a_hook_hears_of_every_panic_but_those_that_are_caught() {
    panic::set_hook(Box::new(|panic| {
        HEARD.lock().unwrap().push(panic.payload_as_str().unwrap_or_default().to_owned());
    }));
    let member = Member::new(Arc::new(Panics), "tests");
    let codecs = SessionCodecs::new(FamilyList::new([member]).unwrap());
    let codecs = codecs.with_mode("panics", FamilyMode::Inline).unwrap();
    let bytes = codecs.logical().expr_to_bytes(&abs().call(vec![col("a")])).unwrap();
    let decode = || {
        let task = SessionContext::new().task_ctx();
        let error = codecs.logical().expr_from_bytes(&bytes, &task).unwrap_err();
        assert!(matches!(&error, WireError::FamilyPanicked { detail, .. } if detail == "caught"), "{error}");
        assert!(!panics::is_caught());
        heard()
    };
    let uncaught = || thread::spawn(|| panic!("uncaught")).join().unwrap_err();

    assert_eq!(decode(), ["beside", "caught"]);
    panics::silence_caught();
    panics::silence_caught();
    assert_eq!(decode(), ["beside"]);
    uncaught();
    assert_eq!(heard(), ["uncaught"]);
    thread::spawn(|| {
        panics::mark_thread_caught();
        assert!(panics::catch(|| panic!("a task")).is_err());
        panic!("another task");
    })
    .join()
    .unwrap_err();
    assert_eq!(heard(), [""; 0]);
}
