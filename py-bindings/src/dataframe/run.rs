//! A query that runs: its rows in every form, what they are written to, and how far it is.

pub(crate) mod convert;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod record_batch;
pub(crate) mod stream;
pub(crate) mod write;
