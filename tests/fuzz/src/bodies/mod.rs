//! The bodies of the fuzz targets: each takes any bytes, and panics where a promise is broken.
//!
//! They stand apart from the targets because the tests run them too, over the seeds.

mod carrier;
mod dispatch;
mod frames;
mod messages;
mod nodes;
mod uses;

use std::error::Error;

pub use carrier::Carrier;
pub use dispatch::dispatch;
pub use frames::{envelope, frame, frame_round_trip, trailer};
pub use messages::{expr, logical_plan, physical_plan};
pub use nodes::one_of_each;

/// The longest text of an error.
const LONGEST: usize = 8 * 1024;

/// Takes what came out, and holds an error to the length that is promised.
fn bounded<T, E: Error>(outcome: Result<T, E>) -> Result<T, E> {
    if let Err(error) = &outcome {
        let length = error.to_string().len();
        assert!(length <= LONGEST, "the text of an error has {length} bytes");
    }
    outcome
}
