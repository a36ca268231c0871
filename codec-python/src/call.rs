//! What crosses between a query and the code of a function: arguments, results, and how often and how long.

pub(crate) mod arguments;
pub(crate) mod declared;
pub mod figures;
pub(crate) mod value;
