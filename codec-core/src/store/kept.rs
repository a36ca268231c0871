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
    /// By their stored frames, the last used at the end.
    frames: Arc<Mutex<Vec<(Bytes, Whole)>>>,
}

/// A frame that is being fetched, or was.
type Whole = Arc<Mutex<Option<Bytes>>>;

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
        let frame = self.frame(stored);
        // Held while the payload is fetched, so that threads that want the same one wait for it, and no others.
        let mut held = frame.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(whole) = &*held {
            return Ok(whole.clone());
        }
        self.store.find(digest, size)?;
        let size = usize::try_from(size).map_err(io::Error::other)?;
        let whole = native::with_payload(stored, size, |payload| self.store.get(digest, payload))?;
        native::decode(&whole).map_err(|fault: FrameError| io::Error::other(fault))?;
        *held = Some(whole.clone());
        drop(held);
        self.make_room();
        Ok(whole)
    }

    /// The place of a frame, moved to the end.
    fn frame(&self, stored: &[u8]) -> Whole {
        let mut frames = self.frames();
        let found = frames.iter().position(|(known, _)| known == stored).map(|at| frames.remove(at));
        let (known, frame) = found.unwrap_or_else(|| (Bytes::copy_from_slice(stored), Whole::default()));
        frames.push((known, Arc::clone(&frame)));
        frame
    }

    /// Lets go of the frames that were not used for longest.
    fn make_room(&self) {
        let mut frames = self.frames();
        let size = |frame: &Whole| match frame.try_lock() {
            Ok(held) => held.as_ref().map_or(0, Bytes::len),
            Err(_) => 0,
        };
        while frames.len() > 1 && frames.iter().map(|(_, frame)| size(frame)).sum::<usize>() > MOST {
            frames.remove(0);
        }
    }

    fn frames(&self) -> MutexGuard<'_, Vec<(Bytes, Whole)>> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
