//! Fields of protobuf: a number, what it holds, and the bytes after it.

use super::Fault;
use super::message::{Message, Slot};

/// What stands in a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Number(u64),
    Eight,
    Four,
    Bytes(&'a [u8]),
}

/// Reads a field: its number, what it holds, and what comes after it.
#[inline(always)]
pub(super) fn field(bytes: &[u8]) -> Result<(u32, Value<'_>, &[u8]), Fault> {
    let (key, rest) = varint(bytes)?;
    // As protobuf's decoder has it, which takes no number 0 and none beyond 29 bits.
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

    /// Takes a field off the front: its number, what it holds according to its slot, and what stands there.
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

/// Reads a number, which mostly has one byte.
#[inline(always)]
fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), Fault> {
    match bytes {
        [byte, rest @ ..] if *byte < 0x80 => Ok((u64::from(*byte), rest)),
        [low, high, rest @ ..] if *high < 0x80 => Ok((u64::from(*high) << 7 | u64::from(*low & 0x7f), rest)),
        _ => long_varint(bytes),
    }
}

/// Reads a number of up to ten bytes, seven bits in each, the lowest first.
#[inline(never)]
fn long_varint(bytes: &[u8]) -> Result<(u64, &[u8]), Fault> {
    let mut value = 0;
    for (position, byte) in (0..10).zip(bytes) {
        value |= u64::from(byte & 0x7f).checked_shl(7 * position).unwrap_or_default();
        if byte & 0x80 == 0 {
            return match position {
                9 if *byte > 1 => Err(Fault::Malformed("a number beyond 64 bits")),
                _ => Ok((value, bytes.get(position as usize + 1..).unwrap_or_default())),
            };
        }
    }
    Err(if bytes.len() < 10 { TRUNCATED } else { Fault::Malformed("a number beyond 64 bits") })
}

/// A number as protobuf writes those that may be below zero.
pub(super) const fn signed(number: u64) -> i64 {
    number.cast_signed()
}

/// The bytes in the fields of a number, of a message that is in no table, as far as it can be read.
pub(crate) fn fields_of(bytes: &[u8], wanted: u32) -> Vec<&[u8]> {
    let (mut rest, mut found) = (bytes, Vec::new());
    while let Ok((number, value, after)) = field(rest) {
        rest = after;
        if let (true, Value::Bytes(inner)) = (number == wanted, value) {
            found.push(inner);
        }
    }
    found
}

/// How many fields a message has, with those of the messages in it: `holds` says of which sort the message in
/// a field of a sort of message is. The sort of the whole is 0.
///
/// # Errors
///
/// If the bytes are no fields.
pub(crate) fn count_fields(bytes: &[u8], holds: &[(u8, u32, u8)]) -> Result<usize, &'static str> {
    let (mut count, mut pending) = (0, vec![(bytes, 0)]);
    while let Some((mut rest, sort)) = pending.pop() {
        while !rest.is_empty() {
            let (number, value, after) = match field(rest) {
                Ok(field) => field,
                Err(Fault::Malformed(fault)) => return Err(fault),
                Err(Fault::Excess(_)) => return Err("it is larger than a limit"),
            };
            rest = after;
            count += 1;
            let inner = holds.iter().find(|(around, at, _)| (*around, *at) == (sort, number));
            if let (Value::Bytes(bytes), Some((_, _, inner))) = (value, inner) {
                pending.push((bytes, *inner));
            }
        }
    }
    Ok(count)
}

/// The number of the only field in bytes, if they are one that holds bytes.
pub(crate) fn sole_field(bytes: &[u8]) -> Option<u32> {
    match field(bytes) {
        Ok((number, Value::Bytes(_), [])) => Some(number),
        _ => None,
    }
}
