//! The store of a cluster that has none.

use std::io;

use planwire_registry::{Digest, Parts, PayloadStore};

/// The size, in bytes, from which a function needs a store: the plan of a stage goes to executors once for each of
/// their tasks, with the function at each place where the stage calls it.
pub(crate) const LARGE: usize = 4 * 1024 * 1024;

/// Refuses large functions, and says what they need.
#[derive(Debug)]
pub(crate) struct Unset;

impl PayloadStore for Unset {
    fn smallest(&self) -> usize {
        LARGE
    }

    fn put(&self, _: Digest, payload: &Parts) -> io::Result<()> {
        Err(io::Error::other(format!(
            "it has {} bytes, a cluster takes up to {LARGE} without a store, and this session has none",
            payload.len()
        )))
    }

    fn find(&self, _: Digest, _: u64) -> io::Result<()> {
        Err(io::Error::other("this process was started without a store"))
    }

    fn get(&self, digest: Digest, _: &mut [u8]) -> io::Result<()> {
        self.find(digest, 0)
    }
}
