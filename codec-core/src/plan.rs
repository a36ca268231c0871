//! What is carried: kinds of things, nodes of plans, sorts of message.

pub(crate) mod described;
pub(crate) mod kind;
pub(crate) mod message_sort;
pub(crate) mod node;
pub mod slices;
