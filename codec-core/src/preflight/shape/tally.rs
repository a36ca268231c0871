//! Tallies: the sums over the parts of a message, updated as each part ends.

use super::Fault;
use super::message::Role;
use crate::limits::{Limit, Limits};

/// The sums over the parts of one message, as far as they were read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tally {
    /// Levels of the tree below.
    below: usize,
    /// Messages that become a chain, each a level above the one before.
    pub(super) operands: usize,
    /// Grouping sets that DataFusion makes of the parts, one for each combination.
    sets: usize,
    /// Expressions in grouping sets.
    members: usize,
    /// Work of computing the names and fields of the expressions, in bytes of names.
    work: usize,
    /// Bytes of the payloads of functions, which stand in no name.
    payloads: usize,
    /// Work of the plans, which expressions around them do not repeat.
    plans: usize,
    /// Bytes or elements of the parts' value, if all of them are constants.
    value: usize,
    /// The factor by which the value grows.
    pub(super) growth: usize,
    /// How often DataFusion visits the message per visit of the one around it.
    pub(super) times: u8,
}

/// Work of making one byte or element of a value.
const ELEMENT: usize = 16;

/// Work of visiting an expression besides writing its name, in bytes of a name.
const VISIT: usize = 1024;

impl Tally {
    /// An empty tally for a message that is visited so many times.
    pub(super) const fn new(times: u8) -> Self {
        Self {
            below: 0,
            operands: 0,
            sets: 1,
            members: 0,
            work: 0,
            payloads: 0,
            plans: 0,
            value: 0,
            growth: 1,
            times,
        }
    }

    /// Adds the sums of a part that has ended, by its role.
    pub(super) fn add(&mut self, part: &Self, role: Role) {
        let times = usize::from(part.times);
        let visits = if role == Role::Plan { times } else { 1 };
        self.value = self.value.saturating_add(part.value);
        self.plans = self.plans.saturating_add(part.plans.saturating_mul(visits));
        self.payloads = self.payloads.saturating_add(part.payloads);
        self.below = self.below.max(part.below);
        self.sets = self.sets.saturating_mul(part.sets);
        self.members = self.members.saturating_add(part.members);
        self.work = self.work.saturating_add(part.work.saturating_mul(times));
    }

    /// Adds the value of a literal.
    pub(super) fn text(&mut self, bytes: usize) {
        self.value = self.value.saturating_add(bytes);
    }

    /// Adds the name of a literal.
    pub(super) fn name(&mut self, bytes: usize) {
        self.work = self.work.saturating_add(bytes);
    }

    /// Adds the payload of a function.
    pub(super) fn payload(&mut self, bytes: usize) {
        self.payloads = self.payloads.saturating_add(bytes);
    }

    /// Completes the sums of a message of `size` bytes that holds so many messages, and returns how many nodes
    /// it makes beyond those on the wire.
    pub(super) fn end(
        &mut self,
        role: Role,
        size: usize,
        parts: usize,
        limits: &Limits,
    ) -> Result<usize, Fault> {
        if self.growth > 1 {
            // As DataFusion makes the value while it plans.
            self.value = self.value.max(1).saturating_mul(self.growth);
            limits.check(Limit::Work, self.value.saturating_mul(ELEMENT))?;
        }
        if role == Role::Plain && self.operands == 0 {
            // Its sums are those of its parts, which count for the plan or expression around it.
            return Ok(0);
        }
        let mut nodes = 0;
        let size = size.saturating_sub(self.payloads);
        // The message around two operands counts their level.
        self.below = self.below.saturating_add(self.operands.saturating_sub(2));
        // The name of each level holds those of the levels below it.
        self.work = self.work.saturating_add(size.saturating_mul(self.operands / 2));
        if matches!(role, Role::Expr | Role::Plan) {
            self.below = self.below.saturating_add(1);
        }
        limits.check(Limit::Depth, self.below)?;
        match role {
            Role::Cube => {
                let sets = u32::try_from(parts).ok().and_then(|parts| 1_usize.checked_shl(parts));
                self.groups(sets, parts);
            }
            Role::Rollup => self.groups(parts.checked_add(1), parts),
            Role::GroupingSet => self.groups(Some(parts.max(1)), parts),
            Role::Aggregate if self.sets > 1 => nodes = self.sets.saturating_mul(self.members.max(1)),
            _ => {}
        }
        if role == Role::Expr {
            self.work = self.work.saturating_add(size).saturating_add(VISIT);
        }
        if role == Role::Plan {
            self.plans = self.plans.saturating_add(self.work);
            self.work = 0;
        }
        limits.check(Limit::Work, self.work())?;
        if matches!(role, Role::Plan | Role::Aggregate) {
            (self.sets, self.members) = (1, 0);
        }
        self.operands = 0;
        Ok(nodes)
    }

    /// Multiplies the combinations by those of one more grouping; `None` means that they overflow.
    fn groups(&mut self, sets: Option<usize>, members: usize) {
        self.sets = self.sets.saturating_mul(sets.unwrap_or(usize::MAX));
        self.members = self.members.saturating_add(members);
    }

    pub(super) const fn levels(&self) -> usize {
        self.below
    }

    pub(super) const fn work(&self) -> usize {
        self.work.saturating_add(self.plans)
    }
}
