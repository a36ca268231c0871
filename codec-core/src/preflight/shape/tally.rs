//! What a message adds up to: the sums over its parts, made as each of them ends.

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
    /// Work of the plans, which no expression around them is asked for again.
    plans: usize,
    /// Bytes or elements of the value that the parts have where all of them are constants.
    value: usize,
    /// How many times as large the value is made.
    pub(super) growth: usize,
    /// How often DataFusion visits the message wherever it visits the one around it once.
    pub(super) times: u8,
}

/// Work of making one byte or element of a value.
const ELEMENT: usize = 16;

/// Work of visiting an expression besides writing its name, in bytes of a name.
const VISIT: usize = 1024;

impl Tally {
    /// The sums of a message that is visited so many times, before any part of it.
    pub(super) const fn new(times: u8) -> Self {
        Self { below: 0, operands: 0, sets: 1, members: 0, work: 0, plans: 0, value: 0, growth: 1, times }
    }

    /// Adds the sums of a part of a role, which has ended.
    pub(super) fn add(&mut self, part: &Self, role: Role) {
        let times = usize::from(part.times);
        let visits = if role == Role::Plan { times } else { 1 };
        self.value = self.value.saturating_add(part.value);
        self.plans = self.plans.saturating_add(part.plans.saturating_mul(visits));
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

    /// Ends the sums of a message of `size` bytes and so many messages in it, and returns how many nodes it
    /// stands for besides those on the wire.
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
            // What it adds up to is what its parts do, which the plan or expression around it is held to.
            return Ok(0);
        }
        let mut nodes = 0;
        // Two operands are one level, which the message around them counts.
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

    /// Multiplies the combinations by those of one more grouping; none means that they are beyond counting.
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
