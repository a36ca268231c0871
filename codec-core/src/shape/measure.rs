//! Measures: how many nodes and levels a message has.

use super::{Fault, Open, message, next, root_index};
use crate::error::Message as Root;

/// What a message adds to those around it or inside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Measure {
    /// Messages of protobuf, and texts in lists.
    pub(crate) nodes: usize,
    /// Levels of the tree that is made of it.
    pub(crate) levels: usize,
}

/// Measures a message that has passed [`super::check`], which bounds this walk.
pub(crate) fn measure(bytes: &[u8], root: Root) -> Result<Measure, Fault> {
    let mut measure = Measure { nodes: 1, levels: 0 };
    let mut stack = vec![Open::new(bytes, message(root_index(root))?)];
    while let Some(open) = stack.last_mut() {
        if open.rest.is_empty() {
            measure.levels = open.levels();
            stack.pop();
            if let Some(parent) = stack.last_mut() {
                parent.below = parent.below.max(measure.levels);
            }
            continue;
        }
        let Some((part, inner)) = next(open)? else { continue };
        measure.nodes += 1;
        let message = message(part.message)?;
        if !message.parts.is_empty() || message.level {
            stack.push(Open::new(inner, message));
        }
    }
    Ok(measure)
}
