//! Bytes and nothing else: frames, envelopes and trailers.

pub(crate) mod digest;
pub mod envelope;
pub(crate) mod family_name;
pub mod frame;
pub(crate) mod inspection;
pub(crate) mod payload;
pub mod trailer;

use crate::wire::envelope::{Envelope, EnvelopeError};
use crate::wire::frame::Magic;

/// What a buffer of a plan is, by its outside alone.
#[derive(Debug)]
pub(crate) enum Outside<'a> {
    /// No bytes at all.
    Nothing,
    /// A frame with this magic, of which nothing else has been looked at.
    Frame(Magic),
    /// A codec envelope.
    Envelope(Result<Envelope<'a>, EnvelopeError>),
    /// Bytes without a magic.
    Foreign,
}

/// Tells what a buffer is.
pub(crate) fn read(bytes: &[u8]) -> Outside<'_> {
    match Magic::sniff(bytes) {
        Some(magic) if magic == envelope::TAG.magic => Outside::Envelope(envelope::decode(bytes)),
        Some(magic) => Outside::Frame(magic),
        None if bytes.is_empty() => Outside::Nothing,
        None => Outside::Foreign,
    }
}
