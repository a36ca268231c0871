//! The workspace's promises, tested through its public doors.

mod arrow;
mod by_name;
mod chain;
mod claims;
mod conformance;
mod envelopes;
mod errors;
mod fixture;
mod frames;
mod fuzz;
#[path = "../../fuzz/src/bodies/mod.rs"]
mod fuzz_bodies;
mod golden;
mod guarded;
mod hostile;
mod inspect;
mod keyring;
mod limits;
mod literals;
mod messages;
mod nested;
mod nodes;
mod pinned;
mod plans;
mod precedence;
mod python;
mod registry;
mod relay;
mod report;
mod sealed;
mod seeds;
mod signed;
mod strict;
mod trailer;
mod ui;
