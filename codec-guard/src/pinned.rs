//! The pinned mode: payloads that were reviewed.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fmt, fs, io};

use planwire_core::{Candidate, Crossing, StrictMode, Verdict};
use sha2::{Digest as _, Sha256};

/// Lets payloads through whose SHA-256 is on a list, and no others.
///
/// The text of a list has one digest in a line, 64 hexadecimal digits, and after it whatever helps its
/// readers; blank lines and those that begin with `#` do not count. The digest is that of the payload:
/// of what stands after a frame's header, without a signature.
///
/// Pickling a function again can give other bytes, so a list is made from a message and what it pins is
/// sent on as it was received.
#[derive(Debug, Clone, Default)]
pub struct Pinned(BTreeSet<[u8; 32]>);

/// Why there is no list.
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
    /// A line does not begin with a digest.
    #[error("line {line} of the pins does not begin with 64 hexadecimal digits")]
    Line {
        /// The line, from 1.
        line: usize,
    },
}

impl Pinned {
    /// Reads a list from its text. An empty one lets nothing through.
    ///
    /// # Errors
    ///
    /// If a line does not begin with a digest.
    pub fn parse(text: &str) -> Result<Self, PinsError> {
        let mut pins = BTreeSet::new();
        for (line, content) in (1..).zip(text.lines()) {
            let Some(first) = content.split_whitespace().next() else { continue };
            if !first.starts_with('#') {
                pins.insert(digest(first).ok_or(PinsError::Line { line })?);
            }
        }
        Ok(Self(pins))
    }

    /// Reads a list from a file.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`], and if the file cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, PinsError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path)
            .map_err(|source| PinsError::Unreadable { path: path.display().to_string(), source })?;
        Self::parse(&text)
    }

    /// How many payloads are on the list.
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

fn digest(text: &str) -> Option<[u8; 32]> {
    // Asked for, because `from_str_radix` takes a sign too.
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, at) in digest.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(digest)
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl StrictMode for Pinned {
    fn verdict(&self, _: Crossing, candidate: &Candidate<'_>) -> Verdict {
        let found: [u8; 32] = Sha256::digest(candidate.payload()).into();
        if self.0.contains(&found) {
            Verdict::Inline
        } else {
            Verdict::Refuse(format!("its SHA-256 {} is not pinned here", Hex(&found)))
        }
    }
}
