//! Translations of errors between libraries, which pass each other only text.

use std::any::Any;
use std::fmt;

use datafusion::error::DataFusionError;
use planwire_registry::error::find_cause;
use planwire_registry::{WireError, panics};

use crate::host::error::bounded;

/// How DataFusion opens the text of an error that says *not mine*.
const NOT_IMPLEMENTED: &str = "This feature is not implemented: ";

/// A wire error as another library is to read it: with its cause and the page that explains it.
#[derive(Debug)]
struct Told(WireError);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bounded(&self.0))?;
        if let Some(cause) = std::error::Error::source(&self.0) {
            write!(f, ": {}", bounded(cause))?;
        }
        write!(f, " ({})", self.0.page())
    }
}

impl std::error::Error for Told {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Makes an error of ours ready to be text.
pub(super) fn outward(error: DataFusionError) -> DataFusionError {
    let Some(wire) = WireError::find(&error) else { return error };
    let told = Told(wire.clone());
    if is_not_ours(wire) {
        DataFusionError::NotImplemented(told.to_string())
    } else {
        DataFusionError::External(Box::new(told))
    }
}

/// Whether the only failure is that no layer knew the object.
fn is_not_ours(error: &WireError) -> bool {
    match error {
        WireError::UnknownFunction { source, .. } => source.is_none(),
        WireError::NotCarried { .. } => true,
        WireError::EncodeCodec { .. } | WireError::DecodeCodec { .. } => find_cause::<DataFusionError>(error)
            .is_some_and(|cause| matches!(cause.find_root(), DataFusionError::NotImplemented(_))),
        _ => false,
    }
}

/// Turns another library's text back into the error that it was.
pub(super) fn inward(error: DataFusionError) -> DataFusionError {
    match error {
        DataFusionError::Ffi(text) => match text.strip_prefix(NOT_IMPLEMENTED) {
            Some(what) => DataFusionError::NotImplemented(what.to_owned()),
            None => DataFusionError::Ffi(text),
        },
        other => other,
    }
}

/// The error for a panic, which would end the process at the border of a library.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> DataFusionError {
    DataFusionError::Internal(format!("planwire panicked: {}", bounded(&panics::text(panic))))
}
