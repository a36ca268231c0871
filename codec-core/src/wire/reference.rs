//! References: a message has each function of a native frame once, in its table, and its plan refers to it.
//!
//! A reference is `<8f "DFR"><key: 16 bytes>`. The table is the fields [`TABLE`] at the end of the outermost
//! message, each with one frame. `docs/wire-format.md` is the normative description.

use std::iter;

use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};

use crate::wire::digest::Digest;
use crate::wire::native;
use crate::wire::parts::Parts;

/// The first bytes of a reference.
const START: &[u8; 4] = b"\x8fDFR";

/// The number of the table's fields, which no message of DataFusion has.
pub(crate) const TABLE: u32 = 1000;

/// The number of fields of zeros, which move the payload behind them to a multiple of [`ALIGNMENT`].
pub(crate) const PADDING: u32 = 1001;

/// The alignment, in bytes, of large payloads in a message. Families may lay out their buffers by it.
pub const ALIGNMENT: usize = 16;

/// What a reference says of a native frame.
pub(crate) type Key = [u8; 16];

/// The key of a native frame that was written here.
pub(crate) fn key_of(frame: &Parts) -> Option<Key> {
    let first = frame.first();
    match frame.in_one_piece() {
        Some(bytes) => Some(native::read_checked(bytes).ok()?.key()),
        // It has no signature, and its header is in one piece.
        None => Some(key(Digest::of(first.get(..native::header_len(first)?)?))),
    }
}

/// The key of what has this digest.
pub(crate) fn key(digest: Digest) -> Key {
    *digest.0.first_chunk().unwrap_or(&[0; 16])
}

/// Writes a reference.
pub(crate) fn write(key: Key) -> Vec<u8> {
    [&START[..], &key].concat()
}

/// Reads a reference; `None` for any other bytes.
pub(crate) fn read(bytes: &[u8]) -> Option<Key> {
    bytes.strip_prefix(START)?.try_into().ok()
}

/// Whether bytes open like a reference.
pub(crate) fn starts(bytes: &[u8]) -> bool {
    bytes.starts_with(START)
}

/// Appends a table to a message.
pub(crate) fn append(message: Vec<u8>, table: Vec<Parts>) -> Parts {
    let mut whole = Parts::from(message);
    let small = table.iter().map(Parts::len).filter(|length| *length < Parts::LARGE);
    whole.reserve(small.map(|length| head_len(length) + length).sum());
    for frame in table {
        let mut head = Vec::new();
        if frame.len() >= Parts::LARGE
            && let Some(header_len) = native::header_len(frame.first())
        {
            let before = whole.len() + head_len(0) + head_len(frame.len()) + header_len;
            let zeros = before.next_multiple_of(ALIGNMENT) - before;
            put_head(PADDING, zeros, &mut head);
            head.extend(iter::repeat_n(0, zeros));
        }
        put_head(TABLE, frame.len(), &mut head);
        whole.extend_from_slice(&head);
        whole.append(frame);
    }
    whole
}

/// Writes the key and the length of a field.
fn put_head(number: u32, length: usize, buf: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, buf);
    encode_varint(length as u64, buf);
}

/// Bytes that the key and the length of a field take.
fn head_len(length: usize) -> usize {
    key_len(TABLE) + encoded_len_varint(length as u64)
}
