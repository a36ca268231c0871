//! The payload: the bytes that a family wants to send, with room for the header in front.

use std::{fmt, io};

use crate::plan::described::Described;
use crate::wire::frame::HEADER_LEN;
use crate::wire::inspection::Stamp;

/// The bytes that a family wants to send.
///
/// Room for the header is kept in front, so that framing a large payload copies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    bytes: Vec<u8>,
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
    pub fn received(frame: &[u8]) -> Self {
        Self { received: true, ..Self::of(frame.to_vec()) }
    }

    const fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, received: false, described: None, stamp: None }
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
        let Self { mut bytes, .. } = self;
        if let Some(room) = bytes.first_chunk_mut() {
            *room = header;
        }
        bytes
    }

    /// Returns the received frame if the payload is forwarded as it came.
    pub(crate) fn into_received(self) -> Result<Vec<u8>, Self> {
        if self.received { Ok(self.bytes) } else { Err(self) }
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
        Self::of(bytes)
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
        write!(f, "Payload({} bytes)", self.as_bytes().len())
    }
}
