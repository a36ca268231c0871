//! The payload: the bytes that a family wants to send, with room for the header in front.

use std::borrow::Cow;
use std::{fmt, io};

use bytes::Bytes;

use crate::plan::described::Described;
use crate::wire::frame::HEADER_LEN;
use crate::wire::inspection::Stamp;
use crate::wire::parts::Parts;

/// The bytes that a family wants to send.
///
/// Room for the header is kept in front, so that framing a large payload copies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// Room for the header, then the payload.
    parts: Parts,
    received: bool,
    described: Option<Box<Described>>,
    stamp: Option<Stamp>,
}

impl Payload {
    /// A whole frame that is forwarded as it came, with its header and its signature, as
    /// [`AuthorizedFrame::received`](crate::AuthorizedFrame::received) returned it.
    ///
    /// Any other payload that ends in the magic of a trailer is rejected.
    #[must_use]
    pub fn received(frame: impl Into<Bytes>) -> Self {
        Self { received: true, ..Self::of(Parts::from(frame.into())) }
    }

    const fn of(parts: Parts) -> Self {
        Self { parts, received: false, described: None, stamp: None }
    }

    /// Adds the description of a function for the header of a native frame, so that the payload holds none of
    /// it.
    #[must_use]
    pub fn with_described(self, described: Described) -> Self {
        Self { described: Some(Box::new(described)), ..self }
    }

    /// Adds the runtime that the payload needs, for the header of a native frame.
    #[must_use]
    pub fn with_stamp(self, stamp: Stamp) -> Self {
        Self { stamp: Some(stamp), ..self }
    }

    pub(crate) fn described(&self) -> Option<&Described> {
        self.described.as_deref()
    }

    pub(crate) const fn stamp(&self) -> Option<Stamp> {
        self.stamp
    }

    /// Returns the frame with this header, for which room was kept.
    pub(crate) fn behind(self, header: [u8; HEADER_LEN]) -> Vec<u8> {
        let mut bytes = self.parts.into_vec();
        if let Some(room) = bytes.first_chunk_mut() {
            *room = header;
        }
        bytes
    }

    /// Returns the received frame if the payload is forwarded as it came.
    pub(crate) fn into_received(self) -> Result<Parts, Self> {
        if self.received { Ok(self.parts) } else { Err(self) }
    }

    /// Returns the payload without room for a header.
    pub(crate) fn into_parts(self) -> Parts {
        self.parts.skip(HEADER_LEN)
    }

    /// The payload without the room for its header, in its parts.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let mut room = HEADER_LEN;
        self.parts.iter().map(move |part| {
            let (before, payload) = part.split_at(room.min(part.len()));
            room -= before.len();
            payload
        })
    }

    /// Whether the last bytes are these.
    pub(crate) fn ends_with(&self, suffix: &[u8]) -> bool {
        self.parts.ends_with(suffix)
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
        Self::of(bytes.into())
    }

    /// Appends bytes.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.parts.extend_from_slice(bytes);
    }

    /// Appends bytes that stay where they are until the message is written, so that a large part is copied
    /// only once. They must not change until then.
    pub fn lend(&mut self, part: impl Into<Bytes>) {
        self.parts.lend(part.into());
    }

    /// The same payload in memory of its own.
    #[must_use]
    pub fn in_own_memory(self) -> Self {
        Self { parts: Bytes::from(self.parts.into_vec()).into(), ..self }
    }

    /// The number of bytes, of a received frame with its header.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.len().saturating_sub(if self.received { 0 } else { HEADER_LEN })
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes in one piece; they are copied if some are [lent](Self::lend).
    #[must_use]
    pub fn as_bytes(&self) -> Cow<'_, [u8]> {
        match self.parts.in_one_piece() {
            Some(bytes) => bytes.get(HEADER_LEN..).unwrap_or_default().into(),
            None => self.parts().flatten().copied().collect(),
        }
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

/// Appends all written bytes, and never fails.
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
        // The content may be secret, so only the size is shown.
        write!(f, "Payload({} bytes)", self.len())
    }
}
