//! Registers something that is not a family.

struct NotAFamily;

planwire_registry::register_family!(NotAFamily);

fn main() {}
