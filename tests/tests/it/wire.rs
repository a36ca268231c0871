//! Bytes and nothing else: frames, envelopes and trailers, and what earlier builds wrote.

pub(crate) mod envelopes;
pub(crate) mod frames;
pub(crate) mod golden;
pub(crate) mod held;
pub(crate) mod kept;
pub(crate) mod native;
pub(crate) mod parts;
pub(crate) mod shared;
pub(crate) mod stored;
pub(crate) mod trailer;
