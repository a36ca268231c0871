//! The interpreter: who is inside it, what they may call there, and which version it has.

pub(crate) mod called;
pub mod gate;
pub(crate) mod version;
