//! What is checked on the bytes of a message: limits, and messages that claim too much.

pub(crate) mod hostile;
pub(crate) mod limits;
pub(crate) mod literals;
