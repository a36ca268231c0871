//! The frame: a magic, a version and a payload, and nothing else.
//!
//! A frame is `<magic: 7 upper-case ASCII bytes><version: u8><payload>`. What the payload holds is
//! the family's business. The layout is the one datafusion-python 55 writes, so its messages are
//! frames too; `docs/wire-format.md` is the normative description.

use std::{fmt, io};

/// Bytes in a frame before the payload: the magic and the version.
pub const HEADER_LEN: usize = Magic::LEN + 1;

/// Seven upper-case ASCII bytes that open every frame of one family and kind.
///
/// All magics have the same length, so none can be a prefix of another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Magic([u8; Magic::LEN]);

impl Magic {
    /// Bytes in a magic.
    pub const LEN: usize = 7;

    /// Makes a magic; in a constant, a wrong byte is a compile error.
    ///
    /// # Panics
    ///
    /// If a byte is not an upper-case ASCII letter.
    #[must_use]
    pub const fn new(bytes: &[u8; Self::LEN]) -> Self {
        assert!(all_upper_case(bytes), "a magic is seven upper-case ASCII letters");
        Self(*bytes)
    }

    /// Reads the magic that `bytes` open with, whether or not anyone knows it.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        let magic = bytes.first_chunk::<{ Self::LEN }>()?;
        all_upper_case(magic).then_some(Self(*magic))
    }

    /// The magic as text, as it stands in a hexdump.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Upper-case ASCII is UTF-8, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The bytes on the wire.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

const fn all_upper_case(bytes: &[u8; Magic::LEN]) -> bool {
    let [a, b, c, d, e, f, g] = bytes;
    a.is_ascii_uppercase()
        && b.is_ascii_uppercase()
        && c.is_ascii_uppercase()
        && d.is_ascii_uppercase()
        && e.is_ascii_uppercase()
        && f.is_ascii_uppercase()
        && g.is_ascii_uppercase()
}

impl fmt::Display for Magic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Magic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A magic and the versions of its payload that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// What the frame opens with.
    pub magic: Magic,
    /// The oldest version that can be read.
    pub oldest: u8,
    /// The newest version that can be read, and the one that is written.
    pub newest: u8,
}

impl Tag {
    /// Makes a tag of which a single version exists.
    #[must_use]
    pub const fn new(magic: &[u8; Magic::LEN], version: u8) -> Self {
        Self { magic: Magic::new(magic), oldest: version, newest: version }
    }

    /// Lowers the oldest version that is still read.
    ///
    /// # Panics
    ///
    /// If `oldest` is newer than the version that is written; in a constant, a compile error.
    #[must_use]
    pub const fn reading_from(self, oldest: u8) -> Self {
        assert!(oldest <= self.newest, "the oldest version read is newer than the one written");
        Self { oldest, ..self }
    }
}

/// A header that was read, and the bytes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The version of the payload's layout.
    pub version: u8,
    /// Everything after the header.
    pub payload: &'a [u8],
}

/// What is wrong with the bytes of a frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The bytes end inside the header.
    #[error("truncated frame: {found} bytes, the header alone takes {HEADER_LEN}")]
    Truncated {
        /// Bytes present.
        found: usize,
    },
    /// The bytes open with another magic.
    #[error("not a {wanted} frame")]
    Magic {
        /// The magic asked for.
        wanted: Magic,
    },
    /// The frame has a version outside the tag's range.
    #[error("frame version {found}, this build reads {oldest} to {newest}")]
    Version {
        /// The version in the frame.
        found: u8,
        /// The oldest version that can be read.
        oldest: u8,
        /// The newest version that can be read.
        newest: u8,
    },
}

/// Reads the header of a frame of `tag`.
///
/// ```
/// use planwire_core::frame::{self, Tag};
///
/// let tag = Tag::new(b"DFDEMOF", 1);
/// let bytes = frame::encode(tag, b"hello".into());
/// assert_eq!(bytes, b"DFDEMOF\x01hello");
/// assert_eq!(frame::decode(tag, &bytes)?.payload, b"hello");
/// # Ok::<(), planwire_core::frame::FrameError>(())
/// ```
///
/// # Errors
///
/// [`FrameError::Truncated`] if `bytes` end before the payload starts, [`FrameError::Magic`] if they
/// open otherwise, [`FrameError::Version`] if the version is not one that `tag` reads.
pub fn decode(tag: Tag, bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
    let common = bytes.len().min(Magic::LEN);
    if bytes.get(..common) != tag.magic.as_bytes().get(..common) {
        return Err(FrameError::Magic { wanted: tag.magic });
    }
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER_LEN>() else {
        return Err(FrameError::Truncated { found: bytes.len() });
    };
    let [.., version] = *header;
    if version < tag.oldest || version > tag.newest {
        return Err(FrameError::Version { found: version, oldest: tag.oldest, newest: tag.newest });
    }
    Ok(Frame { version, payload })
}

/// Puts the header of `tag`, with its newest version, before a payload.
#[must_use]
pub fn encode(tag: Tag, payload: Payload) -> Vec<u8> {
    let Payload { mut bytes, .. } = payload;
    if let Some(header) = bytes.first_chunk_mut::<HEADER_LEN>() {
        let [magic @ .., version] = header;
        *magic = *tag.magic.as_bytes();
        *version = tag.newest;
    }
    bytes
}

/// The bytes that a family wants to send.
///
/// Room for the header is kept in front, so that framing a large payload copies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    bytes: Vec<u8>,
    received: bool,
}

impl Payload {
    /// What a family decoded before, as [`AuthorizedFrame::received`](crate::AuthorizedFrame::received)
    /// gave it: the signature that stands behind it goes along.
    ///
    /// Of any other payload the end is its own, so one that ends as a signature does is not sent.
    #[must_use]
    pub fn received(bytes: &[u8]) -> Self {
        Self { received: true, ..Self::concat(&[bytes]) }
    }

    pub(crate) const fn is_received(&self) -> bool {
        self.received
    }

    /// Joins `parts` into one payload, with one allocation.
    #[must_use]
    pub fn concat(parts: &[&[u8]]) -> Self {
        let payload: usize = parts.iter().map(|part| part.len()).sum();
        let mut bytes = Vec::with_capacity(HEADER_LEN + payload);
        bytes.resize(HEADER_LEN, 0);
        for part in parts {
            bytes.extend_from_slice(part);
        }
        Self { bytes, received: false }
    }

    /// Appends bytes.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The payload without the room for its header.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(HEADER_LEN..).unwrap_or_default()
    }
}

impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        Self::concat(&[bytes])
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::concat(&[&bytes])
    }
}

impl From<&Vec<u8>> for Payload {
    fn from(bytes: &Vec<u8>) -> Self {
        Self::concat(&[bytes])
    }
}

impl<const N: usize> From<&[u8; N]> for Payload {
    fn from(bytes: &[u8; N]) -> Self {
        Self::concat(&[bytes])
    }
}

/// Appends what is written, which never fails.
impl io::Write for Payload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is inside may be secret, so only the size is shown.
        write!(f, "Payload({} bytes)", self.as_bytes().len())
    }
}
