//! Physical plans: any bytes are one or an error, and nothing refused is decoded.

#![no_main]

planwire_fuzz::target!(planwire_fuzz::bodies::physical_plan);
