//! Dispatch: one buffer of a plan, offered where each kind may stand, to sessions of every mode.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};

use planwire_conformance::crossing::{Layer, decode};
use planwire_python::PythonFamily;
use planwire_registry::{
    Candidate, Crossing, FamilyList, FamilyMode, Member, Node, SessionCodecs, StrictMode, Verdict, WireError,
};

use super::{Carrier, bounded, one_of_each};

/// Offers a buffer as DataFusion would.
///
/// The first byte says where it stands, the second how many of the next are the plan's name for it.
pub fn dispatch(bytes: &[u8]) {
    static NODES: LazyLock<Vec<Node>> = LazyLock::new(one_of_each);
    let Some((&[place, length], rest)) = bytes.split_first_chunk() else { return };
    let (name, buffer) = rest.split_at_checked(length.into()).unwrap_or((rest, &[]));
    let name = String::from_utf8_lossy(name);
    let place = usize::from(place);
    let Some(like) = NODES.get(place % NODES.len()) else { return };
    let layer = if (place / NODES.len()).is_multiple_of(2) { Layer::Logical } else { Layer::Physical };

    let Receiver { inline, refuse, guarded, forbidden, guard } = &*RECEIVER;
    for codecs in [inline, &refuse.codecs, &guarded.codecs] {
        // DataFusion's own errors too, over a buffer that is no frame, are typed on the way.
        if let Err(error) = bounded(decode(codecs, layer, &name, like, buffer)) {
            assert!(WireError::find(&error).is_some(), "untyped: {error}");
        }
    }
    assert_eq!(forbidden.decoded(), 0, "a family was decoded that every session refuses");
    assert_eq!(refuse.demo.decoded(), 0, "a family was decoded that the session refuses");
    let decoded = guarded.demo.decoded();
    assert!(decoded <= guard.admitted.load(Relaxed), "a payload was decoded that the guard has not let in");
}

/// The sessions, and what counts behind them.
struct Receiver {
    inline: SessionCodecs,
    refuse: Session,
    guarded: Session,
    forbidden: Arc<Carrier>,
    guard: Arc<BySize>,
}

struct Session {
    codecs: SessionCodecs,
    demo: Arc<Carrier>,
}

static RECEIVER: LazyLock<Receiver> = LazyLock::new(|| {
    let forbidden = Carrier::forbidden();
    let session = |mode| {
        let demo = Carrier::demo();
        let python = Member::new(Arc::new(PythonFamily), "planwire-python");
        let families = FamilyList::new([demo.member(), forbidden.member(), python]);
        let codecs = SessionCodecs::new(families.expect("the families differ"));
        Session { codecs: with_mode(&codecs, "demo", mode), demo }
    };
    let guard = Arc::new(BySize::default());
    let mut refuse = session(FamilyMode::Refuse);
    // A codec that would decode all that the session refuses.
    let open = with_mode(&refuse.codecs, "demo", FamilyMode::Inline);
    let open = with_mode(&open, "forbidden", FamilyMode::Inline);
    let installed = refuse.codecs.with_logical_codec("open", Arc::new(open.logical().clone()));
    let installed =
        installed.and_then(|codecs| codecs.with_physical_codec("open", Arc::new(open.physical().clone())));
    refuse.codecs = installed.expect("nothing else has the id");
    Receiver {
        inline: session(FamilyMode::Inline).codecs,
        refuse,
        guarded: session(FamilyMode::Guarded(Arc::clone(&guard) as _)),
        forbidden: Arc::clone(&forbidden),
        guard,
    }
});

fn with_mode(codecs: &SessionCodecs, family: &str, mode: FamilyMode) -> SessionCodecs {
    codecs.with_mode(family, mode).expect("the family is linked")
}

/// Decides by the size of the payload, and counts what it lets in.
#[derive(Debug, Default)]
struct BySize {
    admitted: AtomicUsize,
}

impl StrictMode for BySize {
    fn verdict(&self, _: Crossing, candidate: &Candidate<'_>) -> Verdict {
        let seen = candidate.seen;
        match seen.size % 3 {
            0 => Verdict::ByName,
            1 => Verdict::Refuse(format!("{} bytes of '{}'", seen.size, seen.name)),
            _ => {
                self.admitted.fetch_add(1, Relaxed);
                Verdict::Inline
            }
        }
    }
}
