//! What fails in a task: its text is the one that it has at home, and it says on which executor.

use std::io::{self, ErrorKind};

use ballista_core::error::BallistaError;
use datafusion::error::DataFusionError;
use planwire_registry::error::{Failure, OneLine, WireError, find_cause};

use crate::QUERY_FAILED;

/// The size limit, in bytes, of an error's text.
const LONGEST: usize = 8 * 1024;

/// The failure of a task at a place, unless it has one already or the scheduler has to know its kind.
pub(crate) fn named(error: DataFusionError, place: &str) -> DataFusionError {
    let disk = fault_of_files(&error).filter(|fault| is_full(fault.kind()));
    if disk.is_none() && is_for_scheduler(&error) || Failure::find(&error.to_string()).is_some() {
        return error;
    }
    if let Some(wire) = WireError::find(&error) {
        return Failure::of(wire, place).into();
    }
    let (message, help) = match disk {
        Some(disk) => (
            format!("an executor has no room on its disk for the rows of a query: {disk}"),
            "make room where the executor has its working directory or where the query writes, or have fewer rows \
             cross between stages",
        ),
        None => (
            OneLine::new(&error, LONGEST).to_string(),
            "the text is DataFusion's own: compare the query with the tables and functions of the session",
        ),
    };
    let (code, help, place) = (QUERY_FAILED.to_owned(), help.to_owned(), place.to_owned());
    Failure { message, code, help, place, cause: Vec::new() }.into()
}

/// Whether Ballista does something about it, such as running another task again whose rows are gone.
fn is_for_scheduler(error: &DataFusionError) -> bool {
    match (error.find_root(), find_cause::<BallistaError>(error)) {
        (DataFusionError::IoError(_), _) => true,
        (_, Some(BallistaError::DataFusionError(inner))) => is_for_scheduler(inner),
        (_, Some(BallistaError::FetchFailed(..) | BallistaError::IoError(_) | BallistaError::Cancelled)) => {
            true
        }
        _ => false,
    }
}

/// What the system says of a file. Ballista's errors do not tell their causes.
fn fault_of_files(error: &DataFusionError) -> Option<&io::Error> {
    match find_cause::<BallistaError>(error) {
        Some(BallistaError::IoError(fault)) => Some(fault),
        Some(BallistaError::ArrowError(inner)) => find_cause(inner.as_ref()),
        Some(BallistaError::DataFusionError(inner)) => fault_of_files(inner),
        _ => find_cause(error),
    }
}

fn is_full(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}
