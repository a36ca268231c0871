//! Faults: the errors that DataFusion drops or flattens on their way up.

use std::sync::{Arc, Mutex, PoisonError};

use crate::error::WireError;

/// The first error of one call.
///
/// DataFusion's logical serializer discards what a codec returns for a function, and its parser
/// turns errors inside arguments into text. A chain made by [`CodecChain::recording`] therefore
/// keeps the first error here.
///
/// [`CodecChain::recording`]: crate::CodecChain::recording
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Option<WireError>>>);

impl Faults {
    pub(crate) fn record(&self, error: &WireError) {
        self.slot().get_or_insert_with(|| error.clone());
    }

    /// Says whether anything went wrong that nobody has said yet.
    ///
    /// # Errors
    ///
    /// The first error of the call.
    pub fn check(&self) -> Result<(), WireError> {
        match self.slot().take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// The error that was kept, for one who does not end the call.
    pub(crate) fn first(&self) -> Option<WireError> {
        self.slot().clone()
    }

    /// Whether an error was kept that nobody has asked for.
    pub(crate) fn is_recorded(&self) -> bool {
        self.slot().is_some()
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<WireError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
