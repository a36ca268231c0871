//! Frames: any bytes are read or have their error.

#![no_main]

planwire_fuzz::target!(planwire_fuzz::bodies::frame);
