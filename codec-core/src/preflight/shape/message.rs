//! The types of the table of DataFusion's messages: their roles and the slots of their fields.

use super::Fault;
use super::table::MESSAGES;
use crate::plan::kind::Kind;

/// One sort of message.
pub(super) struct Message {
    pub(super) role: Role,
    /// Its fields, from number 1 on.
    pub(super) slots: &'static [Slot],
    /// Whether it needs a tally of its own, rather than adding its parts to the tally of the message around it.
    pub(super) has_sums: bool,
}

/// The role of a message in the plan that DataFusion makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// An expression: one level of a tree.
    Expr,
    /// A plan: one level of a tree.
    Plan,
    Schema,
    Type,
    Field,
    /// A call of a scalar function.
    Call,
    Cube,
    Rollup,
    GroupingSet,
    Aggregate,
    Decimal,
    /// An Arrow IPC message with its body.
    Batch,
    /// A plan that changes files, tables or the session, by the words of its statement.
    Writes(&'static str),
}

/// The content of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// There is no field of this number.
    Vacant,
    Number,
    /// Any number of them, one by one or packed.
    Numbers,
    Eight,
    Four,
    /// A text that names something.
    Text,
    Texts,
    /// A text that may hold any character.
    Free,
    Bytes,
    /// The header of an Arrow IPC message, and its body.
    Header,
    Body,
    /// Arrow IPC streams, one for each partition of a table.
    Streams,
    /// The bytes that one value takes.
    Width,
    Precision(u8),
    Scale(u8),
    /// A time zone.
    Zone,
    /// How many parts DataFusion makes, e.g. partitions.
    Count,
    /// The operator of a chain.
    Operator,
    /// The bytes that a codec wrote.
    Codec(Kind),
    /// The name of the thing that the codec wrote, and its kind.
    Name(Kind),
    /// A message with the name of a table.
    Table(u16),
    One(u16),
    Many(u16),
    /// One message, or any number, that DataFusion visits so many times per visit of this one.
    Again(u16, u8),
    ManyAgain(u16, u8),
    /// Any number of messages, and each becomes a level above the one before.
    Chain(u16),
}

/// The sort of message with these fields. [`Fields`] can tell 63 numbers apart.
///
/// [`Fields`]: super::field::Fields
pub(super) const fn message(role: Role, slots: &'static [Slot]) -> Message {
    assert!(slots.len() < u64::BITS as usize);
    let mut has_sums = matches!(
        role,
        Role::Expr
            | Role::Plan
            | Role::Call
            | Role::Cube
            | Role::Rollup
            | Role::GroupingSet
            | Role::Aggregate
    );
    let mut rest = slots;
    while let [slot, after @ ..] = rest {
        has_sums |= matches!(slot, Slot::Chain(_) | Slot::Operator);
        rest = after;
    }
    Message { role, slots, has_sums }
}

impl Message {
    #[inline]
    pub(super) fn at(index: u16) -> Result<&'static Self, Fault> {
        MESSAGES.get(usize::from(index)).ok_or(Fault::Malformed("a message that is not in the table"))
    }

    #[inline]
    pub(super) fn slot(&self, number: u32) -> Slot {
        let index = (number as usize).checked_sub(1);
        index.and_then(|index| self.slots.get(index)).copied().unwrap_or(Slot::Vacant)
    }
}

impl Slot {
    /// The message in the field, if it holds one.
    pub(super) const fn message(self) -> Option<u16> {
        match self {
            Self::Table(index)
            | Self::One(index)
            | Self::Many(index)
            | Self::Again(index, _)
            | Self::ManyAgain(index, _)
            | Self::Chain(index) => Some(index),
            _ => None,
        }
    }

    /// How often DataFusion visits the field per visit of the message.
    pub(super) const fn times(self) -> u8 {
        match self {
            Self::Again(_, times) | Self::ManyAgain(_, times) => times,
            _ => 1,
        }
    }

    /// Whether a second field of the number would be merged into the first.
    pub(super) const fn is_single(self) -> bool {
        matches!(self, Self::One(_) | Self::Again(..) | Self::Table(_) | Self::Header | Self::Body)
    }
}
