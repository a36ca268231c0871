//! The fuzz targets' common part: their bodies, and what becomes of panics.

pub mod bodies;
pub mod panics;

/// Makes a fuzz target of a body.
#[macro_export]
macro_rules! target {
    ($body:path) => {
        libfuzzer_sys::fuzz_target!(init: $crate::panics::keep(), |bytes: &[u8]| {
            $crate::panics::reported($body, bytes)
        });
    };
}
