//! Trailers: any bytes end with one that comes back, with none, or have their error.

#![no_main]

planwire_fuzz::target!(planwire_fuzz::bodies::trailer);
