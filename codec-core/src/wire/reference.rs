//! References: a message has each function of a native frame once, in its table, and its plan refers to it.
//!
//! A reference is `<8f "DFR"><key: 16 bytes>`. The table is the fields [`TABLE`] at the end of the outermost
//! message, each with one frame. `docs/wire-format.md` is the normative description.

use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};

/// The first bytes of a reference.
const START: &[u8; 4] = b"\x8fDFR";

/// The number of the table's fields, which no message of DataFusion has.
pub(crate) const TABLE: u32 = 1000;

/// What a reference says of a native frame.
pub(crate) type Key = [u8; 16];

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
pub(crate) fn append(message: &mut Vec<u8>, table: &[Vec<u8>]) {
    let sizes =
        table.iter().map(|frame| key_len(TABLE) + encoded_len_varint(frame.len() as u64) + frame.len());
    message.reserve_exact(sizes.sum());
    for frame in table {
        encode_key(TABLE, WireType::LengthDelimited, message);
        encode_varint(frame.len() as u64, message);
        message.extend_from_slice(frame);
    }
}
