//! Callables: the Python objects that functions run, and when two of them are the same.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use planwire_registry::Digest;
use pyo3::prelude::*;

/// A Python callable that can be compared and hashed without an interpreter.
///
/// DataFusion merges functions that compare equal, so two callables are the same only if they are
/// one object, or were decoded from the same payload and may be shared.
#[derive(Clone)]
pub(crate) struct Callable {
    object: Arc<Py<PyAny>>,
    identity: Identity,
    /// The payload that it was decoded from, with the signature that stood behind it.
    received: Option<Arc<[u8]>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Identity {
    /// The object's address, which no other object has while this one is held.
    Object(usize),
    /// The digest of the frame that the callable was decoded from.
    Payload(Digest),
}

impl Callable {
    /// A callable that is the same as itself only.
    pub(crate) fn new(object: Py<PyAny>) -> Self {
        let identity = Identity::Object(object.as_ptr().addr());
        Self { object: Arc::new(object), identity, received: None }
    }

    /// Makes the callable the same as every other one from the same frame.
    pub(crate) fn shared(self, frame: Digest) -> Self {
        Self { identity: Identity::Payload(frame), ..self }
    }

    /// Keeps the payload that the callable was decoded from.
    pub(crate) fn with_received(self, payload: &[u8]) -> Self {
        Self { received: Some(payload.into()), ..self }
    }

    /// The payload that was kept.
    pub(crate) fn received(&self) -> Option<&[u8]> {
        self.received.as_deref()
    }

    pub(crate) fn object(&self) -> &Py<PyAny> {
        &self.object
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
        f.write_str(match self.identity {
            Identity::Object(_) => "Callable(local)",
            Identity::Payload(_) => "Callable(decoded)",
        })
    }
}
