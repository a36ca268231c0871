//! What protobuf says of DataFusion's messages, as far as it is looked at on the bytes.

use super::Fault;
use super::table::MESSAGES;
use crate::plan::kind::Kind;

/// One sort of message.
pub(super) struct Message {
    pub(super) role: Role,
    /// Its fields, from number 1 on.
    pub(super) slots: &'static [Slot],
    /// Whether it is a level, multiplies or limits something, rather than adding up to what its parts do.
    pub(super) has_sums: bool,
}

/// The part that a message plays in what DataFusion makes of it.
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

/// What a field holds.
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
    /// How many of something DataFusion is to make.
    Count,
    /// The operator of a chain.
    Operator,
    /// What a codec wrote.
    Codec(Kind),
    /// The name of what the codec wrote, and the kind that it stands for.
    Name(Kind),
    /// A message with the name of a table.
    Table(u16),
    One(u16),
    Many(u16),
    /// One message, or any number, that DataFusion visits so many times wherever it visits this one once.
    Again(u16, u8),
    ManyAgain(u16, u8),
    /// Any number of messages, and each becomes a level above the one before.
    Chain(u16),
}

/// The sort of message with these fields, of which no more are numbered than [`Fields`] can tell apart.
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
    /// The message that stands in the field, if one does.
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

    /// How often DataFusion visits what stands in the field wherever it visits the message once.
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
