//! A process whose floor is a guarded mode: no session does without it, and each keeps its own.

use std::sync::{Arc, mpsc};
use std::thread;

use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_guard::{Algorithm, Keyring, Pinned, Signed, generate};
use planwire_range_family::{RangeFamily, RangeTable};
use planwire_registry::trailer::split;
use planwire_registry::{FamilyList, FamilyMode, Floor, Member, Node, SessionCodecs, StrictMode, WireError};
use sha2::{Digest, Sha256};

fn session(mode: FamilyMode) -> SessionCodecs {
    let range = Member::new(Arc::new(RangeFamily), "planwire-range-family");
    SessionCodecs::new(FamilyList::new([range]).unwrap()).with_mode("range", mode).unwrap()
}

fn guarded(mode: impl StrictMode + 'static) -> SessionCodecs {
    session(FamilyMode::Guarded(Arc::new(mode)))
}

fn table() -> Node {
    Node::TableProvider(Arc::new(RangeTable { end: 3 }))
}

fn sent(codecs: &SessionCodecs) -> Result<Vec<u8>, WireError> {
    let mut frame = Vec::new();
    match encode(codecs, Layer::Logical, "numbers", &table(), &mut frame) {
        Ok(()) => Ok(frame),
        Err(error) => Err(WireError::find(&error).unwrap().clone()),
    }
}

/// The code and the text of a refusal, or `taken`.
fn outcome(codecs: &SessionCodecs, frame: &[u8]) -> String {
    match decode(codecs, Layer::Logical, "numbers", &table(), frame) {
        Ok(_) => "taken".to_owned(),
        Err(error) => {
            let error = WireError::find(&error).unwrap();
            format!("{} {error}", error.code())
        }
    }
}

#[test]
fn every_session_of_the_process_passes_the_guard_and_its_own() {
    let inline = session(FamilyMode::Inline);
    let refusing = session(FamilyMode::Refuse);
    let unpinned = guarded(Pinned::default());
    let bare = sent(&inline).unwrap();
    let digest: String = Sha256::digest(&bare).iter().map(|byte| format!("{byte:02x}")).collect();
    let pinned = guarded(Pinned::parse(&format!("frame-sha256:{digest}")).unwrap());
    assert_eq!(outcome(&inline, &bare), "taken");
    assert!(!inline.settings().policy().refuses_unknown_families());

    let (raised, wait) = mpsc::channel::<()>();
    let earlier = thread::spawn({
        let (inline, bare) = (inline.clone(), bare.clone());
        let before = outcome(&inline, &bare);
        move || {
            wait.recv().unwrap();
            (before, outcome(&inline, &bare))
        }
    });
    let [key, _] = generate(Algorithm::HmacSha256, "driver-1").unwrap();
    let floor = Signed::new(Arc::new(Keyring::parse(&key).unwrap()), "workers").unwrap();
    Floor::Guarded(Arc::new(floor.clone())).raise().unwrap();
    raised.send(()).unwrap();
    let (before, after) = earlier.join().unwrap();
    assert_eq!(before, "taken");
    insta::assert_snapshot!(after, @"PW-D006 policy refused the inline table provider 'numbers' of family `range`: it is not signed");

    // An inline session signs by the floor, and takes what it signs.
    let signed = sent(&inline).unwrap();
    assert_eq!(split(&signed).unwrap().0, bare);
    assert_eq!(outcome(&inline, &signed), "taken");
    assert_eq!(outcome(&pinned, &signed), "taken");
    assert_eq!(sent(&pinned).unwrap(), signed);
    let mut outcomes: Vec<_> = [
        (&pinned, &bare),
        (&unpinned, &bare),
        (&unpinned, &signed),
        (&refusing, &bare),
        (&refusing, &signed),
    ]
    .map(|(codecs, frame)| outcome(codecs, frame))
    .into();
    outcomes.extend([outcome(&inline, b"DFNOONE\x01"), sent(&unpinned).unwrap_err().to_string()]);
    insta::assert_snapshot!(outcomes.join("\n"), @"
    PW-D006 policy refused the inline table provider 'numbers' of family `range`: it is not signed
    PW-D006 policy refused the inline table provider 'numbers' of family `range`: it is not signed
    PW-D006 policy refused the inline table provider 'numbers' of family `range`: its SHA-256 6f69c9d7385c5e8574579cd595fb7a186305cc365de3e3914aeaa7ff1b07a7e3 is not pinned here
    PW-D005 refused the inline table provider 'numbers' of family `range`: enable the family here and accept that inbound payloads execute code
    PW-D005 refused the inline table provider 'numbers' of family `range`: enable the family here and accept that inbound payloads execute code
    PW-D007 unknown family: no family here has the magic DFNOONE of the table provider 'numbers', known are `range`
    family `range` may not send the table provider 'numbers': its SHA-256 6f69c9d7385c5e8574579cd595fb7a186305cc365de3e3914aeaa7ff1b07a7e3 is not pinned here
    ");
    for (codecs, mode) in [(&inline, "guarded"), (&pinned, "guarded"), (&refusing, "refuse")] {
        assert!(codecs.families().all(|family| family.mode.as_str() == mode));
        assert!(codecs.settings().policy().refuses_unknown_families());
    }

    let lowered =
        [Floor::Inline, Floor::Guarded(Arc::new(floor.clone())), Floor::Guarded(Arc::new(Pinned::default()))]
            .map(|floor| floor.raise().unwrap_err().to_string());
    insta::assert_snapshot!(lowered.join("\n"), @"
    the floor of this process is `guarded` and cannot be changed to `inline`
    the floor of this process is `guarded` and cannot be changed to another guard
    the floor of this process is `guarded` and cannot be changed to another guard
    ");
    assert_eq!(outcome(&inline, &signed), "taken");

    Floor::Refuse.raise().unwrap();
    for codecs in [&inline, &pinned] {
        assert!(outcome(codecs, &signed).starts_with("PW-D016 "));
        sent(codecs).unwrap_err();
    }
    let lowered = Floor::Guarded(Arc::new(floor)).raise().unwrap_err();
    insta::assert_snapshot!(lowered, @"the floor of this process is `refuse` and cannot be changed to another guard");
}
