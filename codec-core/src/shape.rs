//! The shape of a message: what it would become, counted on its bytes before anything is made of it.
//!
//! The walk keeps its own stack, of which a limit holds the height, so it cannot overflow the thread's;
//! and it allocates nothing that the bytes only claim.

mod buffers;
mod call;
mod field;
mod message;
mod probe;
mod schema;
mod table;
mod tally;

pub(crate) use self::buffers::{Buffer, Buffers, buffers};
pub(crate) use self::field::fields_of;
pub(crate) use self::probe::exprs as probe_exprs;

use datafusion::arrow::datatypes::DataType;
use datafusion_proto::protobuf::ArrowType;
use prost::Message as _;

use self::field::{Value, field, signed};
use self::message::{Message, Role, Slot};
use self::schema::Schema;
use self::table::{EXPR, LOGICAL_PLAN, PHYSICAL_EXPR, PHYSICAL_PLAN};
use self::tally::Tally;
use crate::error::Message as Root;
use crate::ipc_stream::{self, StreamFault};
use crate::limits::{Excess, Limit, Limits};
use crate::panics;
use crate::types::{self, TypeFault};

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

impl From<TypeFault> for Fault {
    fn from(fault: TypeFault) -> Self {
        match fault {
            TypeFault::Excess(excess) => Self::Excess(excess),
            TypeFault::Unsound(fault) => Self::Malformed(fault),
        }
    }
}

impl From<StreamFault> for Fault {
    fn from(fault: StreamFault) -> Self {
        match fault {
            StreamFault::Excess { limit, found, most } => Self::Excess(Excess { limit, found, most }),
            StreamFault::Compressed => Self::Malformed("it holds a compressed batch"),
            StreamFault::Type(fault) => Self::Malformed(fault),
            StreamFault::Length => Self::Malformed("a batch has a length below zero"),
            _ => Self::Malformed("a table in memory is cut or is no stream of batches"),
        }
    }
}

/// What a message would become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How deep its messages are in each other.
    pub(crate) nesting: usize,
    /// What [`Limit::Nodes`] counts.
    pub(crate) nodes: usize,
    /// What [`Limit::Rows`] counts.
    pub(crate) rows: usize,
    /// What [`Limit::Work`] counts.
    pub(crate) work: usize,
    /// Levels of the tree that is made of it.
    pub(crate) levels: usize,
    /// The first plan in it that changes files, tables or the session.
    pub(crate) writes: Option<&'static str>,
}

/// A message whose end has not been reached.
struct Open<'a> {
    rest: &'a [u8],
    message: &'static Message,
    size: usize,
    /// The fields of one message each that were met; a second one would be merged into the first.
    met: u128,
    /// How often DataFusion visits it wherever it visits the message around it once.
    times: u8,
    /// The messages in it.
    parts: usize,
    tally: Tally,
    /// The header of a batch, and the size of its body.
    header: &'a [u8],
    body: usize,
    precision: Option<u8>,
    scale: i8,
    /// How many times as large the value of a call is as those of its arguments.
    growth: usize,
}

impl<'a> Open<'a> {
    const fn new(bytes: &'a [u8], message: &'static Message, times: u8) -> Self {
        Self {
            rest: bytes,
            message,
            size: bytes.len(),
            met: 0,
            times,
            parts: 0,
            tally: Tally::NOTHING,
            header: &[],
            body: 0,
            precision: None,
            scale: 0,
            growth: 1,
        }
    }

    /// Takes a field off the front: what it holds according to its slot, and what stands there.
    fn next(&mut self) -> Result<(u32, Slot, Value<'a>), Fault> {
        let (number, value, rest) = field(self.rest)?;
        self.rest = rest;
        let slot = self.message.slot(number);
        if slot.is_single() && matches!(value, Value::Bytes(_)) {
            let bit = 1_u128.checked_shl(number).unwrap_or_default();
            if self.met & bit != 0 {
                return Err(Fault::Malformed("a part that there is one of stands twice"));
            }
            self.met |= bit;
        }
        Ok((number, slot, value))
    }
}

/// The counts of a whole message.
struct Walk<'l> {
    limits: &'l Limits,
    nodes: usize,
    rows: usize,
    schema: Schema,
    /// How many messages are around the type that is being walked through.
    in_type: Option<usize>,
    writes: Option<&'static str>,
}

/// Counts what a message holds against the limits.
pub(crate) fn check(bytes: &[u8], root: Root, limits: &Limits) -> Result<Shape, Fault> {
    limits.check(Limit::Message, bytes.len())?;
    let mut walk = Walk { limits, nodes: 1, rows: 0, schema: Schema::default(), in_type: None, writes: None };
    let mut nesting = 1;
    let mut stack = vec![Open::new(bytes, Message::at(root_index(root))?, 1)];
    loop {
        let height = stack.len();
        let Some(open) = stack.last_mut() else { break };
        if open.rest.is_empty() {
            let (tally, role, times) = (walk.leave(open)?, open.message.role, open.times);
            stack.pop();
            match stack.last_mut() {
                Some(parent) => parent.tally.add(tally, role, times),
                None => {
                    let Walk { nodes, rows, writes, .. } = walk;
                    return Ok(Shape {
                        nesting,
                        nodes,
                        rows,
                        work: tally.work(),
                        levels: tally.levels(),
                        writes,
                    });
                }
            }
            continue;
        }
        let (_, slot, value) = open.next()?;
        if let Some(inner) = walk.meet(open, slot, value)? {
            let (message, call::Cost { times, growth }) = walk.enter(slot, inner, height)?;
            if !message.slots.is_empty() || matches!(message.role, Role::Expr | Role::Plan) {
                stack.push(Open { growth, ..Open::new(inner, message, times) });
                nesting = nesting.max(stack.len());
                limits.check(Limit::Nesting, nesting)?;
            }
        }
    }
    Err(Fault::Malformed("it has no end"))
}

impl Walk<'_> {
    fn count(&mut self, nodes: usize) -> Result<(), Excess> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.limits.check(Limit::Nodes, self.nodes)
    }

    /// Counts rows and elements that no bytes stand for.
    fn claim(&mut self, rows: usize) -> Result<(), Excess> {
        self.rows = self.rows.saturating_add(rows);
        self.limits.check(Limit::Rows, self.rows)
    }

    /// Looks at one field, and returns the bytes of the message that it holds, if it holds one.
    fn meet<'a>(
        &mut self,
        open: &mut Open<'a>,
        slot: Slot,
        value: Value<'a>,
    ) -> Result<Option<&'a [u8]>, Fault> {
        match (slot, value) {
            (slot, Value::Bytes(inner)) if slot.message().is_some() => {
                open.parts += 1;
                open.tally.operands += usize::from(matches!(slot, Slot::Chain(_)));
                self.count(1)?;
                return Ok(Some(inner));
            }
            (Slot::Text | Slot::Name(_), Value::Bytes(text)) => check_name(text)?,
            (Slot::Free, Value::Bytes(text)) => open.tally.text(text.len()),
            (Slot::Operator, Value::Bytes(operator)) if call::coerces(operator) => open.times = call::COERCED,
            (Slot::Texts, Value::Bytes(text)) => {
                self.count(1)?;
                check_name(text)?;
            }
            (Slot::Zone, Value::Bytes(zone)) if !zone.is_empty() => {
                // Protobuf's decoder refuses what is no text.
                types::check_zone(std::str::from_utf8(zone).unwrap_or_default())?;
            }
            (Slot::Header, Value::Bytes(header)) => {
                self.count(1)?;
                open.header = header;
            }
            (Slot::Body, Value::Bytes(body)) => open.body = body.len(),
            (Slot::Streams, Value::Bytes(stream)) => {
                self.count(1)?;
                if !stream.is_empty() {
                    self.claim(ipc_stream::check(stream, self.limits)?)?;
                }
            }
            (Slot::Numbers, Value::Number(_)) => self.count(1)?,
            // Packed: each number ends with a byte below 128.
            (Slot::Numbers, Value::Bytes(numbers)) => {
                self.count(numbers.iter().filter(|byte| **byte < 0x80).count())?;
            }
            (Slot::Count, Value::Number(number)) => {
                self.count(usize::try_from(number).unwrap_or(usize::MAX))?;
            }
            (Slot::Width, Value::Number(size)) => {
                let size =
                    usize::try_from(signed(size)).map_err(|_| Fault::Malformed("a fixed size below zero"))?;
                self.limits.check(Limit::Width, size)?;
            }
            (Slot::Precision(_), Value::Number(precision)) => {
                open.precision = Some(u8::try_from(precision).unwrap_or(u8::MAX));
            }
            (Slot::Scale(_), Value::Number(scale)) => {
                open.scale = i8::try_from(signed(scale))
                    .map_err(|_| Fault::Malformed("a decimal has a scale beyond 8 bits"))?;
            }
            _ => {}
        }
        Ok(None)
    }

    /// Looks at a message that begins within `height` others, and returns it with its cost.
    fn enter(
        &mut self,
        slot: Slot,
        bytes: &[u8],
        height: usize,
    ) -> Result<(&'static Message, call::Cost), Fault> {
        let message = Message::at(slot.message().unwrap_or_default())?;
        self.schema.check(message.role, bytes, height, self.limits)?;
        let mut cost = call::Cost { times: slot.times(), growth: 1 };
        match message.role {
            Role::Type => self.check_type(bytes, height)?,
            Role::Call => cost = call::check(bytes, self.limits)?,
            Role::Writes(statement) => {
                self.writes.get_or_insert(statement);
            }
            _ => {}
        }
        Ok((message, cost))
    }

    /// Checks a type that stands in no other type.
    fn check_type(&mut self, bytes: &[u8], height: usize) -> Result<(), Fault> {
        if self.in_type.is_some_and(|around| height > around) {
            return Ok(());
        }
        self.in_type = Some(height);
        // Most types are one empty message of a low number, of which there is nothing to say.
        if matches!(bytes, [_, 0]) {
            return Ok(());
        }
        // Protobuf's own limit on nesting bounds how deep the type is.
        let Ok(data_type) = ArrowType::decode(bytes) else { return Ok(()) };
        match panics::catch(|| DataType::try_from(&data_type)) {
            Ok(Ok(data_type)) => Ok(types::check(&data_type, self.limits)?),
            // DataFusion refuses it, and says why.
            Ok(Err(_)) => Ok(()),
            Err(_) => Err(Fault::Malformed("a type that DataFusion does not read")),
        }
    }

    /// Adds up a message that has ended.
    fn leave(&mut self, open: &mut Open<'_>) -> Result<Tally, Fault> {
        match open.message.role {
            Role::Batch if !open.header.is_empty() => {
                if let Some(lengths) = ipc_stream::batch_lengths(open.header)? {
                    self.claim(lengths.claimed(open.body))?;
                    open.tally.name(lengths.sum().saturating_mul(ELEMENT));
                }
            }
            Role::Decimal => {
                let largest = open.message.slots.iter().find_map(|slot| match slot {
                    Slot::Precision(largest) => Some(*largest),
                    _ => None,
                });
                let precision = open.precision.unwrap_or_default();
                types::check_decimal(precision, open.scale, largest.unwrap_or_default())?;
            }
            _ => {}
        }
        if open.growth > 1 {
            open.tally.grow(open.growth, self.limits)?;
        }
        let (tally, nodes) = open.tally.ended(open.message.role, open.size, open.parts, self.limits)?;
        self.count(nodes)?;
        Ok(tally)
    }
}

/// Bytes that one element of a list takes in the name of the literal.
const ELEMENT: usize = 8;

fn check_name(text: &[u8]) -> Result<(), Fault> {
    if text.contains(&0) { Err(Fault::Malformed("a name holds a zero byte")) } else { Ok(()) }
}

/// Where in the table a message begins.
const fn root_index(root: Root) -> u16 {
    match root {
        Root::Expr => EXPR,
        Root::LogicalPlan => LOGICAL_PLAN,
        Root::PhysicalPlan => PHYSICAL_PLAN,
        Root::PhysicalExpr => PHYSICAL_EXPR,
    }
}
