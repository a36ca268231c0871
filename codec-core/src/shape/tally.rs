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
}

/// Work of making one byte or element of a value.
const ELEMENT: usize = 16;

/// Work of visiting an expression besides writing its name, in bytes of a name.
const VISIT: usize = 1024;

impl Tally {
    pub(super) const NOTHING: Self =
        Self { below: 0, operands: 0, sets: 1, members: 0, work: 0, plans: 0, value: 0 };

    /// Adds the sums of a part of a role that has ended, and is visited so many times.
    #[inline]
    pub(super) fn add(&mut self, part: Self, role: Role, times: u8) {
        self.value = self.value.saturating_add(part.value);
        // Most parts are no expressions and hold none.
        if !part.is_value() {
            self.add_all(part, role, times);
        }
    }

    /// Whether there is nothing but a value to add.
    #[inline]
    const fn is_value(&self) -> bool {
        self.below | self.work | self.plans | self.members == 0 && self.sets == 1
    }

    fn add_all(&mut self, part: Self, role: Role, times: u8) {
        let visits = if role == Role::Plan { usize::from(times) } else { 1 };
        self.plans = self.plans.saturating_add(part.plans.saturating_mul(visits));
        self.below = self.below.max(part.below);
        self.sets = self.sets.saturating_mul(part.sets);
        self.members = self.members.saturating_add(part.members);
        self.work = self.work.saturating_add(part.work.saturating_mul(usize::from(times)));
    }

    /// Adds the value of a literal.
    pub(super) fn text(&mut self, bytes: usize) {
        self.value = self.value.saturating_add(bytes);
    }

    /// Makes the value of the parts so many times as large, as DataFusion does while it plans.
    pub(super) fn grow(&mut self, times: usize, limits: &Limits) -> Result<(), Fault> {
        self.value = self.value.max(1).saturating_mul(times);
        limits.check(Limit::Work, self.value.saturating_mul(ELEMENT))?;
        Ok(())
    }

    /// Adds the name of a literal.
    pub(super) fn name(&mut self, bytes: usize) {
        self.work = self.work.saturating_add(bytes);
    }

    /// The sums of a whole message of `size` bytes, with how many nodes it stands for besides those on
    /// the wire.
    pub(super) fn ended(
        mut self,
        role: Role,
        size: usize,
        parts: usize,
        limits: &Limits,
    ) -> Result<(Self, usize), Fault> {
        if role == Role::Plain && self.operands == 0 {
            // What it adds up to is what its parts do, which the plan or expression around it is held to.
            return Ok((self, 0));
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
        Ok((self, nodes))
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
