//! Errors of functions written in Python.

use std::error::Error;
use std::fmt;

use datafusion::error::DataFusionError;
use planwire_registry::Kind;
use planwire_registry::error::find_cause;
use pyo3::prelude::*;

/// A Python exception, with the function that it came from.
///
/// Inside a [`DataFusionError`] it is the external error at the end of the chain.
#[derive(Debug)]
pub struct PythonError {
    function: String,
    summary: String,
    exception: PyErr,
}

/// The most of an exception's own text that is repeated, in characters.
const LONGEST_SUMMARY: usize = 1024;

impl PythonError {
    /// Keeps `exception`, which rose while the function was doing `what`, e.g. `running`.
    pub(crate) fn new(kind: Kind, name: &str, what: &str, exception: PyErr) -> Self {
        let mut summary = exception.to_string();
        if let Some((end, _)) = summary.char_indices().nth(LONGEST_SUMMARY) {
            summary.truncate(end);
            summary.push('…');
        }
        Self { function: format!("{what} {kind} '{}'", name.escape_debug()), summary, exception }
    }

    /// The exception as Python raised it, with its traceback.
    #[must_use]
    pub const fn exception(&self) -> &PyErr {
        &self.exception
    }

    /// Finds the exception that caused `error`, however deep DataFusion has wrapped it.
    #[must_use]
    pub fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        find_cause(error)
    }
}

impl fmt::Display for PythonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.function, self.summary)
    }
}

impl Error for PythonError {}

impl From<PythonError> for DataFusionError {
    fn from(error: PythonError) -> Self {
        Self::External(Box::new(error))
    }
}
