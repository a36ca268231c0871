//! Files that decide about trust: regular files of limited size that only their owner can write.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use zeroize::Zeroizing;

/// The text of such a file, and its permissions.
pub(crate) struct Contents {
    pub(crate) text: Zeroizing<String>,
    pub(crate) mode: u32,
}

/// Why a file that can be opened is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Unfit {
    #[error("it is not a regular file")]
    Irregular,
    #[error("its mode {mode:03o} lets others than its owner write it")]
    Writable { mode: u32 },
    #[error("it is longer than {longest} bytes")]
    Long { longest: u64 },
}

impl From<Unfit> for io::Error {
    fn from(unfit: Unfit) -> Self {
        let kind = match unfit {
            Unfit::Writable { .. } => ErrorKind::PermissionDenied,
            Unfit::Irregular | Unfit::Long { .. } => ErrorKind::Other,
        };
        Self::new(kind, unfit)
    }
}

/// Reads a file of at most so many bytes.
pub(crate) fn read(path: &Path, longest: u64) -> io::Result<Contents> {
    // Without blocking: a pipe opens when someone writes to it, which may be never.
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    // Of the opened file, because another file may be at the path by now.
    let metadata = file.metadata()?;
    let mode = metadata.permissions().mode() & 0o777;
    if !metadata.is_file() {
        return Err(Unfit::Irregular.into());
    }
    if mode & 0o022 != 0 {
        return Err(Unfit::Writable { mode }.into());
    }
    // Room for all of it and more, because a string that grows leaves copies in memory.
    let room = metadata.len().min(longest) + 2;
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(room).unwrap_or_default()));
    let mut file = file.take(longest + 1);
    file.read_to_string(&mut text)?;
    if file.limit() == 0 {
        return Err(Unfit::Long { longest }.into());
    }
    Ok(Contents { text, mode })
}
