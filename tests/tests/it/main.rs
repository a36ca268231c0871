//! The workspace's promises, tested through its public doors.

mod arrow;
mod by_name;
mod chain;
mod conformance;
mod envelopes;
mod errors;
mod fixture;
mod frames;
mod golden;
mod inspect;
mod limits;
mod literals;
mod messages;
mod nested;
mod nodes;
mod plans;
mod precedence;
mod python;
mod registry;
mod report;
mod strict;
mod ui;
