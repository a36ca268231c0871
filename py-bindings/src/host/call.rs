//! Calls from Python into DataFusion: detached while they work, free of panics, gone before Python is.

use std::cell::Cell;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::Duration;

use datafusion::error::Result;
use planwire_python::gate::{self, Entry};
use planwire_registry::{WireError, panics};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::IntoPyDict;

use crate::host::{error, runtime, stack};

/// A call that is being answered.
///
/// It has entered by the [`gate`], for which the exit of the interpreter waits, unless the call waits
/// itself; a call that comes or comes back once the gate has closed never attaches again.
pub(crate) struct Call<'py> {
    py: Python<'py>,
    _entry: Entry,
}

/// Whether a thread has made calls other than the one that imported the package.
static SHARED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether this is the thread on which the interpreter exits.
    static CLOSES: Cell<bool> = const { Cell::new(false) };
    /// Whether this is the thread that imported the package.
    static IMPORTED: Cell<bool> = const { Cell::new(false) };
}

/// How long exiting waits for a Python function that does not return.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long there has to be no call before the interpreter goes on to exit, where threads have made calls:
/// what they do between two calls, such as collecting garbage below a Rust frame, is not counted, and its
/// end is the next call, which halts them.
const QUIET: Duration = Duration::from_millis(100);

impl<'py> Call<'py> {
    /// Begins a call.
    ///
    /// # Errors
    ///
    /// A `RuntimeError` if the interpreter is shutting down.
    pub(crate) fn begin(py: Python<'py>) -> PyResult<Self> {
        if CLOSES.get() {
            return Err(PyRuntimeError::new_err("the interpreter is shutting down"));
        }
        if !IMPORTED.get() {
            SHARED.store(true, SeqCst);
        }
        match gate::enter() {
            Some(entry) => Ok(Self { py, _entry: entry }),
            None => halt(py),
        }
    }

    /// Runs code that is written in Python, below which the interpreter must not end the thread.
    ///
    /// # Errors
    ///
    /// The exception of the code, or a `RuntimeError` if the interpreter is shutting down.
    pub(crate) fn python<T>(py: Python<'py>, run: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
        let _counted = Self::begin(py)?;
        run()
    }

    /// The interpreter, which this call holds.
    pub(crate) const fn py(&self) -> Python<'py> {
        self.py
    }

    /// Plans something while other Python threads run too.
    ///
    /// # Errors
    ///
    /// An `ExecutionError`, also if DataFusion panics.
    pub(crate) fn plan<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
        match self.py.detach(|| stack::with_room_for_any(|| panics::catch(work))) {
            Ok(outcome) => self.told(outcome).map_err(|failure| error::from_datafusion(self.py, &failure)),
            Err(panic) => Err(error::from_panic(self.py, &*panic)),
        }
    }

    /// Encodes or decodes something while other Python threads run too.
    ///
    /// # Errors
    ///
    /// The codecs' own; they turn DataFusion's panics into one.
    pub(crate) fn convert<T: Send>(
        &self,
        work: impl FnOnce() -> std::result::Result<T, WireError> + Send,
    ) -> std::result::Result<T, WireError> {
        self.told(self.py.detach(work))
    }

    /// Waits for something while other Python threads run too, however long it takes.
    pub(crate) fn wait<T: Send>(&self, wait: impl FnOnce() -> T + Send) -> T {
        self.py.detach(|| gate::outside(wait).unwrap_or_else(|| park()))
    }

    /// The result of a call, unless the exiting interpreter has interrupted it, which must not be printed.
    fn told<T, E>(&self, outcome: std::result::Result<T, E>) -> std::result::Result<T, E> {
        if outcome.is_err() && gate::is_closed() { halt(self.py) } else { outcome }
    }
}

/// Has Python say when the interpreter exits, and when a process is forked.
///
/// # Errors
///
/// Whatever `atexit` or `os` raises.
pub(crate) fn hook(py: Python<'_>) -> PyResult<()> {
    IMPORTED.set(true);
    py.import("atexit")?.call_method1("register", (wrap_pyfunction!(close, py)?,))?;
    // Not on Windows, where there is no fork either.
    if let Some(register) = py.import("os")?.getattr_opt("register_at_fork")? {
        let options = [("after_in_child", wrap_pyfunction!(forget, py)?)].into_py_dict(py)?;
        register.call((), Some(&options))?;
    }
    Ok(())
}

/// Ends every call and every function before the interpreter ends.
#[pyfunction]
fn close(py: Python<'_>) {
    CLOSES.set(true);
    let quiet = if SHARED.load(SeqCst) { QUIET } else { Duration::ZERO };
    gate::close(py, quiet, PATIENCE);
    // Its threads do not come back to Python any more, and some are stopped for good.
    py.detach(|| runtime::shut_down(QUIET));
}

/// Forgets the calls of the parent process, whose threads a fork leaves behind.
#[pyfunction]
fn forget() {
    gate::forget_others();
}

/// Stops an attached thread for the rest of the process.
fn halt(py: Python<'_>) -> ! {
    py.detach(|| gate::outside(|| -> () { park() }));
    park()
}

/// Stops a detached thread for the rest of the process.
fn park() -> ! {
    loop {
        thread::park();
    }
}
