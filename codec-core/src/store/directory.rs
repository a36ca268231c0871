//! A directory as a store.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::store::PayloadStore;
use crate::wire::digest::Digest;
use crate::wire::parts::Parts;

/// A directory that the processes share, such as one on a network file system.
///
/// Each payload is a file, named by the SHA-256 of its content. Nothing is ever removed: a file may go when no query
/// that needs it runs any more.
#[derive(Debug)]
pub struct DirectoryStore {
    path: PathBuf,
    /// The payloads that are there as far as this process knows.
    known: Mutex<HashSet<Digest>>,
}

impl DirectoryStore {
    /// Uses a directory that is there already.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let missing = |error: io::Error| {
            io::Error::new(error.kind(), format!("there is no store at {}: {error}", path.display()))
        };
        match fs::metadata(&path).map_err(missing)?.is_dir() {
            true => Ok(Self { path, known: Mutex::default() }),
            false => Err(missing(io::ErrorKind::NotADirectory.into())),
        }
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&self, name: &str, payload: &Parts) -> io::Result<()> {
        // Under a name of its own first, so that nobody reads a part of it; processes on other machines may have
        // the same number.
        let random = RandomState::new().build_hasher().finish();
        let unfinished = self.path.join(format!("{name}.{random:016x}"));
        let mut file = File::create_new(&unfinished)?;
        let mut write = || {
            payload.iter().try_for_each(|part| file.write_all(part))?;
            file.sync_all()?;
            fs::rename(&unfinished, self.path.join(name))
        };
        write().inspect_err(|_| drop(fs::remove_file(&unfinished)))
    }

    /// Whether a file has the content that its name says.
    fn is_sound(&self, digest: Digest) -> bool {
        fs::read(self.path.join(digest.to_string())).is_ok_and(|found| Digest::of(&found) == digest)
    }
}

impl PayloadStore for DirectoryStore {
    /// 256 KiB.
    fn smallest(&self) -> usize {
        256 * 1024
    }

    fn put(&self, digest: Digest, payload: &Parts) -> io::Result<()> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = self.find(digest, payload.len() as u64).is_ok();
        // Read once, because it may be what is left of a machine that went down.
        if !(is_there && (known.contains(&digest) || self.is_sound(digest))) {
            self.write(&digest.to_string(), payload)?;
        }
        known.insert(digest);
        Ok(())
    }

    fn find(&self, digest: Digest, size: u64) -> io::Result<()> {
        let found = fs::metadata(self.path.join(digest.to_string()))?;
        match (found.is_file(), found.len()) {
            (true, length) if length == size => Ok(()),
            (true, length) => Err(io::Error::other(format!("it has {length} bytes there, and had {size}"))),
            (false, _) => Err(io::Error::other("it is no file there")),
        }
    }

    fn get(&self, digest: Digest, payload: &mut [u8]) -> io::Result<()> {
        File::open(self.path.join(digest.to_string()))?.read_exact(payload)
    }
}
