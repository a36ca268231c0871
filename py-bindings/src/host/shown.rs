//! Shown: texts that stand for objects, which may repeat what came from outside.

use std::fmt;

use planwire_registry::error::OneLine;

/// The size limit of such a text, in bytes: it often ends up in a log.
pub(crate) const LONGEST: usize = 64 * 1024;

/// The size limit of a text that a user asks for, in bytes.
pub(crate) const LONGEST_TEXT: usize = 1024 * 1024;

/// The size limit of a name in either, in bytes.
const LONGEST_NAME: usize = 1024;

/// The text on one line, escaped and cut.
pub(crate) const fn shown<T: fmt::Display>(text: T) -> OneLine<T> {
    OneLine::new(text, LONGEST)
}

/// A name on one line, escaped and cut.
pub(crate) const fn name(name: &str) -> OneLine<&str> {
    OneLine::new(name, LONGEST_NAME)
}

/// Names in a list, each shown as by `name`.
pub(crate) fn names(names: impl IntoIterator<Item = String>) -> String {
    let names: Vec<_> = names.into_iter().map(|one| name(&one).to_string()).collect();
    shown(names.join(", ")).to_string()
}
