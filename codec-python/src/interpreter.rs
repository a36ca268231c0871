//! The interpreter: the threads inside it, the calls that they may make there, and its version.

pub(crate) mod called;
pub mod gate;
pub(crate) mod pinned;
pub(crate) mod version;
