//! Errors of the codecs and of DataFusion, as the exceptions of `planwire.errors`.

use std::ffi::CString;
use std::fmt::{self, Write as _};

use datafusion::error::DataFusionError;
use planwire_python::PythonError;
use planwire_registry::error::{Escaped, OneLine};
use planwire_registry::{WireError, panics};
use pyo3::exceptions::{PyException, PyImportError, PyMemoryError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The code of a query that DataFusion could not plan or run.
const QUERY_FAILED: &str = "PW-X001";
/// The code of a query in which a function written in Python raised.
const FUNCTION_RAISED: &str = "PW-X002";
/// The code of a query over which DataFusion panicked.
const QUERY_PANICKED: &str = "PW-X003";
/// The code of something that was had from DataFusion and that pyarrow does not take.
const NOT_TAKEN: &str = "PW-X004";

/// The code of a session that holds something that no message carries.
const SESSION_STAYS: &str = "PW-E006";
/// The code of bytes that are no message, of which a pickle from elsewhere is one.
const NOT_A_MESSAGE: &str = "PW-D013";
/// The code of bytes that are nothing that could be decoded.
const NOTHING_KNOWN: &str = "PW-D019";

/// The code of an option of a pickled query that cannot hold here.
const OPTION_NOT_HERE: &str = "PW-D022";

/// The size limit of an error's repeated text, in bytes: DataFusion's can double with each level of
/// a nested expression.
const LONGEST_MESSAGE: usize = 8 * 1024;

/// Line breaks in DataFusion's own errors, and their replacements on one line.
const BREAKS: [(&str, &str); 4] = [
    ("\ncaused by\n", " caused by "),
    (".\nThis issue was", ". This issue was"),
    (".\nDid you mean", ". Did you mean"),
    ("\n\t", " "),
];

/// An exception of `planwire.errors` that has yet to be made; its message may repeat anything.
pub(crate) struct Raise<'a> {
    pub(crate) class: &'static str,
    pub(crate) code: &'static str,
    pub(crate) message: &'a dyn fmt::Display,
    pub(crate) help: &'a str,
    pub(crate) cause: Option<PyErr>,
}

impl Raise<'_> {
    /// Makes the exception; failing to make it is an exception too.
    pub(crate) fn raise(self, py: Python<'_>) -> PyErr {
        let Self { class, code, message, help, cause } = self;
        let text = format!("{} (docs/errors.md#{})", bounded(message), code.to_ascii_lowercase());
        let make = || {
            let options = PyDict::new(py);
            options.set_item("code", code)?;
            options.set_item("note", help)?;
            py.import("planwire.errors")?.getattr(class)?.call((text,), Some(&options))
        };
        match make() {
            Ok(exception) => {
                let exception = PyErr::from_value(exception);
                exception.set_cause(py, cause);
                exception
            }
            Err(error) => error,
        }
    }
}

/// The exception for a message that was not encoded or decoded.
pub(crate) fn from_wire(py: Python<'_>, error: &WireError) -> PyErr {
    let cause = cause_of(py, error);
    let stays = cause.as_ref().and_then(|cause| what_stays(py, cause));
    let told = stays.map_or_else(|| error.to_string(), |stays| format!("{error}: {stays}"));
    Raise { class: wire_class(error), code: error.code(), message: &told, help: error.help(), cause }
        .raise(py)
}

/// The object that a pickler's exception names and no other process has, with the remedy.
fn what_stays(py: Python<'_>, cause: &PyErr) -> Option<String> {
    cause.value(py).getattr("stays").ok()?.extract().ok()
}

/// Warns about payloads that were accepted.
///
/// # Errors
///
/// The warning itself, where the process's filters make an exception of it.
pub(crate) fn warn(py: Python<'_>, remark: &WireError) -> PyResult<()> {
    let text = format!("{} ({})", bounded(remark), remark.page());
    let class = py.import("planwire.errors")?.getattr("PlanwireWarning")?;
    let text = CString::new(text)?;
    PyErr::warn(py, &class, &text, 1)
}

/// The exception for a query that was not planned or did not run to its end.
pub(crate) fn from_datafusion(py: Python<'_>, error: &DataFusionError) -> PyErr {
    failed(py, error, "ExecutionError")
}

/// The exception for a text that is no query of the session.
pub(crate) fn from_query(py: Python<'_>, error: &DataFusionError) -> PyErr {
    failed(py, error, "InvalidQuery")
}

/// The exception for a failure of DataFusion's, of which one that nothing else explains has a class.
fn failed(py: Python<'_>, error: &DataFusionError, class: &'static str) -> PyErr {
    if let Some(wire) = WireError::find(error) {
        return from_wire(py, wire);
    }
    let raised = PythonError::find(error);
    if let Some(exception) = raised.and_then(PythonError::exception)
        && !exception.is_instance_of::<PyException>(py)
    {
        // `SystemExit` and `KeyboardInterrupt` are to end the program, so they are not wrapped in
        // what `except Exception` catches.
        return exception.clone_ref(py);
    }
    let (class, code, message, help): (_, _, &dyn fmt::Display, _) = match raised {
        Some(raised) => (
            "ExecutionError",
            FUNCTION_RAISED,
            raised,
            "the cause says where the function raised; the session can still be used",
        ),
        None => (
            class,
            QUERY_FAILED,
            error,
            "the text is DataFusion's own: compare the query with the tables and functions of the session",
        ),
    };
    let cause = raised.and_then(|raised| Some(raised.exception()?.clone_ref(py)));
    Raise { class, code, message, help, cause }.raise(py)
}

/// The exception for a session that cannot be pickled because of `what` it holds.
pub(crate) fn session_stays(py: Python<'_>, what: &fmt::Arguments<'_>) -> PyErr {
    Raise {
        class: "EncodeError",
        code: SESSION_STAYS,
        message: &format_args!("the session cannot be pickled: {what}"),
        help: "make a session on the receiver and give it what cannot travel there",
        cause: None,
    }
    .raise(py)
}

/// The exception for a query that cannot be pickled because of its session.
pub(crate) fn query_stays(py: Python<'_>, what: &fmt::Arguments<'_>) -> PyErr {
    Raise {
        class: "EncodeError",
        code: SESSION_STAYS,
        message: &format_args!("the query cannot be pickled: {what}"),
        help: "set the option, or make the query in a session that has a value for it",
        cause: None,
    }
    .raise(py)
}

/// The exception for an option of a pickled query that cannot hold here.
pub(crate) fn option(py: Python<'_>, name: &str, fault: &dyn fmt::Display) -> PyErr {
    Raise {
        class: "DecodeError",
        code: OPTION_NOT_HERE,
        message: &format_args!("the query was made under the option {}: {fault}", Escaped(name)),
        help: "run the same release of planwire on both sides, or make the query without the option",
        cause: None,
    }
    .raise(py)
}

/// The exception for an option of a session that was sent, which cannot hold here.
pub(crate) fn session_option(py: Python<'_>, name: &str, fault: &dyn fmt::Display) -> PyErr {
    Raise {
        class: "DecodeError",
        code: OPTION_NOT_HERE,
        message: &format_args!("the session was made under the option {}: {fault}", Escaped(name)),
        help: "run the same release of planwire on both sides, and make the directories of temporary files \
               on both, or give the receiver's session a `RuntimeEnvBuilder` that says where they go",
        cause: None,
    }
    .raise(py)
}

/// The exception for a pickle where a message was wanted.
pub(crate) fn pickled(py: Python<'_>) -> PyErr {
    Raise {
        class: "MalformedFrame",
        code: NOTHING_KNOWN,
        message: &"the bytes are a pickle, not a message, and are not unpickled to see what is in it",
        help: "`python -m planwire inspect FILE` finds the messages within a pickle without unpickling it; \
               `to_bytes` makes a message, and `pickle.dumps` a pickle that holds it",
        cause: None,
    }
    .raise(py)
}

/// The exception for a pickle that does not hold a session of this release.
pub(crate) fn not_a_session(py: Python<'_>, cause: PyErr) -> PyErr {
    Raise {
        class: "MalformedFrame",
        code: NOT_A_MESSAGE,
        message: &"the pickle does not hold a session as this release writes it",
        help: "run the same release of planwire on both sides",
        cause: Some(cause),
    }
    .raise(py)
}

/// The exception for a panic, which Python code could not catch as an `Exception` otherwise.
pub(crate) fn from_panic(py: Python<'_>, panic: &(dyn std::any::Any + Send)) -> PyErr {
    Raise {
        class: "ExecutionError",
        code: QUERY_PANICKED,
        message: &format_args!("DataFusion panicked: {}", panics::text(panic)),
        help: "this is a bug in DataFusion or in planwire: the session can still be used",
        cause: None,
    }
    .raise(py)
}

/// The result of handing something to pyarrow.
///
/// # Errors
///
/// An `ExecutionError` if pyarrow refuses it.
pub(crate) fn taken<T>(py: Python<'_>, outcome: PyResult<T>) -> PyResult<T> {
    outcome.map_err(|error| not_taken(py, error))
}

/// The exception for something that pyarrow does not take, such as a column with a zero byte in its name.
/// Without pyarrow's own as the cause: its text repeats such names as they are.
fn not_taken(py: Python<'_>, error: PyErr) -> PyErr {
    if !error.is_instance_of::<PyException>(py)
        || error.is_instance_of::<PyImportError>(py)
        || error.is_instance_of::<PyMemoryError>(py)
    {
        return error;
    }
    Raise {
        class: "ExecutionError",
        code: NOT_TAKEN,
        message: &format_args!("pyarrow does not take it: {error}"),
        help: "DataFusion holds names and values that pyarrow has no room for: rename or cast them in the query",
        cause: None,
    }
    .raise(py)
}

fn wire_class(error: &WireError) -> &'static str {
    match error {
        WireError::Encode { .. }
        | WireError::EncodeRefused { .. }
        | WireError::EncodeCodec { .. }
        | WireError::NotCarried { .. }
        | WireError::EncodeMessage { .. }
        | WireError::EncodeFamilyPanicked { .. }
        | WireError::Lost { .. }
        | WireError::EncodeLimit { .. }
        | WireError::EncodePanicked { .. } => "EncodeError",
        WireError::Malformed { .. }
        | WireError::WrongKind { .. }
        | WireError::NotAMessage { .. }
        | WireError::NotAParcel { .. }
        | WireError::Unrecognized { .. }
        | WireError::NameMismatch { .. }
        | WireError::Panicked { .. } => "MalformedFrame",
        WireError::Version { .. } | WireError::Stamp { .. } => "VersionMismatch",
        WireError::Refused { .. } | WireError::RefusedByFloor { .. } => "InlineRefused",
        WireError::PolicyRefused { .. } | WireError::Writes { .. } => "PolicyRefused",
        WireError::LimitExceeded { .. } => "LimitExceeded",
        WireError::UnknownFamily { .. } | WireError::Unopened { .. } => "UnknownFamily",
        WireError::UnknownFunction { .. } => "UnknownFunction",
        _ => "DecodeError",
    }
}

/// The Python exception that caused a wire error, or the text of another cause.
fn cause_of(py: Python<'_>, error: &WireError) -> Option<PyErr> {
    if let Some(raised) = PythonError::find(error) {
        return raised.exception().map(|exception| exception.clone_ref(py));
    }
    let source = std::error::Error::source(error)?;
    Some(PyRuntimeError::new_err(bounded(source)))
}

/// The text of an error, on one line, escaped, and cut off where it gets too long to be read.
pub(crate) fn bounded(error: &(impl fmt::Display + ?Sized)) -> String {
    let mut text = Bounded(String::new());
    if write!(text, "{error}").is_err() {
        text.0.push('…');
    }
    let joined = BREAKS.iter().fold(text.0, |text, (lines, line)| text.replace(lines, line));
    OneLine::new(joined, LONGEST_MESSAGE).to_string()
}

/// Stops the formatting itself, so that a text of many megabytes is never written.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = LONGEST_MESSAGE.saturating_sub(self.0.len());
        match text.get(..text.floor_char_boundary(room)) {
            Some(fitting) if fitting.len() < text.len() => {
                self.0.push_str(fitting);
                Err(fmt::Error)
            }
            _ => {
                self.0.push_str(text);
                Ok(())
            }
        }
    }
}
