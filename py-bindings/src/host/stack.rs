//! The stack: room for DataFusion code that recurses over expressions without growing the stack itself.
//!
//! DataFusion's optimizer grows the stack itself; cloning, dropping, showing and planning an
//! expression do not, and recurse once for each of its levels.

use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::Expr;

/// Stack that one level takes while a query runs, measured in an unoptimised build.
const LEVEL: usize = 10 * 1024;
/// Stack that one level takes at most while an unoptimised build plans, which is for products.
const PLANNED: usize = 32 * 1024;
/// Stack that everything else takes.
const BASE: usize = 256 * 1024;

/// Stack for as deep an expression as messages carry by default.
pub(crate) const LARGEST: usize = BASE + 4096 * LEVEL;

/// The levels of the deepest expression that this process has seen.
static DEEPEST: AtomicUsize = AtomicUsize::new(0);

/// Counts the levels of an expression without recursing into it.
pub(crate) fn levels(expr: &Expr) -> usize {
    let mut deepest = 0;
    let mut pending = vec![(expr, 1)];
    while let Some((parent, level)) = pending.pop() {
        deepest = deepest.max(level);
        // The closure does not fail, so neither does the walk.
        let _ = parent.apply_children(|child| {
            pending.push((child, level + 1));
            Ok(TreeNodeRecursion::Continue)
        });
    }
    saw(deepest);
    deepest
}

/// Remembers that there is an expression of so many levels.
pub(crate) fn saw(levels: usize) {
    DEEPEST.fetch_max(levels, Relaxed);
}

/// Does something that recurses once for each of `levels`, on more stack if this thread has too little.
pub(crate) fn with_room<T>(levels: usize, work: impl FnOnce() -> T) -> T {
    let needed = levels.saturating_mul(PLANNED).saturating_add(BASE);
    stacker::maybe_grow(needed, needed, work)
}

/// Does something with expressions that are not at hand to be counted.
pub(crate) fn with_room_for_any<T>(work: impl FnOnce() -> T) -> T {
    with_room(DEEPEST.load(Relaxed), work)
}

/// Does something with expressions that nobody has counted, such as those of a query or of a view, with the room
/// that a thread of the runtime has.
pub(crate) fn with_room_of_runtime<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(LARGEST, LARGEST, work)
}

/// Something that may hold deep expressions, and is dropped with room for them.
pub(crate) struct Deep<T>(ManuallyDrop<T>);

impl<T> From<T> for Deep<T> {
    fn from(inner: T) -> Self {
        Self(ManuallyDrop::new(inner))
    }
}

impl<T> Deref for Deep<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[expect(unsafe_code, reason = "a value that cannot be copied or replaced is to be dropped within a closure")]
impl<T> Drop for Deep<T> {
    fn drop(&mut self) {
        // SAFETY: this is the only place that takes the value out, and it is not used afterwards.
        with_room_for_any(|| unsafe { ManuallyDrop::drop(&mut self.0) });
    }
}
