//! Open messages: how far one of them was read, and what was found in it.

use super::Fault;
use super::field::{Value, field};
use super::message::{Message, Slot};
use super::tally::Tally;

/// A message whose end has not been reached.
pub(super) struct Open<'a> {
    pub(super) rest: &'a [u8],
    pub(super) message: &'static Message,
    pub(super) size: usize,
    /// The fields of one message each that were met; a second one would be merged into the first.
    pub(super) met: u128,
    /// How often DataFusion visits it wherever it visits the message around it once.
    pub(super) times: u8,
    /// The messages in it.
    pub(super) parts: usize,
    pub(super) tally: Tally,
    /// The header of a batch, and the size of its body.
    pub(super) header: &'a [u8],
    pub(super) body: usize,
    pub(super) precision: Option<u8>,
    pub(super) scale: i8,
    /// How many times as large the value of a call is as those of its arguments.
    pub(super) growth: usize,
}

impl<'a> Open<'a> {
    pub(super) const fn new(bytes: &'a [u8], message: &'static Message, times: u8) -> Self {
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
    #[inline]
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
