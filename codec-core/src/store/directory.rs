//! A directory as a store.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

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
            true => Ok(Self { path }),
            false => Err(missing(io::ErrorKind::NotADirectory.into())),
        }
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&self, name: &str, payload: &Parts) -> io::Result<()> {
        static WRITTEN: AtomicUsize = AtomicUsize::new(0);
        let number = WRITTEN.fetch_add(1, Relaxed);
        // Under a name of its own first, so that nobody reads a part of it.
        let unfinished = self.path.join(format!("{name}.{}.{number}", process::id()));
        let write = || {
            let mut file = File::create_new(&unfinished)?;
            payload.iter().try_for_each(|part| file.write_all(part))?;
            fs::rename(&unfinished, self.path.join(name))
        };
        write().inspect_err(|_| drop(fs::remove_file(&unfinished)))
    }
}

impl PayloadStore for DirectoryStore {
    /// 256 KiB.
    fn smallest(&self) -> usize {
        256 * 1024
    }

    fn put(&self, digest: Digest, payload: &Parts) -> io::Result<()> {
        let name = digest.to_string();
        let is_there = fs::metadata(self.path.join(&name))
            .is_ok_and(|found| found.is_file() && found.len() == payload.len() as u64);
        if is_there { Ok(()) } else { self.write(&name, payload) }
    }

    fn get(&self, digest: Digest, payload: &mut [u8]) -> io::Result<()> {
        let mut file = File::open(self.path.join(digest.to_string()))?;
        let (found, wanted) = (file.metadata()?.len(), payload.len());
        if found != wanted as u64 {
            return Err(io::Error::other(format!("it has {found} bytes there, and had {wanted}")));
        }
        file.read_exact(payload)
    }
}
