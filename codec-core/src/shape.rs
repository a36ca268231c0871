//! The shape of a message: what it would become, counted on its bytes before anything is made of it.
//!
//! The walk keeps its own stack, of which a limit holds the height, so it cannot overflow the thread's;
//! and it allocates nothing that the bytes only claim.

mod buffers;
mod fields;
mod measure;
mod probe;
mod table;

pub(crate) use self::buffers::{Buffer, Buffers, buffers};
pub(crate) use self::measure::{Measure, measure};
pub(crate) use self::probe::exprs as probe_exprs;

use self::table::{
    DF_SCHEMA, EXPR, FIELD, LOGICAL_PLAN, MESSAGES, PHYSICAL_EXPR, PHYSICAL_PLAN, SCHEMA, TYPE,
};
use crate::error::Message as Root;
use crate::ipc_stream;
use crate::limits::{Excess, Limit, Limits};

/// What protobuf says of one message.
struct Message {
    /// Whether DataFusion makes one level of a tree of it.
    level: bool,
    parts: &'static [Part],
}

/// A field that holds messages, or any number of texts.
#[derive(Clone, Copy)]
struct Part {
    number: u32,
    /// Where in [`MESSAGES`].
    message: usize,
    sort: Sort,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    One,
    Many,
    /// Any number, and each becomes a level above the one before.
    Chain,
    /// The header of an Arrow IPC message, whose body stands beside it.
    Header,
}

const fn one(number: u32, message: usize) -> Part {
    Part { number, message, sort: Sort::One }
}

const fn many(number: u32, message: usize) -> Part {
    Part { number, message, sort: Sort::Many }
}

const fn chain(number: u32, message: usize) -> Part {
    Part { number, message, sort: Sort::Chain }
}

const fn header(number: u32, message: usize) -> Part {
    Part { number, message, sort: Sort::Header }
}

/// Why a message is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Excess(Excess),
    /// The bytes are not a message, or not one that an encoder writes.
    Malformed(&'static str),
}

impl From<Excess> for Fault {
    fn from(excess: Excess) -> Self {
        Self::Excess(excess)
    }
}

/// A message whose end has not been reached.
struct Open<'a> {
    rest: &'a [u8],
    message: &'static Message,
    /// The fields of one message each that were met; a second one would be merged into the first.
    met: u128,
    /// Levels below this message, as far as it was read.
    below: usize,
    operands: usize,
}

impl<'a> Open<'a> {
    const fn new(rest: &'a [u8], message: &'static Message) -> Self {
        Self { rest, message, met: 0, below: 0, operands: 0 }
    }

    /// Levels of the tree that is made of this message.
    fn levels(&self) -> usize {
        // Two operands are one level, which the message around them counts.
        self.below + self.operands.saturating_sub(2) + usize::from(self.message.level)
    }
}

/// The schema, or the type outside of schemas, that is being walked through.
#[derive(Default)]
struct Schema {
    /// How many messages are around it.
    around: Option<usize>,
    fields: usize,
}

impl Schema {
    /// Counts one more message within `open` others, if it is of a schema.
    fn check(&mut self, message: usize, bytes: &[u8], open: usize, limits: &Limits) -> Result<(), Excess> {
        if !matches!(message, SCHEMA | DF_SCHEMA | TYPE | FIELD) {
            return Ok(());
        }
        if self.around.is_none_or(|around| open <= around) {
            *self = Self { around: Some(open), fields: 0 };
            limits.check(Limit::Schema, bytes.len())?;
        }
        self.fields += usize::from(message == FIELD);
        limits.check(Limit::Fields, self.fields)
    }
}

/// Counts what a message holds against the limits, and returns how deep its messages are in each other.
pub(crate) fn check(bytes: &[u8], root: Root, limits: &Limits) -> Result<usize, Fault> {
    limits.check(Limit::Message, bytes.len())?;
    let (mut nodes, mut deepest) = (1, 1);
    let mut stack = vec![Open::new(bytes, message(root_index(root))?)];
    let mut schema = Schema::default();
    while let Some(open) = stack.last_mut() {
        if open.rest.is_empty() {
            let levels = open.levels();
            limits.check(Limit::Depth, levels)?;
            stack.pop();
            if let Some(parent) = stack.last_mut() {
                parent.below = parent.below.max(levels);
            }
            continue;
        }
        let Some((part, inner)) = next(open)? else { continue };
        nodes += 1;
        limits.check(Limit::Nodes, nodes)?;
        schema.check(part.message, inner, stack.len(), limits)?;
        // arrow allocates what a compressed body says of its size; DataFusion compresses none.
        if part.sort == Sort::Header && ipc_stream::is_compressed(inner) {
            return Err(Fault::Malformed("a literal holds a compressed batch"));
        }
        let message = message(part.message)?;
        if !message.parts.is_empty() || message.level {
            stack.push(Open::new(inner, message));
            deepest = deepest.max(stack.len());
            limits.check(Limit::Nesting, deepest)?;
        }
    }
    Ok(deepest)
}

/// Where in the tables a message begins.
const fn root_index(root: Root) -> usize {
    match root {
        Root::Expr => EXPR,
        Root::LogicalPlan => LOGICAL_PLAN,
        Root::PhysicalPlan => PHYSICAL_PLAN,
        Root::PhysicalExpr => PHYSICAL_EXPR,
    }
}

fn message(index: usize) -> Result<&'static Message, Fault> {
    MESSAGES.get(index).ok_or(Fault::Malformed("a message that is not in the table"))
}

/// Takes a field off the front: a part with its bytes, or nothing that counts.
fn next<'a>(open: &mut Open<'a>) -> Result<Option<(Part, &'a [u8])>, Fault> {
    let (number, value, rest) = field(open.rest)?;
    open.rest = rest;
    let Value::Bytes(inner) = value else { return Ok(None) };
    let Some(part) = open.message.parts.iter().find(|part| part.number == number) else { return Ok(None) };
    if part.sort == Sort::Chain {
        open.operands += 1;
    }
    if matches!(part.sort, Sort::One | Sort::Header) {
        let bit = 1_u128.checked_shl(number).unwrap_or_default();
        if open.met & bit != 0 {
            return Err(Fault::Malformed("a part that there is one of stands twice"));
        }
        open.met |= bit;
    }
    Ok(Some((*part, inner)))
}

/// What stands in a field.
#[derive(Debug, Clone, Copy)]
enum Value<'a> {
    Number,
    Eight,
    Four,
    Bytes(&'a [u8]),
}

/// Reads a field: its number, what it holds, and what comes after it.
fn field(bytes: &[u8]) -> Result<(u32, Value<'_>, &[u8]), Fault> {
    let (key, rest) = varint(bytes)?;
    let number = u32::try_from(key >> 3).map_err(|_| Fault::Malformed("a field number beyond 29 bits"))?;
    let (value, rest) = match key & 7 {
        0 => (Value::Number, varint(rest)?.1),
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

const TRUNCATED: Fault = Fault::Malformed("it ends within a field");

fn skip(bytes: &[u8], length: usize) -> Result<&[u8], Fault> {
    bytes.get(length..).ok_or(TRUNCATED)
}

/// Reads a number of up to ten bytes, seven bits in each, the lowest first.
fn varint(bytes: &[u8]) -> Result<(u64, &[u8]), Fault> {
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
