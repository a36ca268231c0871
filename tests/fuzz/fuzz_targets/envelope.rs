//! Envelopes: any bytes are read or have their error, and any id and bytes come back.

#![no_main]

planwire_fuzz::target!(planwire_fuzz::bodies::envelope);
