//! Open messages: how far one of them was read, and what was found in it.

use super::Fault;
use super::field::{Value, field};
use super::message::{Message, Slot};
use super::tally::Tally;

/// The fields of a message that are still to be read.
pub(super) struct Fields<'a> {
    pub(super) rest: &'a [u8],
    pub(super) message: &'static Message,
    /// The fields of one message each that were met; a second one would be merged into the first.
    met: u128,
}

/// A message whose end has not been reached.
pub(super) struct Open<'a> {
    pub(super) fields: Fields<'a>,
    pub(super) size: usize,
    /// How often DataFusion visits it wherever it visits the message around it once.
    pub(super) times: u8,
    /// The messages in it.
    pub(super) parts: usize,
    pub(super) tally: Tally,
    /// How many times as large the value of a call is as those of its arguments.
    pub(super) growth: usize,
    /// What few messages have.
    pub(super) rare: Option<Box<Rare<'a>>>,
}

/// What was found of a batch or of a decimal.
#[derive(Default)]
pub(super) struct Rare<'a> {
    /// The header of a batch, and the size of its body.
    pub(super) header: &'a [u8],
    pub(super) body: usize,
    pub(super) precision: Option<u8>,
    pub(super) scale: i8,
}

impl<'a> Open<'a> {
    #[inline]
    pub(super) const fn new(bytes: &'a [u8], message: &'static Message, times: u8, growth: usize) -> Self {
        let fields = Fields::new(bytes, message);
        Self { fields, size: bytes.len(), times, parts: 0, tally: Tally::NOTHING, growth, rare: None }
    }

    pub(super) fn rare(&mut self) -> &mut Rare<'a> {
        self.rare.get_or_insert_default()
    }
}

impl<'a> Fields<'a> {
    #[inline]
    pub(super) const fn new(bytes: &'a [u8], message: &'static Message) -> Self {
        Self { rest: bytes, message, met: 0 }
    }

    /// Takes a field off the front: what it holds according to its slot, and what stands there.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<(u32, Slot, Value<'a>), Fault> {
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
