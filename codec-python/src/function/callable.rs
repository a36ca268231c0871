//! Callables: the Python objects that functions run, when they are unpickled, and when two of them are the same.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use planwire_registry::{Digest, Floor};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;

/// A Python callable that can be compared and hashed without an interpreter.
///
/// DataFusion merges functions that compare equal, so two callables are the same only if they are
/// one object, or were decoded from the same payload and may be shared.
#[derive(Clone)]
pub(crate) struct Callable {
    object: Arc<Object>,
    identity: Identity,
    /// The frame that it was decoded from, as it came.
    received: Option<Arc<[u8]>>,
}

/// An object that is there from the beginning, or from the first time that it is needed.
#[derive(Default)]
struct Object {
    there: OnceLock<Py<PyAny>>,
    opening: Mutex<()>,
    /// The floor of the process when the object was let in.
    floor: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Identity {
    /// The address of what holds the object, which nothing else has while this one is held.
    Object(usize),
    /// The digest of the frame that the callable was decoded from.
    Payload(Digest),
}

impl Callable {
    /// A callable that is the same as itself only.
    pub(crate) fn new(object: Py<PyAny>) -> Self {
        let identity = Identity::Object(object.as_ptr().addr());
        let there = OnceLock::from(object);
        Self { object: Arc::new(Object { there, ..Object::default() }), identity, received: None }
    }

    /// A callable that is opened when it is first needed, from the frame that it came in.
    pub(crate) fn late(frame: &[u8]) -> Self {
        let object = Arc::new(Object { floor: Floor::of_process().as_str(), ..Object::default() });
        let identity = Identity::Object(Arc::as_ptr(&object).addr());
        Self { object, identity, received: Some(frame.into()) }
    }

    /// Makes the callable the same as every other one from the same frame.
    pub(crate) fn shared(self, frame: Digest) -> Self {
        Self { identity: Identity::Payload(frame), ..self }
    }

    /// Keeps the frame that the callable was decoded from.
    pub(crate) fn with_received(self, frame: &[u8]) -> Self {
        Self { received: Some(frame.into()), ..self }
    }

    /// The frame that was kept.
    pub(crate) fn received(&self) -> Option<&[u8]> {
        self.received.as_deref()
    }

    /// The object, unless it is still to be opened.
    pub(crate) fn object(&self) -> Option<&Py<PyAny>> {
        self.object.there.get()
    }

    /// Whether the floor of the process is higher than when the object was let in.
    pub(crate) fn is_under_another_floor(&self) -> bool {
        self.object.floor != Floor::of_process().as_str()
    }

    /// Opens the object once, however many threads need it.
    pub(crate) fn opened(
        &self,
        py: Python<'_>,
        open: impl FnOnce(&[u8]) -> PyResult<Py<PyAny>>,
    ) -> PyResult<&Py<PyAny>> {
        // Waits without the interpreter, which whoever is opening needs.
        let _opening = self.object.opening.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner);
        if let Some(object) = self.object() {
            return Ok(object);
        }
        let object = open(self.received().unwrap_or_default())?;
        Ok(self.object.there.get_or_init(|| object))
    }
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
        // The object's own repr is user code and needs the interpreter, so it is not asked.
        f.write_str(match self.received {
            None => "Callable(local)",
            Some(_) => "Callable(decoded)",
        })
    }
}
