//! Causes: the first of a type behind an error, and limits as errors of encoding and decoding.

use std::error::Error;
use std::sync::Arc;

use datafusion::error::DataFusionError;

use crate::error::{Cause, WireError};
use crate::limits::Excess;

impl Excess {
    pub(crate) const fn on_encode(self) -> WireError {
        let Self { limit, found, most } = self;
        WireError::EncodeLimit { limit, found, most }
    }

    pub(crate) const fn on_decode(self) -> WireError {
        let Self { limit, found, most } = self;
        WireError::LimitExceeded { limit, found, most }
    }
}

/// Finds the first cause of type `T` behind `error`, or `error` itself.
#[must_use]
pub fn find_cause<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        // Something shared answers for the error inside it, so the one inside is never its source.
        next = if let Some(shared) = error.downcast_ref::<Arc<DataFusionError>>() {
            Some(&**shared)
        } else if let Some(cause) = error.downcast_ref::<Cause>() {
            Some(&**cause)
        } else {
            error.source()
        };
    }
    None
}
