//! Schemas: how large each of them is, and how many fields it has.

use super::message::Role;
use crate::limits::{Excess, Limit, Limits};

/// The schema, or the type outside of schemas, that is being walked through.
#[derive(Default)]
pub(super) struct Schema {
    /// How many messages are around it.
    around: Option<usize>,
    fields: usize,
}

impl Schema {
    /// Counts one more message within `open` others, if it is of a schema.
    pub(super) fn check(
        &mut self,
        role: Role,
        bytes: &[u8],
        open: usize,
        limits: &Limits,
    ) -> Result<(), Excess> {
        if !matches!(role, Role::Schema | Role::Type | Role::Field) {
            return Ok(());
        }
        if self.around.is_none_or(|around| open <= around) {
            *self = Self { around: Some(open), fields: 0 };
            limits.check(Limit::Schema, bytes.len())?;
        }
        self.fields += usize::from(role == Role::Field);
        limits.check(Limit::Fields, self.fields)
    }
}
