//! Preflight: checks on the bytes of a message before DataFusion sees any of them.

pub(crate) mod budget;
pub mod ipc_stream;
pub(crate) mod nesting;
pub(crate) mod orderings;
pub(crate) mod predicates;
pub(crate) mod shape;
pub(crate) mod types;
