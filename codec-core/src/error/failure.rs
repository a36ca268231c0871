//! Failures of other processes, for engines that pass nothing but text on from one process to another.

use std::error::Error;
use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use datafusion::error::DataFusionError;
use prost::Message as _;

use crate::error::{OneLine, WireError};

/// A failure of another process, with what gets lost where an engine makes a text of an error.
///
/// Its own text is the message, for people and logs, and behind it the whole failure in a form that
/// [`Failure::find`] finds in any longer text.
///
/// ```
/// use planwire_core::error::Failure;
///
/// let failure = Failure { message: "no such key".to_owned(), code: "PW-X002".to_owned(), ..Failure::default() };
/// let log = format!("Job 7 failed: Execution({:?})", failure.to_string());
/// assert_eq!(Failure::find(&log), Some(failure));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct Failure {
    /// What went wrong.
    #[prost(string, tag = "1")]
    pub message: String,
    /// Its code in the error index, e.g. `PW-D005`.
    #[prost(string, tag = "2")]
    pub code: String,
    /// What to do about it.
    #[prost(string, tag = "3")]
    pub help: String,
    /// The process in which it happened; nothing if it is this one.
    #[prost(string, tag = "4")]
    pub place: String,
    /// The cause, as the language of the code that failed describes it.
    #[prost(bytes = "vec", tag = "5")]
    pub cause: Vec<u8>,
}

/// The size from which on no more causes are added to a message, in bytes.
const LONGEST: usize = 4096;

const OPENS: &str = "[planwire failure ";
const CLOSES: char = ']';

impl Failure {
    /// Describes an error of encoding or decoding in the process called `place`.
    #[must_use]
    pub fn of(error: &WireError, place: &str) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(found) = cause {
            // Each of them is bounded, and not all of what is behind an error is.
            let _ = write!(message, ": {}", OneLine::new(found, 512));
            cause = found.source().filter(|_| message.len() < LONGEST);
        }
        Self {
            message,
            code: error.code().to_owned(),
            help: error.help().to_owned(),
            place: place.to_owned(),
            cause: Vec::new(),
        }
    }

    /// Finds the last failure in a text, e.g. in that of another error. What it says is as trustworthy as who wrote
    /// the text.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let (_, behind) = text.rsplit_once(OPENS)?;
        let (encoded, _) = behind.split_once(CLOSES)?;
        Self::decode(&*BASE64.decode(encoded).ok()?).ok()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What the message repeats of others must not pass for a failure.
        let message = self.message.replace(OPENS, "[");
        write!(f, "{message} {OPENS}{}{CLOSES}", BASE64.encode(self.encode_to_vec()))
    }
}

impl Error for Failure {}

impl From<Failure> for DataFusionError {
    fn from(failure: Failure) -> Self {
        Self::Execution(failure.to_string())
    }
}
