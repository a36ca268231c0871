//! The codec envelope: it names the installed codec that wrote the bytes inside.
//!
//! After the header of a frame with magic `DFPYCHN` stand `<id length: u32, little-endian><id: UTF-8>`
//! and then the codec's own bytes. It is the layout that the `datafusion` wheel 55 uses.

use crate::wire::frame::{self, FrameError, Payload, Tag};

/// The tag of an envelope.
pub const TAG: Tag = Tag::new(b"DFPYCHN", 1);

/// The id of a chain that is itself installed as a codec, in a session of another library.
///
/// A receiver that is such a chain opens the envelope and goes on with the bytes inside.
pub const OWN_ID: &str = "planwire";

/// An envelope that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The id of the codec that wrote [`Self::bytes`].
    pub id: &'a str,
    /// The bytes of that codec.
    pub bytes: &'a [u8],
}

/// A fault in the bytes of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The header is unsound.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The bytes end before the id does.
    #[error("truncated envelope: {found} bytes after the header, the codec id takes {needed}")]
    Truncated {
        /// Bytes present after the header.
        found: usize,
        /// Bytes that the length and the id take.
        needed: usize,
    },
    /// The id is not UTF-8.
    #[error("the codec id is not UTF-8")]
    Id,
}

/// Opens an envelope.
///
/// # Errors
///
/// If the header, the length or the id is unsound.
pub fn decode(bytes: &[u8]) -> Result<Envelope<'_>, EnvelopeError> {
    let (_, payload) = frame::header(TAG, bytes)?;
    let Some((length, rest)) = payload.split_first_chunk::<4>() else {
        return Err(EnvelopeError::Truncated { found: payload.len(), needed: 4 });
    };
    let length = u32::from_le_bytes(*length) as usize;
    let Some((id, bytes)) = rest.split_at_checked(length) else {
        return Err(EnvelopeError::Truncated { found: payload.len(), needed: length.saturating_add(4) });
    };
    let id = std::str::from_utf8(id).map_err(|_| EnvelopeError::Id)?;
    Ok(Envelope { id, bytes })
}

/// Puts a codec's bytes into an envelope.
///
/// The length is written in 32 bits; an installed codec's id is never nearly that long.
#[must_use]
pub fn encode(envelope: Envelope<'_>) -> Vec<u8> {
    let length = u32::try_from(envelope.id.len()).unwrap_or(u32::MAX).to_le_bytes();
    frame::encode(TAG, Payload::concat(&[&length, envelope.id.as_bytes(), envelope.bytes]))
}
