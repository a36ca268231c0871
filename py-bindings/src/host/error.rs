//! Errors of the codecs and of DataFusion, as the exceptions of `planwire.errors`.

mod bounded;

pub(crate) use bounded::bounded;

use std::ffi::CString;
use std::fmt;

use datafusion::error::DataFusionError;
use planwire_python::{PythonError, gate};
use planwire_registry::error::{Escaped, Failure, find_cause, page};
use planwire_registry::{WireError, panics};
use pyo3::exceptions::{PyException, PyImportError, PyMemoryError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// The code of a query that DataFusion could not plan or run.
const QUERY_FAILED: &str = "PW-X001";
/// The code of a query in which a function written in Python raised.
const FUNCTION_RAISED: &str = "PW-X002";
/// The remedy for it.
const LOOK_AT_CAUSE: &str = "the cause says where the function raised; the session can still be used";
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

/// An exception of `planwire.errors` that has yet to be made; its message may repeat anything.
pub(crate) struct Raise<'a> {
    pub(crate) class: &'static str,
    pub(crate) code: &'a str,
    pub(crate) message: &'a dyn fmt::Display,
    pub(crate) help: &'a str,
    pub(crate) cause: Option<PyErr>,
}

impl Raise<'_> {
    /// Makes the exception; failing to make it is an exception too.
    pub(crate) fn raise(self, py: Python<'_>) -> PyErr {
        let Self { class, code, message, help, cause } = self;
        let text = format!("{} ({})", bounded(message), page(code));
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
    Raise { class: class_of(error.code()), code: error.code(), message: &told, help: error.help(), cause }
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
    if let Some(failure) = find_cause::<Failure>(error) {
        return from_failure(py, failure);
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
        Some(raised) => ("ExecutionError", FUNCTION_RAISED, raised, LOOK_AT_CAUSE),
        None => (class, QUERY_FAILED, error, remedy(error)),
    };
    let cause = raised.and_then(|raised| Some(raised.exception()?.clone_ref(py)));
    Raise { class, code, message, help, cause }.raise(py)
}

/// The remedy for an error of DataFusion's.
fn remedy(error: &DataFusionError) -> &'static str {
    if bounded(error).contains("Invalid function '") {
        "a function of your own is known to SQL once it is registered: register_udf, register_udaf, register_udwf"
    } else {
        "the text is DataFusion's own: compare the query with the tables and functions of the session"
    }
}

/// The exception for a failure of another process.
fn from_failure(py: Python<'_>, failure: &Failure) -> PyErr {
    let Failure { message, code, help, place, cause } = failure;
    let unpacked = py
        .import("planwire._cluster.failures")
        .and_then(|failures| failures.call_method1("unpack", (PyBytes::new(py, cause), place)));
    let cause = match unpacked {
        Ok(exception) => (!exception.is_none()).then(|| PyErr::from_value(exception)),
        Err(error) => return error,
    };
    let message = &match place.as_str() {
        "" => message.clone(),
        place => format!("{message}, in {place}"),
    };
    // Only a code has its own page.
    let is_code = code.len() < 16 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let code = if is_code { code } else { QUERY_FAILED };
    Raise { class: class_of(code), code, message, help: &bounded(help), cause }.raise(py)
}

/// Describes a failure of a function to the other processes of a cluster, of which this one is called `place`.
pub(crate) fn described(error: &DataFusionError, place: &str) -> Failure {
    let raised = PythonError::find(error);
    let failure = match (WireError::find(error), raised) {
        (Some(wire), _) => Failure::of(wire, place),
        (None, raised) => Failure {
            message: raised.map_or_else(|| bounded(error), bounded),
            code: FUNCTION_RAISED.to_owned(),
            help: LOOK_AT_CAUSE.to_owned(),
            place: place.to_owned(),
            ..Failure::default()
        },
    };
    let packed = gate::attach(|py| {
        let exception = raised.and_then(PythonError::exception).map(|exception| exception.value(py));
        py.import("planwire._cluster.failures")?.call_method1("pack", (exception,))?.extract::<Vec<u8>>()
    });
    // Without an interpreter, or without room for it, the message alone has to do.
    Failure { cause: packed.and_then(Result::ok).unwrap_or_default(), ..failure }
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

/// The class of the exception with a code of the error index.
fn class_of(code: &str) -> &'static str {
    match code {
        "PW-D001" | "PW-D004" | "PW-D011" | "PW-D013" | "PW-D014" | "PW-D019" | "PW-D023" => "MalformedFrame",
        "PW-D002" | "PW-D003" => "VersionMismatch",
        "PW-D005" | "PW-D016" => "InlineRefused",
        "PW-D006" | "PW-G005" => "PolicyRefused",
        "PW-D007" | "PW-D025" => "UnknownFamily",
        "PW-D008" => "UnknownFunction",
        "PW-D017" => "LimitExceeded",
        _ if code.starts_with("PW-E") => "EncodeError",
        _ if code.starts_with("PW-D") => "DecodeError",
        _ => "ExecutionError",
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
