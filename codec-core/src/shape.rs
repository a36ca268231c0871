//! The shape of a message: what it would become, counted on its bytes before anything is made of it.
//!
//! The walk recurses once for each message within another, no deeper than protobuf's decoder does after it;
//! and it allocates nothing that the bytes only claim.

mod buffers;
mod call;
mod field;
mod message;
mod open;
mod probe;
mod schema;
mod table;
mod tally;

pub(crate) use self::buffers::{Buffer, Buffers, buffers};
pub(crate) use self::field::{count_fields, fields_of, sole_field};
pub(crate) use self::probe::exprs as probe_exprs;

use datafusion::arrow::datatypes::DataType;
use datafusion_proto::protobuf::ArrowType;
use prost::Message as _;

use self::field::{Value, field, signed};
use self::message::{Message, Role, Slot};
use self::open::Open;
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
    /// How deep expressions are in each other, in messages from the outermost one on.
    pub(crate) exprs: usize,
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

/// The counts of a whole message.
struct Walk<'a> {
    limits: &'a Limits,
    nesting: usize,
    exprs: usize,
    /// How many messages are around the outermost expression that is being walked through.
    around_expr: Option<usize>,
    nodes: usize,
    rows: usize,
    schema: Schema,
    /// How many messages are around the type that is being walked through.
    in_type: Option<usize>,
    /// The last type that was decoded and is sound; many columns have the same.
    sound_type: &'a [u8],
    writes: Option<&'static str>,
}

/// Counts what a message holds against the limits.
pub(crate) fn check(bytes: &[u8], root: Root, limits: &Limits) -> Result<Shape, Fault> {
    limits.check(Limit::Message, bytes.len())?;
    let mut walk = Walk::new(limits);
    if matches!(root, Root::Expr | Root::PhysicalExpr) {
        walk.meet_expr(0);
    }
    let mut open = Open::new(bytes, Message::at(root_index(root))?, 1, 1);
    let tally = walk.through(&mut open, 1)?;
    let Walk { nesting, exprs, nodes, rows, writes, .. } = walk;
    Ok(Shape { nesting, exprs, nodes, rows, work: tally.work(), levels: tally.levels(), writes })
}

impl<'a> Walk<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            nesting: 1,
            exprs: 0,
            around_expr: None,
            nodes: 1,
            rows: 0,
            schema: Schema::default(),
            in_type: None,
            sound_type: &[],
            writes: None,
        }
    }

    /// Goes through a message, which is the one of number `height` from outside, and adds it up.
    fn through(&mut self, open: &mut Open<'a>, height: usize) -> Result<Tally, Fault> {
        while !open.fields.rest.is_empty() {
            let (_, slot, value) = open.fields.next()?;
            let Some(inner) = self.meet(open, slot, value)? else { continue };
            let (message, call::Cost { times, growth }) = self.enter(slot, inner, height)?;
            if message.slots.is_empty() && !matches!(message.role, Role::Expr | Role::Plan) {
                continue;
            }
            self.deepen(height + 1)?;
            let mut inner = Open::new(inner, message, times, growth);
            let tally = self.through(&mut inner, height + 1)?;
            open.tally.add(tally, message.role, inner.times);
        }
        self.leave(open)
    }

    /// Counts how many messages are within each other.
    fn deepen(&mut self, nesting: usize) -> Result<(), Fault> {
        self.nesting = self.nesting.max(nesting);
        self.limits.check(Limit::Nesting, nesting)?;
        if nesting > DEEPEST {
            return Err(Fault::Malformed("messages within each other deeper than protobuf reads them"));
        }
        Ok(())
    }

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
    fn meet(&mut self, open: &mut Open<'a>, slot: Slot, value: Value<'a>) -> Result<Option<&'a [u8]>, Fault> {
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
                open.rare().header = header;
            }
            (Slot::Body, Value::Bytes(body)) => open.rare().body = body.len(),
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
                open.rare().precision = Some(u8::try_from(precision).unwrap_or(u8::MAX));
            }
            (Slot::Scale(_), Value::Number(scale)) => {
                open.rare().scale = i8::try_from(signed(scale))
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
        bytes: &'a [u8],
        height: usize,
    ) -> Result<(&'static Message, call::Cost), Fault> {
        let message = Message::at(slot.message().unwrap_or_default())?;
        let mut cost = call::Cost { times: slot.times(), growth: 1 };
        if matches!(message.role, Role::Plain) {
            return Ok((message, cost));
        }
        self.schema.check(message.role, bytes, height, self.limits)?;
        match message.role {
            Role::Expr => self.meet_expr(height),
            Role::Type => self.check_type(message, bytes, height)?,
            Role::Call => cost = call::check(bytes, self.limits)?,
            Role::Writes(statement) => {
                self.writes.get_or_insert(statement);
            }
            _ => {}
        }
        Ok((message, cost))
    }

    /// Counts how deep an expression within `height` messages is in others.
    fn meet_expr(&mut self, height: usize) {
        match self.around_expr {
            Some(around) if height > around => self.exprs = self.exprs.max(height - around),
            _ => self.around_expr = Some(height),
        }
    }

    /// Checks a type that stands in no other type.
    fn check_type(&mut self, message: &Message, bytes: &'a [u8], height: usize) -> Result<(), Fault> {
        if self.in_type.is_some_and(|around| height > around) {
            return Ok(());
        }
        self.in_type = Some(height);
        if bytes == self.sound_type || is_bare(message, bytes) {
            return Ok(());
        }
        // Protobuf's own limit on nesting bounds how deep the type is.
        let Ok(data_type) = ArrowType::decode(bytes) else { return Ok(()) };
        match panics::catch(|| DataType::try_from(&data_type)) {
            Ok(Ok(data_type)) => {
                types::check(&data_type, self.limits)?;
                self.sound_type = bytes;
                Ok(())
            }
            // DataFusion refuses it, and says why.
            Ok(Err(_)) => Ok(()),
            Err(_) => Err(Fault::Malformed("a type that DataFusion does not read")),
        }
    }

    /// Adds up a message that has ended.
    fn leave(&mut self, open: &mut Open<'_>) -> Result<Tally, Fault> {
        if matches!(open.fields.message.role, Role::Batch | Role::Decimal) {
            self.leave_rare(open)?;
        }
        if open.growth > 1 {
            open.tally.grow(open.growth, self.limits)?;
        }
        let (tally, nodes) =
            open.tally.ended(open.fields.message.role, open.size, open.parts, self.limits)?;
        self.count(nodes)?;
        Ok(tally)
    }

    /// Checks the lengths of a batch, and the digits of a decimal.
    fn leave_rare(&mut self, open: &mut Open<'_>) -> Result<(), Fault> {
        let rare = open.rare.take().unwrap_or_default();
        let Message { role, slots } = open.fields.message;
        match role {
            Role::Batch if !rare.header.is_empty() => {
                if let Some(lengths) = ipc_stream::batch_lengths(rare.header)? {
                    self.claim(lengths.claimed(rare.body))?;
                    open.tally.name(lengths.sum().saturating_mul(ELEMENT));
                }
            }
            Role::Decimal => {
                let largest = slots.iter().find_map(|slot| match slot {
                    Slot::Precision(largest) => Some(*largest),
                    _ => None,
                });
                let precision = rare.precision.unwrap_or_default();
                types::check_decimal(precision, rare.scale, largest.unwrap_or_default())?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Messages within each other, of which protobuf's decoder reads a hundred.
const DEEPEST: usize = 128;

/// Bytes that one element of a list takes in the name of the literal.
const ELEMENT: usize = 8;

/// Whether a type is one empty message that has no fields, as most are; there is nothing to say of it.
fn is_bare(message: &Message, bytes: &[u8]) -> bool {
    let Ok((number, Value::Bytes([]), [])) = field(bytes) else { return false };
    let inner = message.slot(number).message().map(Message::at);
    inner.is_some_and(|inner| inner.is_ok_and(|inner| inner.slots.is_empty()))
}

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
