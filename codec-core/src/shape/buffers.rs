//! Buffers: the bytes within a message that DataFusion hands to a codec, found without decoding it.

use super::fields::FIELDS;
use super::table::MESSAGES;
use super::{Fault, Value, check, field, root_index};
use crate::Kind;
use crate::error::Message as Root;
use crate::limits::{Limit, Limits};

/// What a field holds that is not a message like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Text,
    Bytes,
    Number,
    /// Any number of them, one by one or packed.
    Numbers,
    Eight,
    Four,
    /// What a codec wrote.
    Codec(Kind),
    /// The name of what the codec wrote, and the kind that it stands for.
    Name(Kind),
    /// A message with the name of a table.
    Table,
}

/// What a codec would be asked about.
#[derive(Debug, Clone)]
pub(crate) struct Buffer<'a> {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// What the codec wrote; nothing where the function goes by name.
    pub(crate) bytes: &'a [u8],
    /// How many buffers it stands inside of.
    pub(crate) level: usize,
}

/// The buffers of a message, each before those inside of it.
#[derive(Debug, Default)]
pub(crate) struct Buffers<'a> {
    pub(crate) found: Vec<Buffer<'a>>,
    /// Whether the message has fields that this build does not know.
    pub(crate) unknown: bool,
}

/// Levels of nesting at which protobuf's decoder gives up, whatever the limit says.
const DEEPEST: usize = 100;

/// A message whose end has not been reached.
struct Open<'a> {
    rest: &'a [u8],
    /// Where in the tables.
    index: usize,
    /// The buffer that this message is about.
    buffer: Option<usize>,
    /// The buffers that it stands inside of.
    level: usize,
}

/// Finds the buffers of a message that decoding would get as far as.
///
/// # Errors
///
/// [`check`]'s, and a fault where protobuf's decoder would not read the bytes.
pub(crate) fn buffers<'a>(bytes: &'a [u8], root: Root, limits: &Limits) -> Result<Buffers<'a>, Fault> {
    let nesting = limits.most(Limit::Nesting).min(DEEPEST);
    check(bytes, root, &limits.with(Limit::Nesting, nesting))?;
    let (mut buffers, mut known) = (Buffers::default(), false);
    let mut stack = vec![Open { rest: bytes, index: root_index(root), buffer: None, level: 0 }];
    while let Some(open) = stack.last_mut() {
        if open.rest.is_empty() {
            stack.pop();
            continue;
        }
        let (number, value, rest) = field(open.rest)?;
        open.rest = rest;
        let (buffer, level) = (open.buffer, open.level);
        let row = FIELDS.get(open.index).copied().unwrap_or_default();
        let sort = row.iter().find(|(known, _)| *known == number).map(|(_, sort)| *sort);
        let part = MESSAGES
            .get(open.index)
            .and_then(|message| message.parts.iter().find(|part| part.number == number));
        match (sort, part) {
            (Some(sort), _) => {
                let buffer = buffer.and_then(|buffer| buffers.found.get_mut(buffer));
                if let Some(buffer) = buffer {
                    fill(buffer, sort, value)?;
                }
                expect(sort, value)?;
            }
            (None, None) => buffers.unknown = true,
            (None, Some(_)) => {}
        }
        let Some(part) = part.filter(|part| part.message != 0) else { continue };
        known = true;
        let Value::Bytes(inner) = value else { return Err(WIRE_TYPE) };
        let kind = carried(part.message);
        let buffer = kind.map(|_| buffers.found.len());
        if let Some(kind) = kind {
            buffers.found.push(Buffer { kind, name: String::new(), bytes: &[], level });
        }
        let level = level + usize::from(buffer.is_some());
        stack.push(Open { rest: inner, index: part.message, buffer, level });
    }
    // All that the roots hold is messages, so without one there is nothing to decode.
    if known { Ok(buffers) } else { Err(Fault::Malformed("it holds nothing")) }
}

const WIRE_TYPE: Fault = Fault::Malformed("a field has another wire type");

/// The kind of thing that a message is about, if a codec is asked about it.
fn carried(index: usize) -> Option<Kind> {
    FIELDS.get(index)?.iter().find_map(|(_, field)| match field {
        Field::Codec(kind) => Some(*kind),
        _ => None,
    })
}

/// Adds what a field says of a buffer; of two that exclude each other the last one counts.
fn fill<'a>(buffer: &mut Buffer<'a>, field: Field, value: Value<'a>) -> Result<(), Fault> {
    match (field, value) {
        (Field::Codec(_), Value::Bytes(bytes)) => buffer.bytes = bytes,
        (Field::Name(kind), Value::Bytes(bytes)) => {
            buffer.kind = kind;
            text(bytes)?.clone_into(&mut buffer.name);
        }
        (Field::Table, Value::Bytes(bytes)) => buffer.name = table(bytes)?,
        _ => {}
    }
    Ok(())
}

/// Refuses what protobuf's decoder would.
fn expect(sort: Field, value: Value<'_>) -> Result<(), Fault> {
    match (sort, value) {
        (Field::Text | Field::Name(_), Value::Bytes(bytes)) => text(bytes).map(drop),
        (Field::Bytes | Field::Codec(_) | Field::Table, Value::Bytes(_))
        | (Field::Number, Value::Number)
        | (Field::Numbers, Value::Number | Value::Bytes(_))
        | (Field::Eight, Value::Eight)
        | (Field::Four, Value::Four) => Ok(()),
        _ => Err(WIRE_TYPE),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|_| Fault::Malformed("a text is not UTF-8"))
}

/// The name of a table: a message of as many texts as its number says, the last of them the table's own.
fn table(bytes: &[u8]) -> Result<String, Fault> {
    let (mut rest, mut name) = (bytes, String::new());
    while !rest.is_empty() {
        let (count, value, after) = field(rest)?;
        rest = after;
        let Value::Bytes(mut inner) = value else { continue };
        let mut parts = [""; 3];
        while !inner.is_empty() {
            let (number, value, after) = field(inner)?;
            inner = after;
            let slot = (number as usize).checked_sub(1).and_then(|index| parts.get_mut(index));
            if let (Value::Bytes(bytes), Some(slot)) = (value, slot) {
                *slot = text(bytes)?;
            }
        }
        name = parts.get(..count as usize).unwrap_or(&parts).join(".");
    }
    Ok(name)
}
