//! Registers a family that does not exist.

planwire_registry::register_family!(Missing);

fn main() {}
