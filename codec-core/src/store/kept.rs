//! The payloads that a process has taken from a store, kept for the next message that names them.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::store::PayloadStore;
use crate::wire::frame::FrameError;
use crate::wire::native::{self, Elsewhere};

/// The size limit, in bytes, of all frames that are kept, besides the last one.
const MOST: usize = 512 * 1024 * 1024;

/// A store, and the frames that were put together from it: each is fetched and hashed once, however many messages
/// name it.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    store: Arc<dyn PayloadStore>,
    /// The stored frames and the whole ones, the last used at the end.
    frames: Arc<Mutex<Vec<(Bytes, Bytes)>>>,
}

impl Kept {
    pub(crate) fn new(store: Arc<dyn PayloadStore>) -> Self {
        Self { store, frames: Arc::default() }
    }

    pub(crate) fn store(&self) -> &dyn PayloadStore {
        &*self.store
    }

    /// The whole frame of a stored one. Its payload has the digest that the header says.
    ///
    /// # Errors
    ///
    /// If the store does not give the payload, or gives another one.
    pub(crate) fn whole(&self, stored: &[u8], Elsewhere { digest, size }: Elsewhere) -> io::Result<Bytes> {
        // Held while the payload is fetched, so that threads that want the same one wait for it.
        let mut frames = self.frames();
        let found = frames.iter().position(|(known, _)| known == stored).map(|at| frames.remove(at));
        let (known, whole) = match found {
            Some(found) => found,
            None => {
                let size = usize::try_from(size).map_err(io::Error::other)?;
                let whole = native::with_payload(stored, size, |payload| self.store.get(digest, payload))?;
                native::decode(&whole).map_err(|fault: FrameError| io::Error::other(fault))?;
                (Bytes::copy_from_slice(stored), whole)
            }
        };
        frames.push((known, whole.clone()));
        while frames.len() > 1 && frames.iter().map(|(_, whole)| whole.len()).sum::<usize>() > MOST {
            frames.remove(0);
        }
        Ok(whole)
    }

    fn frames(&self) -> MutexGuard<'_, Vec<(Bytes, Bytes)>> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
