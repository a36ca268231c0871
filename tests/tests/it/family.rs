//! Families: how they are registered, what every one of them promises, and their faults.

pub(crate) mod arrow;
pub(crate) mod conformance;
pub(crate) mod faults;
pub(crate) mod registry;
