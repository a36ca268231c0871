//! Roles: the checks of a message that depend on its role.

use datafusion::arrow::datatypes::DataType;
use datafusion_proto::protobuf::ArrowType;
use prost::Message as _;

use super::field::{Fields, Value, field, signed};
use super::message::{Message, Role, Slot};
use super::tally::Tally;
use super::{Fault, Walk};
use crate::error::panics;
use crate::preflight::{ipc_stream, types};

impl<'a> Walk<'a> {
    /// Checks a message by its role, and adds its claims to the sums.
    pub(super) fn check_role(
        &mut self,
        message: &'static Message,
        bytes: &'a [u8],
        tally: &mut Tally,
        height: usize,
    ) -> Result<(), Fault> {
        match message.role {
            Role::Expr => self.meet_expr(height),
            Role::Schema | Role::Field => self.schema.check(message.role, bytes, height, self.limits)?,
            Role::Type => {
                self.schema.check(message.role, bytes, height, self.limits)?;
                self.check_type(message, bytes, height)?;
            }
            Role::Writes(statement) => {
                self.writes.get_or_insert(statement);
            }
            Role::Batch => self.check_batch(message, bytes, tally)?,
            Role::Decimal => check_decimal(message, bytes)?,
            _ => {}
        }
        Ok(())
    }

    /// Checks a type that stands in no other type.
    fn check_type(&mut self, message: &Message, bytes: &'a [u8], height: usize) -> Result<(), Fault> {
        if self.in_type.is_some_and(|around| height > around) {
            return Ok(());
        }
        self.in_type = Some(height);
        if is_bare(message, bytes) || bytes == self.sound_type {
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

    /// Checks the lengths of a batch, which decide how long the name of its literal gets.
    fn check_batch(
        &mut self,
        message: &'static Message,
        bytes: &'a [u8],
        tally: &mut Tally,
    ) -> Result<(), Fault> {
        let (mut header, mut body): (&[u8], &[u8]) = (&[], &[]);
        let mut fields = Fields::new(bytes, message);
        while !fields.rest.is_empty() {
            match fields.next()? {
                (_, Slot::Header, Value::Bytes(bytes)) => header = bytes,
                (_, Slot::Body, Value::Bytes(bytes)) => body = bytes,
                _ => {}
            }
        }
        if header.is_empty() {
            return Ok(());
        }
        if let Some(lengths) = ipc_stream::batch_lengths(header)? {
            self.claim(lengths.claimed(body.len()))?;
            tally.name(lengths.sum().saturating_mul(ELEMENT));
        }
        Ok(())
    }
}

/// Checks the digits of a decimal.
fn check_decimal(message: &'static Message, bytes: &[u8]) -> Result<(), Fault> {
    let (mut precision, mut largest, mut scale) = (0, 0, 0);
    let mut fields = Fields::new(bytes, message);
    while !fields.rest.is_empty() {
        match fields.next()? {
            (_, Slot::Precision(most), Value::Number(digits)) => {
                (precision, largest) = (u8::try_from(digits).unwrap_or(u8::MAX), most);
            }
            (_, Slot::Scale(_), Value::Number(digits)) => {
                scale = i8::try_from(signed(digits))
                    .map_err(|_| Fault::Malformed("a decimal has a scale beyond 8 bits"))?;
            }
            _ => {}
        }
    }
    Ok(types::check_decimal(precision, scale, largest)?)
}

/// Bytes that one element of a list takes in the name of the literal.
const ELEMENT: usize = 8;

/// Whether a type is one empty message without fields, as most are; it needs no check.
fn is_bare(message: &Message, bytes: &[u8]) -> bool {
    let Ok((number, Value::Bytes([]), [])) = field(bytes) else { return false };
    let inner = message.slot(number).message().map(Message::at);
    inner.is_some_and(|inner| inner.is_ok_and(|inner| inner.slots.is_empty()))
}
