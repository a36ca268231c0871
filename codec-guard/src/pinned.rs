//! The pinned mode: frames that were reviewed.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fmt, io};

use planwire_core::{Candidate, Crossing, Digest, StrictMode, Verdict};

use crate::file;

/// A mode that admits only frames whose SHA-256 is on a list.
///
/// Each line of a list begins with a [`Pin`], `frame-sha256:` and 64 hexadecimal digits; the rest of the line
/// is a remark. Blank lines and those that begin with `#` do not count. The digest covers the header and the
/// payload, without a signature. The header names the family, the kind and the version, so that a payload
/// reviewed as a table is not admitted as a function.
///
/// Pickling a function again can give other bytes, so a list is made from a message, and the pinned frames are
/// sent on as they were received.
#[derive(Debug, Clone, Default)]
pub struct Pinned(BTreeSet<Pin>);

/// One frame on a list. Its text is the first word of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pin(Digest);

/// The start of a pin. A digest made in another way would get another word.
const SCHEME: &str = "frame-sha256:";

/// The size limit of a list file, in bytes: about a hundred thousand lines.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PinsError {
    /// The file could not be read.
    #[error("the pins in {path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// What went wrong.
        source: io::Error,
    },
    /// A line does not begin with a pin.
    #[error("line {line} of the pins does not begin with `{SCHEME}` and 64 hexadecimal digits")]
    Line {
        /// The line, from 1.
        line: usize,
    },
    /// A line begins with the digest of a payload without its header.
    #[error(
        "line {line} of the pins is a digest without family, kind and version, as older lists have it: pin what was \
         reviewed again, into a new list, with `planwire pin`"
    )]
    Outdated {
        /// The line, from 1.
        line: usize,
    },
}

impl Pinned {
    /// Reads a list from its text. An empty list admits nothing.
    ///
    /// # Errors
    ///
    /// If a line does not begin with a pin.
    pub fn parse(text: &str) -> Result<Self, PinsError> {
        let mut pins = BTreeSet::new();
        for (line, content) in (1..).zip(text.lines()) {
            let Some(first) = content.split_whitespace().next() else { continue };
            if first.starts_with('#') {
                continue;
            }
            if first.parse::<Digest>().is_ok() {
                return Err(PinsError::Outdated { line });
            }
            let digest = first.strip_prefix(SCHEME).ok_or(PinsError::Line { line })?;
            pins.insert(Pin(digest.parse().map_err(|_| PinsError::Line { line })?));
        }
        Ok(Self(pins))
    }

    /// Reads a list from a file.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`]; and if the file cannot be read, is not a regular one of at most 16 MiB, or lets others
    /// than its owner write it.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, PinsError> {
        let path = path.as_ref();
        let contents = file::read(path, LONGEST)
            .map_err(|source| PinsError::Unreadable { path: path.display().to_string(), source })?;
        Self::parse(&contents.text)
    }

    /// How many frames are on the list.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is on the list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Digest> for Pin {
    /// Pins the frame that has this digest, see [`Part::digest`](planwire_core::Part::digest).
    fn from(digest: Digest) -> Self {
        Self(digest)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.0)
    }
}

impl StrictMode for Pinned {
    fn verdict(&self, _: Crossing, candidate: &Candidate<'_>) -> Verdict {
        let found = candidate.frame.digest();
        if self.0.contains(&Pin(found)) {
            Verdict::Inline
        } else {
            Verdict::Refuse(format!("its SHA-256 {found} is not pinned here"))
        }
    }
}
