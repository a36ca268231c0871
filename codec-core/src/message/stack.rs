//! The stack: room on it for conversions that recurse, and an end to frames within frames.

use std::cell::Cell;

use crate::limits::{Excess, Limit, Limits};
use crate::preflight::budget;

/// Stack that a conversion may need besides: DataFusion recurses once for each level of an expression, with
/// frames of tens of kilobytes in an unoptimised build, up to the nesting that protobuf allows.
const NEEDED: usize = 4 * 1024 * 1024;
/// Stack that a conversion gets where the thread has less than it needs.
const GIVEN: usize = 16 * 1024 * 1024;
/// Stack for one level of a tree, as that of a chain of operands, measured in an unoptimised build.
const LEVEL: usize = 10 * 1024;

thread_local! {
    /// How many frames this thread is inside of.
    static INSIDE: Cell<usize> = const { Cell::new(0) };
}

/// Runs a conversion of DataFusion's with room for its recursion.
pub(crate) fn with_room<T>(convert: impl FnOnce() -> T) -> T {
    with_room_for(0, convert)
}

/// Runs a conversion of a tree of so many levels with room for its recursion.
pub(crate) fn with_room_for<T>(levels: usize, convert: impl FnOnce() -> T) -> T {
    let more = levels.saturating_mul(LEVEL);
    stacker::maybe_grow(NEEDED.saturating_add(more), GIVEN.saturating_add(more), convert)
}

/// Runs a family, which may hold further frames inside of its own, and those others again.
pub(crate) fn inside_frame<T>(limits: &Limits, run: impl FnOnce() -> T) -> Result<T, Excess> {
    let around = INSIDE.get();
    limits.check(Limit::Nesting, around.saturating_add(1))?;
    INSIDE.set(around.saturating_add(1));
    let (_left, _spent) = (Left { around }, budget::begin_if_none());
    // The outermost frame stands in a message, which has room already.
    Ok(if around == 0 { run() } else { with_room(run) })
}

/// Leaves a frame, also by a panic.
struct Left {
    around: usize,
}

impl Drop for Left {
    fn drop(&mut self) {
        INSIDE.set(self.around);
    }
}
