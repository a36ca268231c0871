//! The shape of a message: the sizes of the plan it describes, counted on its bytes before anything is decoded.
//!
//! The walk recurses once for each nested message, no deeper than protobuf's decoder does after it. It
//! allocates nothing for sizes that the bytes only claim.

mod buffers;
mod call;
mod field;
mod message;
mod probe;
mod roles;
mod schema;
mod table;
mod tally;

pub(crate) use self::buffers::{Buffer, Buffers, buffers, found};
pub(crate) use self::field::{count_fields, fields_of, sole_field};
pub(crate) use self::probe::exprs as probe_exprs;

use self::field::{Fields, Value, signed};
use self::message::{Message, Role, Slot};
use self::schema::Schema;
use self::table::{EXPR, LOGICAL_PLAN, PHYSICAL_EXPR, PHYSICAL_PLAN};
use self::tally::Tally;
use crate::error::Message as Root;
use crate::limits::{Excess, Limit, Limits};
use crate::preflight::ipc_stream::{self, StreamFault};
use crate::preflight::types::{self, TypeFault};

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

/// The sizes of the plan or expression that a message describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// How deep its messages nest.
    pub(crate) nesting: usize,
    /// How deep its expressions nest, in messages from the outermost expression on.
    pub(crate) exprs: usize,
    /// The count for [`Limit::Nodes`].
    pub(crate) nodes: usize,
    /// The count for [`Limit::Rows`].
    pub(crate) rows: usize,
    /// The count for [`Limit::Work`].
    pub(crate) work: usize,
    /// Levels of the decoded tree.
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

/// Counts the contents of a message and checks the limits.
pub(crate) fn check(bytes: &[u8], root: Root, limits: &Limits) -> Result<Shape, Fault> {
    limits.check(Limit::Message, bytes.len())?;
    let mut walk = Walk::new(limits);
    if matches!(root, Root::Expr | Root::PhysicalExpr) {
        walk.meet_expr(0);
    }
    let message = Message::at(root_index(root))?;
    let mut tally = Tally::new(1);
    walk.sum(&mut tally, message, bytes, 1)?;
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

    /// Sums up a message into its own tally; it is message number `height` from the outside.
    fn sum(
        &mut self,
        tally: &mut Tally,
        message: &'static Message,
        bytes: &'a [u8],
        height: usize,
    ) -> Result<(), Fault> {
        let parts = self.through(Fields::new(bytes, message), tally, height)?;
        let nodes = tally.end(message.role, bytes.len(), parts, self.limits)?;
        self.count(nodes)?;
        Ok(())
    }

    /// Adds the fields of a message to the sums, and returns how many messages they hold.
    fn through(&mut self, mut fields: Fields<'a>, tally: &mut Tally, height: usize) -> Result<usize, Fault> {
        let mut parts = 0;
        while !fields.rest.is_empty() {
            let (_, slot, value) = fields.next()?;
            match value {
                Value::Bytes(bytes) => match slot.message() {
                    Some(index) => {
                        parts += 1;
                        tally.operands += usize::from(matches!(slot, Slot::Chain(_)));
                        self.enter(Message::at(index)?, slot.times(), bytes, tally, height)?;
                    }
                    None => self.meet_bytes(slot, bytes, tally)?,
                },
                Value::Number(number) => self.meet_number(slot, number)?,
                Value::Eight | Value::Four => {}
            }
        }
        Ok(parts)
    }

    /// Checks a message with `height` others around it, and adds it to the sums.
    fn enter(
        &mut self,
        message: &'static Message,
        times: u8,
        bytes: &'a [u8],
        tally: &mut Tally,
        height: usize,
    ) -> Result<(), Fault> {
        self.count(1)?;
        if !matches!(message.role, Role::Plain) {
            self.check_role(message, bytes, tally, height)?;
        }
        if message.slots.is_empty() {
            return Ok(());
        }
        self.deepen(height + 1)?;
        if !message.has_sums && times == 1 {
            self.through(Fields::new(bytes, message), tally, height + 1)?;
            return Ok(());
        }
        let mut own = Tally::new(times);
        if matches!(message.role, Role::Call) {
            call::Cost { times: own.times, growth: own.growth } = call::check(bytes, self.limits)?;
        }
        self.sum(&mut own, message, bytes, height + 1)?;
        tally.add(&own, message.role);
        Ok(())
    }

    /// Counts how many messages are within each other.
    fn deepen(&mut self, nesting: usize) -> Result<(), Fault> {
        if nesting > self.nesting {
            self.nesting = nesting;
            self.limits.check(Limit::Nesting, nesting)?;
            if nesting > DEEPEST {
                return Err(Fault::Malformed("messages within each other deeper than protobuf reads them"));
            }
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize) -> Result<(), Excess> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.limits.check(Limit::Nodes, self.nodes)
    }

    /// Counts rows and elements that are claimed without bytes for them.
    fn claim(&mut self, rows: usize) -> Result<(), Excess> {
        self.rows = self.rows.saturating_add(rows);
        self.limits.check(Limit::Rows, self.rows)
    }

    /// Checks a field that holds bytes other than a message.
    fn meet_bytes(&mut self, slot: Slot, bytes: &'a [u8], tally: &mut Tally) -> Result<(), Fault> {
        match slot {
            Slot::Text | Slot::Name(_) => check_name(bytes)?,
            Slot::Free => tally.text(bytes.len()),
            Slot::Codec(kind) if kind.is_function() => tally.payload(bytes.len()),
            // The table of functions, or a field of a later DataFusion.
            Slot::Vacant => tally.payload(bytes.len()),
            Slot::Operator if call::coerces(bytes) => tally.times = call::COERCED,
            Slot::Texts => {
                self.count(1)?;
                check_name(bytes)?;
            }
            Slot::Zone if !bytes.is_empty() => {
                // Protobuf's decoder refuses text that is not UTF-8.
                types::check_zone(std::str::from_utf8(bytes).unwrap_or_default())?;
            }
            Slot::Header => self.count(1)?,
            Slot::Streams => {
                self.count(1)?;
                if !bytes.is_empty() {
                    self.claim(ipc_stream::check(bytes, self.limits)?)?;
                }
            }
            // Packed: each number ends with a byte below 128.
            Slot::Numbers => self.count(bytes.iter().filter(|byte| **byte < 0x80).count())?,
            _ => {}
        }
        Ok(())
    }

    /// Checks a field that holds a number.
    fn meet_number(&mut self, slot: Slot, number: u64) -> Result<(), Fault> {
        match slot {
            Slot::Numbers => self.count(1)?,
            Slot::Count => self.count(usize::try_from(number).unwrap_or(usize::MAX))?,
            Slot::Width => {
                let size = usize::try_from(signed(number))
                    .map_err(|_| Fault::Malformed("a fixed size below zero"))?;
                self.limits.check(Limit::Width, size)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Counts how deep an expression nests, with `height` messages around it.
    fn meet_expr(&mut self, height: usize) {
        match self.around_expr {
            Some(around) if height > around => self.exprs = self.exprs.max(height - around),
            _ => self.around_expr = Some(height),
        }
    }
}

/// A bound on the recursion of the walk; protobuf's decoder reads a hundred nested messages.
const DEEPEST: usize = 128;

fn check_name(text: &[u8]) -> Result<(), Fault> {
    // Names are short, and nearly all pass, so looking at each byte beats ending early.
    let has_zero = text.iter().fold(false, |found, byte| found | (*byte == 0));
    if has_zero { Err(Fault::Malformed("a name holds a zero byte")) } else { Ok(()) }
}

/// The index of a root message in the table.
const fn root_index(root: Root) -> u16 {
    match root {
        Root::Expr => EXPR,
        Root::LogicalPlan => LOGICAL_PLAN,
        Root::PhysicalPlan => PHYSICAL_PLAN,
        Root::PhysicalExpr => PHYSICAL_EXPR,
    }
}
