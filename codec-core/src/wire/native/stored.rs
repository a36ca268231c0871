//! Stored frames: the payload out of a native frame, and back.

use std::io;

use bytes::Bytes;

use crate::wire::digest::Digest;
use crate::wire::native::{FIXED, START, STORED, header_len, read_fields};
use crate::wire::parts::Parts;
use crate::wire::reference::ALIGNMENT;

/// Takes the payload out of a native frame that was written here: the digest of the payload, the payload, and the
/// stored frame. `None` if it is smaller than `smallest`, or not there.
pub(crate) fn without_payload(frame: &Parts, smallest: usize) -> Option<(Digest, Parts, Vec<u8>)> {
    let first = frame.first();
    let header_len = header_len(first).filter(|_| first.starts_with(START))?;
    let (header, _) = first.split_at_checked(header_len)?;
    let [.., name_len, _, _, _, _, p0, p1, p2, p3, p4, p5, p6, p7] = *header.first_chunk::<FIXED>()?;
    let size = usize::try_from(u64::from_le_bytes([p0, p1, p2, p3, p4, p5, p6, p7])).ok()?;
    if size < smallest {
        return None;
    }
    let (_, digest) = read_fields(header, header.get(FIXED + usize::from(name_len)..)?).ok()?;
    let (mut payload, mut stored) = (Parts::default(), [STORED, header].concat());
    let mut rest = size;
    for part in frame.clone().skip(header_len).into_bytes() {
        let (of_payload, of_trailer) =
            (part.slice(..rest.min(part.len())), part.slice(rest.min(part.len())..));
        rest -= of_payload.len();
        payload.lend(of_payload);
        stored.extend_from_slice(&of_trailer);
    }
    Some((digest, payload, stored))
}

/// Puts a payload back between the header and the signature of a stored frame, at a multiple of 16 bytes of memory.
///
/// # Errors
///
/// Those of `fill`, which writes the payload.
pub(crate) fn with_payload(
    stored: &[u8],
    size: usize,
    fill: impl FnOnce(&mut [u8]) -> io::Result<()>,
) -> io::Result<Bytes> {
    let header =
        stored.get(STORED.len()..).and_then(|frame| frame.get(..header_len(frame)?)).unwrap_or_default();
    let signature = stored.get(STORED.len() + header.len()..).unwrap_or_default();
    let before = header.len().next_multiple_of(ALIGNMENT);
    let mut whole = Vec::with_capacity(before + size + signature.len());
    whole.resize(before - header.len(), 0);
    whole.extend_from_slice(header);
    whole.resize(before + size, 0);
    fill(whole.get_mut(before..).unwrap_or_default())?;
    whole.extend_from_slice(signature);
    Ok(Bytes::from(whole).slice(before - header.len()..))
}
