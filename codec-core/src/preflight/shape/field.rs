//! Fields of protobuf: each a number and a value.

use std::iter;

use prost::encoding::decode_varint;

use super::Fault;
use super::message::{Message, Slot};

/// The value of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Number(u64),
    Eight,
    Four,
    Bytes(&'a [u8]),
}

/// Reads a field, and returns its number, its value and the bytes after it.
#[inline(always)]
pub(super) fn field(bytes: &[u8]) -> Result<(u32, Value<'_>, &[u8]), Fault> {
    let (key, rest) = varint(bytes)?;
    // Protobuf's decoder refuses these numbers too: 0, and any beyond 29 bits.
    let number = u32::try_from(key).map_err(|_| Fault::Malformed("a field number beyond 29 bits"))? >> 3;
    if number == 0 {
        return Err(Fault::Malformed("a field without a number"));
    }
    let (value, rest) = match key & 7 {
        0 => {
            let (value, rest) = varint(rest)?;
            (Value::Number(value), rest)
        }
        1 => (Value::Eight, skip(rest, 8)?),
        5 => (Value::Four, skip(rest, 4)?),
        2 => {
            let (length, rest) = varint(rest)?;
            let length = usize::try_from(length).map_err(|_| TRUNCATED)?;
            let (inner, rest) = rest.split_at_checked(length).ok_or(TRUNCATED)?;
            (Value::Bytes(inner), rest)
        }
        _ => return Err(Fault::Malformed("a wire type that no encoder writes")),
    };
    Ok((number, value, rest))
}

/// Iterates over the fields of a message that is not in the table, up to the first error.
pub(super) fn fields(bytes: &[u8]) -> impl Iterator<Item = Result<(u32, Value<'_>), Fault>> {
    let mut rest = bytes;
    iter::from_fn(move || {
        let read = (!rest.is_empty()).then(|| field(rest))?;
        rest = read.map(|(_, _, after)| after).unwrap_or_default();
        Some(read.map(|(number, value, _)| (number, value)))
    })
}

/// The fields of a message that are still to be read.
pub(super) struct Fields<'a> {
    pub(super) rest: &'a [u8],
    pub(super) message: &'static Message,
    /// The fields of one message each that were met, a bit for each number.
    met: u64,
}

impl<'a> Fields<'a> {
    #[inline]
    pub(super) const fn new(bytes: &'a [u8], message: &'static Message) -> Self {
        Self { rest: bytes, message, met: 0 }
    }

    /// Takes a field off the front, and returns its number, its slot and its value.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<(u32, Slot, Value<'a>), Fault> {
        let (number, value, rest) = field(self.rest)?;
        self.rest = rest;
        let slot = self.message.slot(number);
        // A second message in it would be merged into the first.
        if slot.is_single() && matches!(value, Value::Bytes(_)) {
            let bit = 1_u64.checked_shl(number).unwrap_or_default();
            if self.met & bit != 0 {
                return Err(Fault::Malformed("a part that there is one of stands twice"));
            }
            self.met |= bit;
        }
        Ok((number, slot, value))
    }
}

const TRUNCATED: Fault = Fault::Malformed("it ends within a field");

fn skip(bytes: &[u8], length: usize) -> Result<&[u8], Fault> {
    bytes.get(length..).ok_or(TRUNCATED)
}

/// Reads a number. Most have one or two bytes, which are read faster here than by prost.
#[inline(always)]
fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), Fault> {
    match bytes {
        [byte, rest @ ..] if *byte < 0x80 => Ok((u64::from(*byte), rest)),
        [low, high, rest @ ..] if *high < 0x80 => Ok((u64::from(*high) << 7 | u64::from(*low & 0x7f), rest)),
        _ => long_varint(bytes),
    }
}

#[inline(never)]
fn long_varint(mut bytes: &[u8]) -> Result<(u64, &[u8]), Fault> {
    let fault = if bytes.len() < 10 { TRUNCATED } else { Fault::Malformed("a number beyond 64 bits") };
    let value = decode_varint(&mut bytes).map_err(|_| fault)?;
    Ok((value, bytes))
}

/// The signed number that protobuf has written as an unsigned one.
pub(super) const fn signed(number: u64) -> i64 {
    number.cast_signed()
}

/// The bytes in all fields of one number, up to the first error. The message need not be in the table.
pub(crate) fn fields_of(bytes: &[u8], wanted: u32) -> Vec<&[u8]> {
    let read = fields(bytes).map_while(Result::ok);
    read.filter_map(|(number, value)| match value {
        Value::Bytes(inner) if number == wanted => Some(inner),
        _ => None,
    })
    .collect()
}

/// Counts the fields of a message and of the messages in it.
///
/// Each entry of `holds` says, for a sort of message and the number of a field, which sort of message that
/// field holds. The whole is of sort 0.
///
/// # Errors
///
/// If the bytes are not fields of protobuf.
pub(crate) fn count_fields(bytes: &[u8], holds: &[(u8, u32, u8)]) -> Result<usize, &'static str> {
    let (mut count, mut pending) = (0, vec![(bytes, 0)]);
    while let Some((bytes, sort)) = pending.pop() {
        for field in fields(bytes) {
            let (number, value) = field.map_err(|fault| match fault {
                Fault::Malformed(fault) => fault,
                Fault::Excess(_) => "it is larger than a limit",
            })?;
            count += 1;
            let inner = holds.iter().find(|(around, at, _)| (*around, *at) == (sort, number));
            if let (Value::Bytes(bytes), Some((_, _, inner))) = (value, inner) {
                pending.push((bytes, *inner));
            }
        }
    }
    Ok(count)
}

/// The number of the field, if the bytes are exactly one field that holds bytes.
pub(crate) fn sole_field(bytes: &[u8]) -> Option<u32> {
    match field(bytes) {
        Ok((number, Value::Bytes(_), [])) => Some(number),
        _ => None,
    }
}
