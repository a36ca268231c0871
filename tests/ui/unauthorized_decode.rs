//! Hands bytes to a family's decoder past the gate.

use planwire_registry::{DecodeContext, WireFamily};

fn sneak(family: &dyn WireFamily, bytes: &[u8], cx: &DecodeContext<'_>) {
    let _ = family.decode(bytes, cx);
}

fn main() {
    let _ = sneak;
}
