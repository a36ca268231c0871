//! The frame: a magic, a version and a payload, and nothing else.
//!
//! A frame is `<magic: 7 upper-case ASCII bytes><version: u8><payload>`. What the payload holds is
//! the family's business. The layout is the one datafusion-python 55 writes, so its messages are
//! frames too; `docs/wire-format.md` is the normative description.

use std::fmt;
use std::sync::OnceLock;

use crate::wire::digest::Digest;
pub use crate::wire::payload::Payload;
use crate::wire::trailer::{self, Claims, Trailer, TrailerError};

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
    #[track_caller]
    pub const fn new(bytes: &[u8; Self::LEN]) -> Self {
        assert!(all_upper_case(bytes), "a magic is seven upper-case ASCII letters");
        Self(*bytes)
    }

    /// Reads a magic that came at run time, e.g. with a plugin.
    ///
    /// ```
    /// use planwire_core::Magic;
    ///
    /// assert_eq!(Magic::parse("DFDEMOF")?, Magic::new(b"DFDEMOF"));
    /// assert!(Magic::parse("DFdemo").is_err());
    /// # Ok::<(), planwire_core::InvalidMagic>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is not seven upper-case ASCII letters.
    pub fn parse(text: &str) -> Result<Self, InvalidMagic> {
        let found = Self::sniff(text.as_bytes()).filter(|_| text.len() == Self::LEN);
        found.ok_or(InvalidMagic)
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

/// A text that is no magic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a magic is seven upper-case ASCII letters")]
pub struct InvalidMagic;

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
    ///
    /// # Panics
    ///
    /// If a byte of the magic is not an upper-case ASCII letter; in a constant, a compile error.
    #[must_use]
    #[track_caller]
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

/// A frame that was read. Whether anybody may decode it has not been asked.
#[derive(Clone)]
#[non_exhaustive]
pub struct Frame<'a> {
    /// The version of the payload's layout.
    pub version: u8,
    /// Everything between the header and the trailer, if there is one.
    pub payload: &'a [u8],
    /// Who says to have signed the frame; nothing here has verified it.
    pub trailer: Option<Trailer>,
    /// The header and the payload: the bytes that are signed.
    signed: &'a [u8],
    /// The payload and the trailer.
    received: &'a [u8],
    digest: OnceLock<Digest>,
}

impl<'a> Frame<'a> {
    /// The header and the payload: the bytes that are signed and pinned.
    #[must_use]
    pub const fn signed(&self) -> &'a [u8] {
        self.signed
    }

    /// The payload with the trailer behind it, as they came.
    pub(crate) const fn received(&self) -> &'a [u8] {
        self.received
    }

    /// The SHA-256 of the header and the payload, computed once.
    #[must_use]
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| Digest::of(self.signed))
    }

    /// The same frame with another trailer.
    pub(crate) fn with_trailer(self, trailer: Trailer) -> Self {
        Self { trailer: Some(trailer), ..self }
    }
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { version, payload, trailer, .. } = self;
        let mut shown = f.debug_struct("Frame");
        shown.field("version", version).field("payload", payload);
        if let Some(trailer) = trailer {
            shown.field("trailer", trailer);
        }
        shown.finish()
    }
}

/// What is wrong with the bytes of a frame.
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
    /// The end looks like a trailer and is none.
    #[error(transparent)]
    Trailer(#[from] TrailerError),
}

/// Reads a frame of `tag`.
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
/// open otherwise, [`FrameError::Version`] if the version is not one that `tag` reads,
/// [`FrameError::Trailer`] if they end as a trailer does and are none.
pub fn decode(tag: Tag, bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
    let (signed, trailer) = trailer::split(bytes)?;
    let (version, payload) = header(tag, signed)?;
    let received = bytes.get(HEADER_LEN..).unwrap_or_default();
    Ok(Frame { version, payload, trailer, signed, received, digest: OnceLock::new() })
}

/// Splits the header of `tag` off, and returns the version and what stands behind it.
pub(crate) fn header(tag: Tag, bytes: &[u8]) -> Result<(u8, &[u8]), FrameError> {
    let common = bytes.len().min(Magic::LEN);
    if bytes.get(..common) != tag.magic.as_bytes().get(..common) {
        return Err(FrameError::Magic { wanted: tag.magic });
    }
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER_LEN>() else {
        return Err(FrameError::Truncated { found: bytes.len() });
    };
    let [.., version] = *header;
    if version < tag.oldest || version > tag.newest {
        return Err(FrameError::Version { found: version, oldest: tag.oldest, newest: tag.newest });
    }
    Ok((version, rest))
}

/// What can be told of a frame without its family, whether it is sound or not.
#[derive(Debug)]
pub(crate) struct Glimpse<'a> {
    pub(crate) version: Option<u8>,
    /// The header and the payload; all bytes where the end cannot be told.
    pub(crate) signed: &'a [u8],
    /// Bytes of the payload.
    pub(crate) size: usize,
    pub(crate) signer: Option<Claims>,
}

/// Looks at a frame of any magic, sound or not.
pub(crate) fn glimpse(bytes: &[u8]) -> Glimpse<'_> {
    let (signed, trailer) = trailer::split(bytes).unwrap_or((bytes, None));
    Glimpse {
        version: bytes.get(Magic::LEN).copied(),
        signed,
        size: signed.len().saturating_sub(HEADER_LEN),
        signer: trailer.map(|trailer| trailer.claims),
    }
}

/// Tells whether bytes end inside the magic of `tag`, so that they look like no frame at all.
pub(crate) fn is_cut_in_magic(tag: Tag, bytes: &[u8]) -> bool {
    bytes.len() < Magic::LEN && tag.magic.as_bytes().starts_with(bytes)
}

/// Puts the header of `tag`, with its newest version, before a payload.
#[must_use]
pub fn encode(tag: Tag, payload: Payload) -> Vec<u8> {
    let [a, b, c, d, e, f, g] = *tag.magic.as_bytes();
    payload.behind([a, b, c, d, e, f, g, tag.newest])
}
