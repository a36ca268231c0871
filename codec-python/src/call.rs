//! Calls of a function's code: their arguments, their results and the conversions of those, and figures of how often and how long they
//! ran.

pub(crate) mod arguments;
pub(crate) mod classes;
pub(crate) mod converted;
pub(crate) mod declared;
pub mod figures;
pub(crate) mod rows;
pub(crate) mod value;
