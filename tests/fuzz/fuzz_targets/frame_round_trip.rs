//! Frames: any payload comes back whole.

#![no_main]

planwire_fuzz::target!(planwire_fuzz::bodies::frame_round_trip);
