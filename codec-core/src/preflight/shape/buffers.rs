//! Buffers: the bytes within a message that DataFusion hands to a codec, found without decoding it.

use super::field::{Value, field, fields};
use super::message::{Message, Slot};
use super::{Fault, Shape, check, root_index};
use crate::error::Message as Root;
use crate::limits::{Limit, Limits};
use crate::plan::kind::Kind;
use crate::wire::reference::{PADDING, TABLE};

/// One thing that DataFusion would ask a codec to decode.
#[derive(Debug, Clone)]
pub(crate) struct Buffer<'a> {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// The bytes that the codec wrote; empty for a function that goes by name.
    pub(crate) bytes: &'a [u8],
    /// How many buffers are around it.
    pub(crate) level: usize,
}

/// The buffers of a message, each before those inside of it.
#[derive(Debug)]
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
    message: &'static Message,
    /// The buffer that this message is about.
    buffer: Option<usize>,
    /// How many buffers are around it.
    level: usize,
}

/// Finds the buffers of a message that protobuf would read, even if a claim of the message exceeds a limit;
/// with the shape of the message, or the reason to refuse it.
///
/// # Errors
///
/// As [`found`].
pub(crate) fn buffers<'a>(
    bytes: &'a [u8],
    root: Root,
    limits: &Limits,
) -> Result<(Buffers<'a>, Result<Shape, Fault>), Fault> {
    let limits = limits.with(Limit::Nesting, limits.get(Limit::Nesting).min(DEEPEST));
    limits.check(Limit::Message, bytes.len())?;
    let shape = check(bytes, root, &limits);
    Ok((found(bytes, root, &limits)?, shape))
}

/// Finds the buffers of a message without a look at what it claims.
///
/// # Errors
///
/// A fault where protobuf's decoder would not read the bytes, or they are too many, nest too deep or hold
/// too many messages.
pub(crate) fn found<'a>(bytes: &'a [u8], root: Root, limits: &Limits) -> Result<Buffers<'a>, Fault> {
    let limits = limits.with(Limit::Nesting, limits.get(Limit::Nesting).min(DEEPEST));
    limits.check(Limit::Message, bytes.len())?;
    let (mut buffers, mut nodes) = (Buffers { found: Vec::new(), unknown: false }, 1);
    let message = Message::at(root_index(root))?;
    let mut stack = vec![Open { rest: bytes, message, buffer: None, level: 0 }];
    while let Some(open) = stack.last_mut() {
        if open.rest.is_empty() {
            stack.pop();
            continue;
        }
        let (number, value, rest) = field(open.rest)?;
        open.rest = rest;
        let (buffer, level, slot) = (open.buffer, open.level, open.message.slot(number));
        expect(slot, value)?;
        if let Some(buffer) = buffer.and_then(|buffer| buffers.found.get_mut(buffer)) {
            fill(buffer, slot, value)?;
        }
        let is_ours =
            stack.len() == 1 && matches!(number, TABLE | PADDING) && matches!(value, Value::Bytes(_));
        buffers.unknown |= slot == Slot::Vacant && !is_ours;
        let (Some(index), Value::Bytes(inner)) = (slot.message(), value) else { continue };
        nodes += 1;
        limits.check(Limit::Nodes, nodes)?;
        limits.check(Limit::Nesting, stack.len() + 1)?;
        let message = Message::at(index)?;
        let kind = carried(message);
        let buffer = kind.map(|_| buffers.found.len());
        if let Some(kind) = kind {
            buffers.found.push(Buffer { kind, name: String::new(), bytes: &[], level });
        }
        let level = level + usize::from(buffer.is_some());
        stack.push(Open { rest: inner, message, buffer, level });
    }
    // The roots hold messages only, so without one there is nothing to decode.
    if nodes > 1 { Ok(buffers) } else { Err(Fault::Malformed("it holds nothing")) }
}

const WIRE_TYPE: Fault = Fault::Malformed("a field has another wire type");

/// The kind of thing that a message is about, if a codec is asked about it.
fn carried(message: &Message) -> Option<Kind> {
    message.slots.iter().find_map(|slot| match slot {
        Slot::Codec(kind) => Some(*kind),
        _ => None,
    })
}

/// Adds a field to its buffer; of two fields that exclude each other the last one counts.
fn fill<'a>(buffer: &mut Buffer<'a>, slot: Slot, value: Value<'a>) -> Result<(), Fault> {
    match (slot, value) {
        (Slot::Codec(_), Value::Bytes(bytes)) => buffer.bytes = bytes,
        (Slot::Name(kind), Value::Bytes(bytes)) => {
            buffer.kind = kind;
            text(bytes)?.clone_into(&mut buffer.name);
        }
        (Slot::Table(_), Value::Bytes(bytes)) => buffer.name = table(bytes)?,
        _ => {}
    }
    Ok(())
}

/// Refuses a value that protobuf's decoder would refuse.
fn expect(slot: Slot, value: Value<'_>) -> Result<(), Fault> {
    match (slot, value) {
        (
            Slot::Text | Slot::Texts | Slot::Free | Slot::Name(_) | Slot::Zone | Slot::Operator,
            Value::Bytes(bytes),
        ) => text(bytes).map(drop),
        (Slot::Bytes | Slot::Header | Slot::Body | Slot::Streams | Slot::Codec(_), Value::Bytes(_))
        | (
            Slot::Number | Slot::Width | Slot::Precision(_) | Slot::Scale(_) | Slot::Count,
            Value::Number(_),
        )
        | (Slot::Numbers, Value::Number(_) | Value::Bytes(_))
        | (Slot::Eight, Value::Eight)
        | (Slot::Four, Value::Four)
        | (Slot::Vacant, _) => Ok(()),
        (slot, Value::Bytes(_)) if slot.message().is_some() => Ok(()),
        _ => Err(WIRE_TYPE),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|_| Fault::Malformed("a text is not UTF-8"))
}

/// The name of a table: a message of as many texts as its number says, the last of them the table's own.
fn table(bytes: &[u8]) -> Result<String, Fault> {
    let mut name = String::new();
    for table in fields(bytes) {
        let (count, Value::Bytes(inner)) = table? else { continue };
        let mut parts = [""; 3];
        for part in fields(inner) {
            let (number, value) = part?;
            let slot = (number as usize).checked_sub(1).and_then(|index| parts.get_mut(index));
            if let (Value::Bytes(bytes), Some(slot)) = (value, slot) {
                *slot = text(bytes)?;
            }
        }
        name = parts.get(..count as usize).unwrap_or(&parts).join(".");
    }
    Ok(name)
}
