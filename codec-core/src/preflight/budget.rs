//! Budgets: the sums over a message and the messages inside its payloads, held against one set of limits.
//!
//! Without them, each nested message of a family would get the full limits again.

use std::cell::Cell;

use crate::limits::{Excess, Limit, Limits};
use crate::preflight::shape::Shape;

thread_local! {
    /// The sums so far over the message that this thread converts, if it converts one.
    static SPENT: Cell<Option<Spent>> = const { Cell::new(None) };
}

#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    nodes: usize,
    rows: usize,
    work: usize,
    /// The levels of the messages around, where one is read; of those inside, where one is written.
    levels: usize,
}

/// Begins a message that stands in no other one, until what is returned is dropped.
pub(crate) fn begin() -> Restored {
    Restored { before: SPENT.replace(Some(Spent::default())), kept: |before, _| before }
}

/// [`begin`], unless this thread converts a message already: an engine may ask for a single buffer.
pub(crate) fn begin_if_none() -> Option<Restored> {
    SPENT.get().is_none().then(begin)
}

/// Begins a message that is read from inside another one.
pub(crate) fn read_inside() -> Restored {
    let kept = |before: Option<Spent>, after: Option<Spent>| Some(Spent { levels: before?.levels, ..after? });
    Restored { before: SPENT.get(), kept }
}

/// Begins a message that is written into another one.
pub(crate) fn write_inside() -> Restored {
    let before = SPENT.get();
    SPENT.set(before.map(|spent| Spent { levels: 0, ..spent }));
    let kept = |before: Option<Spent>, after: Option<Spent>| {
        let (before, after) = (before?, after?);
        Some(Spent { levels: before.levels.max(after.levels), ..after })
    };
    Restored { before, kept }
}

/// Adds a message to those around it or inside of it.
pub(crate) fn spend(shape: &Shape, limits: &Limits) -> Result<(), Excess> {
    let Spent { nodes, rows, work, levels } = SPENT.get().unwrap_or_default();
    let nodes = nodes.saturating_add(shape.nodes);
    let rows = rows.saturating_add(shape.rows);
    let work = work.saturating_add(shape.work);
    let levels = levels.saturating_add(shape.levels);
    SPENT.set(Some(Spent { nodes, rows, work, levels }));
    limits.check(Limit::Nodes, nodes)?;
    limits.check(Limit::Rows, rows)?;
    limits.check(Limit::Work, work)?;
    limits.check(Limit::Depth, levels)
}

/// The end of a message, also by a panic.
pub(crate) struct Restored {
    before: Option<Spent>,
    kept: fn(Option<Spent>, Option<Spent>) -> Option<Spent>,
}

impl Drop for Restored {
    fn drop(&mut self) {
        SPENT.set((self.kept)(self.before, SPENT.get()));
    }
}
