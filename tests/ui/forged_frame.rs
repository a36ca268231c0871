//! Makes an authorized frame without the gate.

use planwire_registry::frame::Frame;
use planwire_registry::{AuthorizedFrame, Inspection};

fn forge<'a>(frame: Frame<'a>, seen: Inspection) -> AuthorizedFrame<'a> {
    AuthorizedFrame { frame, seen }
}

fn main() {
    let _ = forge;
}
