//! Callables: the Python objects that functions run, the time when they are unpickled, and their equality.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use planwire_registry::{Digest, Payload};
use pyo3::prelude::*;

/// A Python callable that can be compared and hashed without an interpreter.
///
/// DataFusion merges functions that compare equal, so two callables are the same only if they are
/// one object, or were decoded from the same payload and may be shared.
#[derive(Clone)]
pub(crate) struct Callable {
    object: Arc<Object>,
    identity: Identity,
    /// The frame that it was decoded from, as it came.
    received: Option<Bytes>,
    late: Option<Late>,
    frozen: Option<Arc<Frozen>>,
}

/// The payloads of a callable that is encoded once, in either sort of frames, and then the same for ever.
#[derive(Default)]
struct Frozen {
    version_1: OnceLock<Payload>,
    native: OnceLock<Payload>,
}

/// An object that exists from the beginning, or from the first time that it is needed.
#[derive(Default)]
struct Object {
    there: OnceLock<Py<PyAny>>,
    /// The process and the thread that open it now; 0 for none.
    opener: AtomicU64,
}

/// The part of a native frame that is kept for a callable that is opened later.
#[derive(Clone)]
pub(crate) struct Late {
    /// The plan's own name for the function, as the policy was asked about it.
    pub(crate) name: Arc<str>,
    /// The floor of the process when the policy let it in.
    pub(crate) floor: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Identity {
    /// The address of the object, or of its place until it is opened; nothing else has it while this one is
    /// held.
    Object(usize),
    /// The digest of the frame that the callable was decoded from.
    Payload(Digest),
}

impl Callable {
    /// Makes a callable that is equal to itself only.
    pub(crate) fn new(object: Py<PyAny>) -> Self {
        let identity = Identity::Object(object.as_ptr().addr());
        let object = Arc::new(Object { there: OnceLock::from(object), ..Object::default() });
        Self { object, identity, received: None, late: None, frozen: None }
    }

    /// Makes a callable that is opened from its frame when it is first needed.
    pub(crate) fn late(frame: Bytes, late: Late) -> Self {
        let object = Arc::<Object>::default();
        let identity = Identity::Object(Arc::as_ptr(&object).addr());
        Self { object, identity, received: Some(frame), late: Some(late), frozen: None }
    }

    /// The facts known about a callable that is opened late.
    pub(crate) const fn is_late(&self) -> Option<&Late> {
        self.late.as_ref()
    }

    /// Makes the callable equal to every other one from the same frame.
    pub(crate) fn shared(self, frame: Digest) -> Self {
        Self { identity: Identity::Payload(frame), ..self }
    }

    /// Keeps the payload of the callable from the first time that it is encoded.
    pub(crate) fn frozen(self) -> Self {
        Self { frozen: self.frozen.or_else(|| Some(Arc::default())), ..self }
    }

    /// The payload for one sort of frames: the one that was kept, or a new one.
    pub(crate) fn payload<E>(
        &self,
        is_native: bool,
        encode: impl FnOnce() -> Result<Payload, E>,
    ) -> Result<Payload, E> {
        let Some(frozen) = &self.frozen else { return encode() };
        let kept = if is_native { &frozen.native } else { &frozen.version_1 };
        match kept.get() {
            Some(payload) => Ok(payload.clone()),
            // The first of two threads wins.
            // Copied before, because a process that is forked while the cell is filled would wait for it.
            None => encode().map(Payload::in_own_memory).map(|payload| kept.get_or_init(|| payload).clone()),
        }
    }

    /// Keeps the frame that the callable was decoded from.
    pub(crate) fn with_received(self, frame: Bytes) -> Self {
        Self { received: Some(frame), ..self }
    }

    /// The frame that was kept.
    pub(crate) const fn received(&self) -> Option<&Bytes> {
        self.received.as_ref()
    }

    /// The object, unless it is still to be opened.
    pub(crate) fn object(&self) -> Option<&Py<PyAny>> {
        self.object.there.get()
    }

    /// Opens the object; other threads that need it meanwhile wait for it.
    ///
    /// Nothing is locked while Python runs. A process that was forked meanwhile opens the object itself. So
    /// does a thread on which the opening itself waits: the opening thread at once, and any other after a
    /// minute.
    pub(crate) fn opened(
        &self,
        py: Python<'_>,
        open: impl FnOnce(&Bytes) -> PyResult<Py<PyAny>>,
    ) -> PyResult<&Py<PyAny>> {
        let (me, begun) = (opener(), Instant::now());
        let mut claim = None;
        while self.object().is_none() && begun.elapsed() < PATIENCE {
            let found = self.object.opener.load(Acquire);
            if found == me {
                break;
            }
            let is_free = found == 0 || found >> 32 != me >> 32;
            if is_free && self.object.opener.compare_exchange(found, me, AcqRel, Acquire).is_ok() {
                claim = Some(Claim(&self.object.opener));
                break;
            }
            py.detach(|| thread::sleep(Duration::from_millis(1)));
        }
        if let Some(object) = self.object() {
            return Ok(object);
        }
        let object = open(self.received().unwrap_or(&Bytes::new()))?;
        let object = self.object.there.get_or_init(|| object);
        drop(claim);
        Ok(object)
    }
}

/// How long a thread waits for another one that opens an object.
const PATIENCE: Duration = Duration::from_secs(60);

/// The claim of a thread that opens an object. It is given up when dropped, whatever the outcome.
struct Claim<'a>(&'a AtomicU64);

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.store(0, Release);
    }
}

/// The process and the thread, in one number that is not 0.
fn opener() -> u64 {
    static THREADS: AtomicU32 = AtomicU32::new(1);
    thread_local! {
        static THREAD: u32 = THREADS.fetch_add(1, Relaxed);
    }
    u64::from(std::process::id()) << 32 | u64::from(THREAD.with(|thread| *thread))
}

impl PartialEq for Callable {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

impl Eq for Callable {}

impl Hash for Callable {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity.hash(state);
    }
}

impl fmt::Debug for Callable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The object's own repr is user code and needs the interpreter, so it is not called.
        f.write_str(match self.received {
            None => "Callable(local)",
            Some(_) => "Callable(decoded)",
        })
    }
}
