//! Methods of a query that return a larger one.

pub(crate) mod columns;
pub(crate) mod fill;
pub(crate) mod groups;
pub(crate) mod join;
pub(crate) mod rows;
pub(crate) mod sets;
