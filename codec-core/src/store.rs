//! Stores: where the payloads of large functions are, which a plan names by their digests.

mod directory;
mod kept;

use std::fmt;
use std::io;

use crate::wire::digest::Digest;
use crate::wire::parts::Parts;

pub use crate::store::directory::DirectoryStore;
pub(crate) use crate::store::kept::Kept;

/// A place for the payloads of large functions, which the processes that run a plan share.
///
/// A store is not trusted with what runs: a payload that has another digest is refused, and a signature covers the
/// digest. It can withhold a payload, and keep those waiting that ask for it.
pub trait PayloadStore: fmt::Debug + Send + Sync {
    /// The size, in bytes, from which payloads go into the store instead of into messages.
    fn smallest(&self) -> usize;

    /// Keeps a payload under its digest. It may be there already.
    ///
    /// # Errors
    ///
    /// Why it cannot be kept; the function is not sent then.
    fn put(&self, digest: Digest, payload: &Parts) -> io::Result<()>;

    /// Checks that a payload of this size, in bytes, is kept under a digest, before there is memory for it.
    ///
    /// # Errors
    ///
    /// If there is none, or none of that size.
    fn find(&self, digest: Digest, size: u64) -> io::Result<()>;

    /// Fills `payload` with the one that is kept under a digest.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn get(&self, digest: Digest, payload: &mut [u8]) -> io::Result<()>;
}
