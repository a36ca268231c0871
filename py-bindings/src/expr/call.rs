//! Calls of functions: which there are, and the clauses of a call over many rows.

pub(crate) mod builtin;
pub(crate) mod clauses;
pub(crate) mod function_call;
pub(crate) mod null_treatment;
pub(crate) mod window;
pub(crate) mod window_frame;
