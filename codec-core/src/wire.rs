//! Bytes and nothing else: frames, envelopes and trailers.

pub(crate) mod digest;
pub mod envelope;
pub(crate) mod family_name;
pub mod frame;
pub(crate) mod inspection;
pub(crate) mod native;
pub(crate) mod parts;
pub(crate) mod payload;
pub(crate) mod reference;
pub(crate) mod tag;
pub mod trailer;

use crate::wire::envelope::{Envelope, EnvelopeError};
use crate::wire::frame::{FrameError, Magic};
use crate::wire::native::Native;

/// The sort of a buffer of a plan, told by its outside alone.
#[expect(clippy::large_enum_variant, reason = "one is made for each buffer and taken apart at once")]
#[derive(Debug)]
pub(crate) enum Outside<'a> {
    /// No bytes at all.
    Nothing,
    /// A frame with this magic; nothing else of it has been read.
    Frame(Magic),
    /// A native frame.
    Native(Result<Native<'a>, FrameError>),
    /// A reference to a function in the table of a message.
    Reference,
    /// A codec envelope.
    Envelope(Result<Envelope<'a>, EnvelopeError>),
    /// Bytes without a magic.
    Foreign,
}

/// Tells the sort of a buffer.
pub(crate) fn read(bytes: &[u8]) -> Outside<'_> {
    match Magic::sniff(bytes) {
        Some(magic) if magic == envelope::TAG.magic => Outside::Envelope(envelope::decode(bytes)),
        Some(magic) => Outside::Frame(magic),
        None if bytes.is_empty() => Outside::Nothing,
        None if reference::starts(bytes) => Outside::Reference,
        None if native::starts(bytes) => Outside::Native(native::decode(bytes)),
        None => Outside::Foreign,
    }
}
