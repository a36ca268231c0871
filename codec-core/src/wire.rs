//! Bytes and nothing else: frames, envelopes, trailers and parcels.

pub mod envelope;
pub mod frame;
pub mod parcel;
pub mod trailer;
