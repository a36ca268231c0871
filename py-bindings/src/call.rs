//! Calls from Python into DataFusion: detached while they work, free of panics, gone before Python is.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use datafusion::error::Result;
use planwire_registry::{WireError, panics};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::IntoPyDict;

use crate::{deep, error, runtime};

/// A call that is being answered.
///
/// CPython ends a thread that asks for the interpreter after it has shut down, and a thread cannot
/// be ended below Rust frames without aborting the process. So calls are counted, the exit of the
/// interpreter waits for those that are attached, and the others never attach again.
pub(crate) struct Call<'py> {
    py: Python<'py>,
}

/// How many calls hold the interpreter or are about to.
///
/// Not behind a lock, because detached threads change it and a fork could copy the lock locked.
static ATTACHED: AtomicUsize = AtomicUsize::new(0);

/// Whether the interpreter exits. Set before `ATTACHED` is read, and read after that is raised.
static CLOSED: AtomicBool = AtomicBool::new(false);

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
        if !enter() {
            py.detach(|| halt());
        }
        Ok(Self { py })
    }

    /// Runs code that is written in Python, below which the interpreter must not end the thread.
    ///
    /// # Errors
    ///
    /// What the code raises, or a `RuntimeError` if the interpreter is shutting down.
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
        match self.py.detach(|| deep::with_room_for_any(|| panics::catch(work))) {
            Ok(outcome) => outcome.map_err(|failure| error::from_datafusion(self.py, &failure)),
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
        self.py.detach(work)
    }

    /// Waits for something while other Python threads run too, however long it takes.
    pub(crate) fn wait<T: Send>(&self, wait: impl FnOnce() -> T + Send) -> T {
        self.py.detach(|| {
            leave();
            let waited = wait();
            if enter() { waited } else { halt() }
        })
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        leave();
    }
}

/// Whether the interpreter exits, so that nothing may be started that outlives the call.
pub(crate) fn is_closed() -> bool {
    CLOSED.load(SeqCst)
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

/// Ends every call before the interpreter ends.
#[pyfunction]
fn close(py: Python<'_>) {
    CLOSES.set(true);
    CLOSED.store(true, SeqCst);
    py.detach(|| {
        runtime::shut_down(PATIENCE);
        let end = Instant::now() + PATIENCE;
        let quiet = if SHARED.load(SeqCst) { QUIET } else { Duration::ZERO };
        let mut last = Instant::now();
        while (ATTACHED.load(SeqCst) > 0 || last.elapsed() < quiet) && Instant::now() < end {
            if ATTACHED.load(SeqCst) > 0 {
                last = Instant::now();
            }
            thread::sleep(Duration::from_millis(1));
        }
    });
}

/// Forgets the calls of the parent process, whose threads a fork leaves behind.
#[pyfunction]
fn forget() {
    ATTACHED.store(0, SeqCst);
}

/// Counts this thread as attached, unless the interpreter exits.
fn enter() -> bool {
    if !IMPORTED.get() {
        SHARED.store(true, SeqCst);
    }
    ATTACHED.fetch_add(1, SeqCst);
    let open = !is_closed();
    if !open {
        leave();
    }
    open
}

/// Counts this thread as gone, unless it has been forgotten since.
fn leave() {
    let _ = ATTACHED.fetch_update(SeqCst, SeqCst, |attached| attached.checked_sub(1));
}

/// Stops a detached thread for what is left of the process.
fn halt() -> ! {
    loop {
        thread::park();
    }
}
