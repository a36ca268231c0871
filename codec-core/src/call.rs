//! One call: the chain of codecs, and encoding and decoding of one thing after the other.

pub(crate) mod chain;
pub(crate) mod codec;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod faults;
pub(crate) mod inside;
pub(crate) mod report;
