//! What is carried: kinds of things, nodes of plans, and what a family is told about them.

pub(crate) mod context;
pub(crate) mod kind;
pub(crate) mod node;
pub mod slices;
pub(crate) mod stand_in;
