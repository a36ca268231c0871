//! What arrives is what was sent.

pub(crate) mod hostile;
pub(crate) mod logical;
pub(crate) mod physical;
pub(crate) mod slices;
