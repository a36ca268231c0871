//! What is let in and out: families, guards and the floor of the process.

pub(crate) mod families;
pub(crate) mod floor;
pub(crate) mod guard;
