//! Errors of functions written in Python, and attaching to the interpreter, which gives such an error on
//! failure.

use std::error::Error;
use std::fmt;
use std::sync::OnceLock;

use datafusion::error::DataFusionError;
use planwire_registry::error::{Failure, OneLine, Shown, find_cause};
use planwire_registry::{Kind, panics};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::call::figures;
use crate::interpreter::gate;

/// The error of a Python function that failed, because it raised or because this process has no interpreter.
///
/// Inside a [`DataFusionError`] it is the external error at the end of the chain.
pub struct PythonError {
    function: String,
    summary: String,
    exception: Option<PyErr>,
}

/// The size limit of an exception's own text in a message, in bytes.
const LONGEST_SUMMARY: usize = 1024;

/// Attaches to the interpreter for a function that is `doing` something, e.g. `running`.
///
/// # Errors
///
/// The exception that `work` raises; or an error that there is no interpreter, because the host never started
/// one or because it is shutting down.
pub(crate) fn attached<T>(
    kind: Kind,
    name: &str,
    doing: &str,
    work: impl FnOnce(Python<'_>) -> PyResult<T>,
) -> Result<T, PythonError> {
    let function = || format!("{doing} {kind} {}", Shown(name));
    let failed = |summary| Err(PythonError { function: function(), summary, exception: None });
    // A panic that passed through Python leaves Python as a panic again, and another library that called the
    // function could not let it through.
    match gate::attach(|py| {
        panics::catch(|| gate::interruptible(py, || figures::measured(name, || work(py))))
    }) {
        Some(Ok(outcome)) => outcome.map_err(|exception| PythonError::raised(function(), exception)),
        Some(Err(panic)) => failed(format!("panicked: {}", summary(panics::text(&*panic)))),
        None if gate::is_closed() => failed("the Python interpreter is shutting down".to_owned()),
        None => failed("no Python interpreter is running in this process".to_owned()),
    }
}

/// Shortens and escapes a text from outside, as our errors repeat it.
pub(crate) fn summary(text: impl fmt::Display) -> String {
    OneLine::new(text, LONGEST_SUMMARY).to_string()
}

/// The exception for something of Arrow's or DataFusion's that went wrong while a function was made or run.
pub(crate) fn value_error(error: impl fmt::Display) -> PyErr {
    PyValueError::new_err(summary(error))
}

impl PythonError {
    fn raised(function: String, exception: PyErr) -> Self {
        Self { function, summary: summary(&exception), exception: Some(exception) }
    }

    /// The exception as Python raised it, with its traceback.
    #[must_use]
    pub const fn exception(&self) -> Option<&PyErr> {
        self.exception.as_ref()
    }

    /// Finds the exception that caused `error`, however deep DataFusion has wrapped it.
    #[must_use]
    pub fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        find_cause(error)
    }
}

impl fmt::Debug for PythonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Leaves the exception out: its text has to be asked of the interpreter, and a logger of the error
        // would wait for the interpreter.
        f.debug_struct("PythonError")
            .field("function", &self.function)
            .field("summary", &self.summary)
            .finish()
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
        passed_on(Self::External(Box::new(error)))
    }
}

/// What describes failures to other processes.
type Describe = Box<dyn Fn(&DataFusionError) -> Failure + Send + Sync>;

static DESCRIBE: OnceLock<Describe> = OnceLock::new();

/// Has the failures of functions leave DataFusion as [`Failure`]s from now on, for a process of an engine that
/// passes nothing but text on to the others. The first description stays.
pub fn pass_on_failures(describe: impl Fn(&DataFusionError) -> Failure + Send + Sync + 'static) {
    DESCRIBE.get_or_init(|| Box::new(describe));
}

/// The failure of a function as DataFusion gets it.
pub(crate) fn passed_on(error: DataFusionError) -> DataFusionError {
    match DESCRIBE.get() {
        Some(describe) => describe(&error).into(),
        None => error,
    }
}
