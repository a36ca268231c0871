//! A query shown to a person: its first rows, and how it would run.

pub(crate) mod explain;
pub(crate) mod html;
pub(crate) mod text;
