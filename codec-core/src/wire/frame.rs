//! The frame: a magic, a version and a payload. Native frames are read in `native.rs`; `wire::read` tells the
//! two sorts apart.
//!
//! A frame is `<magic: 7 upper-case ASCII bytes><version: u8><payload>`. The family decides what the payload
//! holds. datafusion-python 55 writes the same layout, so its messages are frames too; `docs/wire-format.md`
//! is the normative description.

use std::fmt;
use std::sync::OnceLock;

use crate::wire::digest::Digest;
pub use crate::wire::native::NativeError;
use crate::wire::native::{self, About, Native};
pub use crate::wire::payload::Payload;
pub use crate::wire::tag::{InvalidMagic, Magic, Tag, Unlinked};
use crate::wire::trailer::{self, Claims, Trailer, TrailerError};

/// Bytes in a frame before the payload: the magic and the version.
pub const HEADER_LEN: usize = Magic::LEN + 1;

/// A frame that was read. No policy has been asked yet whether it may be decoded.
#[derive(Clone)]
#[non_exhaustive]
pub struct Frame<'a> {
    /// The version of the payload's layout.
    pub version: u8,
    /// Everything between the header and the trailer, if there is one.
    pub payload: &'a [u8],
    /// The trailer, which says who signed the frame, if there is one; nothing here has verified it.
    pub trailer: Option<Trailer>,
    /// The number of bytes before the trailer.
    unsigned: usize,
    /// All bytes of the frame.
    received: &'a [u8],
    /// The content of a native frame's header.
    about: Option<About<'a>>,
    digest: OnceLock<Digest>,
}

impl<'a> Frame<'a> {
    /// A native frame.
    pub(crate) const fn native(
        version: u8,
        payload: &'a [u8],
        trailer: Option<Trailer>,
        unsigned: usize,
        received: &'a [u8],
        about: About<'a>,
    ) -> Self {
        Self { version, payload, trailer, unsigned, received, about: Some(about), digest: OnceLock::new() }
    }

    /// Whether it is a native frame.
    #[must_use]
    pub const fn is_native(&self) -> bool {
        self.about.is_some()
    }

    /// The content of a native frame's header, which describes the payload.
    pub(crate) const fn about(&self) -> Option<&About<'a>> {
        self.about.as_ref()
    }

    /// The runtime that the payload needs, as the header of a native frame names it: its name, its major and
    /// its minor version.
    #[must_use]
    pub fn stamp(&self) -> Option<(&'a str, u8, u8)> {
        self.about?.stamp
    }

    /// The number of bytes before the trailer.
    pub(crate) const fn unsigned(&self) -> usize {
        self.unsigned
    }

    /// All bytes of the frame, with its trailer, as they came.
    pub(crate) const fn received(&self) -> &'a [u8] {
        self.received
    }

    /// The SHA-256 by which the frame is signed and pinned, computed once: of the header and the payload, or of
    /// the header of a native frame, which holds the digest of its payload.
    #[must_use]
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| match self.about {
            Some(about) => about.digest(),
            None => Digest::of(self.received.get(..self.unsigned).unwrap_or(self.received)),
        })
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

/// A fault in the bytes of a frame.
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
    /// A native frame is unsound.
    #[error(transparent)]
    Native(#[from] NativeError),
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
/// [`FrameError::Truncated`] if `bytes` end before the payload starts, [`FrameError::Magic`] if they open
/// with other bytes, [`FrameError::Version`] if `tag` does not read the version, [`FrameError::Trailer`] if
/// they end as a trailer does but are none.
pub fn decode(tag: Tag, bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
    let (signed, trailer) = trailer::split(bytes)?;
    let (version, payload) = header(tag, signed)?;
    let (unsigned, digest) = (signed.len(), OnceLock::new());
    Ok(Frame { version, payload, trailer, unsigned, received: bytes, about: None, digest })
}

/// Splits the header of `tag` off, and returns the version and the bytes behind it.
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

/// Whether bytes open like a native frame, stored or not.
#[must_use]
pub fn is_native(bytes: &[u8]) -> bool {
    native::starts(bytes)
}

/// The payload of a frame of any family that was let in before, so that its digest is not checked again; `None`
/// for bytes that are no frame.
#[must_use]
pub fn payload(bytes: &[u8]) -> Option<&[u8]> {
    if native::starts(bytes) {
        return native::read_checked(bytes).ok().map(|native| native.frame.payload);
    }
    let (signed, _) = trailer::split(bytes).ok()?;
    signed.get(HEADER_LEN..)
}

/// The facts about a frame that can be told without its family, whether the frame is sound or not.
#[derive(Debug)]
pub(crate) struct Glimpse {
    pub(crate) version: Option<u8>,
    /// The digest by which the frame is signed and pinned; that of all bytes if the end cannot be told.
    pub(crate) digest: Digest,
    /// Bytes of the payload.
    pub(crate) size: usize,
    pub(crate) signer: Option<Claims>,
}

/// Looks at a frame of any family, sound or not.
pub(crate) fn glimpse(bytes: &[u8]) -> Glimpse {
    if let Ok(Native { frame, .. }) = native::read_checked(bytes) {
        let (digest, signer) = (frame.digest(), frame.trailer.map(|trailer| trailer.claims));
        return Glimpse { version: Some(frame.version), digest, size: frame.payload.len(), signer };
    }
    let (signed, trailer) = trailer::split(bytes).unwrap_or((bytes, None));
    Glimpse {
        version: bytes.get(Magic::LEN).copied(),
        digest: Digest::of(signed),
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
