//! What crosses: messages, parcels, and what is told about them.

pub(crate) mod audit;
pub(crate) mod crossing;
pub(crate) mod current_session;
pub(crate) mod inspect;
pub(crate) mod message;
pub(crate) mod parcel;
pub(crate) mod report;
pub(crate) mod unopened;
