//! The workspace's promises, tested through its public doors.

mod call;
mod cluster;
mod errors;
mod family;
mod fidelity;
mod fixture;
mod fuzz;
#[path = "../../fuzz/src/bodies/mod.rs"]
mod fuzz_bodies;
mod guard;
mod inspect;
mod policy;
mod preflight;
mod python;
mod ui;
mod wire;
