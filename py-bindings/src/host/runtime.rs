//! The tokio runtime of this process, and queries that Ctrl-C can interrupt.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use std::{mem, process};

use datafusion::error::Result;
use planwire_python::gate;
use planwire_registry::panics;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{AbortHandle, JoinError, JoinHandle, block_in_place};

use crate::host::call::Call;
use crate::host::{error, stack};

/// The longest that Ctrl-C goes unnoticed while a query runs.
const TICK: Duration = Duration::from_millis(100);

/// Stack of each thread of the runtime: DataFusion recurses once for each level of an expression, and
/// an overflow ends the process. It is reserved, and taken up only where it is used.
const STACK: usize = stack::LARGEST;

/// The runtime, with the process that its threads are in.
static RUNTIME: Mutex<Option<(u32, Runtime)>> = Mutex::new(None);

/// Runs a query to its end while other Python threads run too.
///
/// # Errors
///
/// An `ExecutionError`, also if DataFusion panics, or the exception of a signal handler, e.g.
/// `KeyboardInterrupt`; the query is then abandoned.
pub(crate) fn run<T, Q>(call: &Call<'_>, query: Q) -> PyResult<T>
where
    T: Send + 'static,
    Q: Future<Output = Result<T>> + Send + 'static,
{
    watch(call, query, |_| Ok(()))
}

/// Plans something that seldom has to wait: it begins on this thread, and goes on as [`run`] does where it waits.
///
/// What it runs, rather than plans, comes after a [`yield_now`](tokio::task::yield_now).
///
/// # Errors
///
/// As [`run`]; a signal is noticed where it waits.
pub(crate) fn plan<T, Q>(call: &Call<'_>, query: Q) -> PyResult<T>
where
    T: Send + 'static,
    Q: Future<Output = Result<T>> + Send + 'static,
{
    let (runtime, mut query) = (of_process()?, Box::pin(query));
    let mut begin = || {
        let _within = runtime.enter();
        match query.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome.map(Some),
            Poll::Pending => Ok(None),
        }
    };
    let begun = call.plan(|| stack::with_room_of_runtime(&mut begin))?;
    match begun {
        Some(planned) => Ok(planned),
        None => run(call, query),
    }
}

/// Runs a query to its end, and looks at it after each tick.
///
/// # Errors
///
/// As [`run`], or the exception that `look` raises; the query is then abandoned.
pub(crate) fn watch<T, Q>(
    call: &Call<'_>,
    query: Q,
    mut look: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<T>
where
    T: Send + 'static,
    Q: Future<Output = Result<T>> + Send + 'static,
{
    let mut task = of_process()?.spawn(query);
    let py = call.py();
    loop {
        // A function written in Python may run a query of its own, on a thread of the runtime; the
        // runtime has to be told that this thread is about to wait.
        let waited = call.wait(|| block_in_place(|| joined_within(TICK, &mut task)));
        if let Some(joined) = waited {
            return outcome(py, joined);
        }
        if let Err(raised) = py.check_signals().and_then(|()| look(py)) {
            task.abort();
            return Err(raised);
        }
    }
}

/// Waits on this thread until a task ends, or for `patience`.
///
/// The task wakes this thread itself: a task that waited for it would be a change of thread more.
fn joined_within<T>(
    patience: Duration,
    task: &mut JoinHandle<T>,
) -> Option<std::result::Result<T, JoinError>> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let end = Instant::now() + patience;
    loop {
        if let Poll::Ready(joined) = Pin::new(&mut *task).poll(&mut Context::from_waker(&waker)) {
            return Some(joined);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

/// Wakes a thread that is parked.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Starts a query, and has its outcome taken on a thread of the runtime, unless it is aborted.
///
/// # Errors
///
/// A `RuntimeError` if the interpreter is shutting down.
pub(crate) fn start<T, Q>(
    query: Q,
    take: impl FnOnce(Python<'_>, PyResult<T>) + Send + 'static,
) -> PyResult<AbortHandle>
where
    T: Send + 'static,
    Q: Future<Output = Result<T>> + Send + 'static,
{
    let runtime = of_process()?;
    let task = runtime.spawn(query);
    let abort = task.abort_handle();
    runtime.spawn(async move {
        match task.await {
            Err(failure) if failure.is_cancelled() => {}
            // Without an interpreter nobody waits for it.
            joined => drop(gate::attach(|py| take(py, outcome(py, joined)))),
        }
    });
    Ok(abort)
}

/// The runtime of this process, made anew after a fork, which leaves the threads of the old one behind.
///
/// # Errors
///
/// A `RuntimeError` if the interpreter is shutting down.
pub(crate) fn of_process() -> PyResult<Handle> {
    let mut current = current();
    let process = process::id();
    if let Some((owner, runtime)) = &*current
        && *owner == process
    {
        return Ok(runtime.handle().clone());
    }
    // Asked under the lock: `shut_down`, which takes it after closing, must not miss a new runtime.
    if gate::is_closed() {
        return Err(PyRuntimeError::new_err("the interpreter is shutting down"));
    }
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .thread_name("planwire")
        .thread_stack_size(STACK)
        .on_thread_start(|| {
            panics::mark_thread_caught();
            gate::is_of_runtime();
        })
        .build()
        .map_err(|failure| PyRuntimeError::new_err(format!("no threads for queries: {failure}")))?;
    let handle = runtime.handle().clone();
    // Dropping it would join threads that are not there.
    mem::forget(current.replace((process, runtime)));
    Ok(handle)
}

/// Stops the threads of the runtime, each after its current step.
pub(crate) fn shut_down(patience: Duration) {
    match current().take() {
        Some((owner, runtime)) if owner == process::id() => runtime.shutdown_timeout(patience),
        other => mem::forget(other),
    }
}

/// Locked by attached threads, none of which detaches meanwhile, so that no fork from Python copies it
/// locked; and at exit, after which there is no fork.
fn current() -> MutexGuard<'static, Option<(u32, Runtime)>> {
    RUNTIME.lock().unwrap_or_else(PoisonError::into_inner)
}

fn outcome<T>(py: Python<'_>, joined: std::result::Result<Result<T>, JoinError>) -> PyResult<T> {
    match joined.map_err(JoinError::try_into_panic) {
        Ok(outcome) => outcome.map_err(|failure| error::from_datafusion(py, &failure)),
        Err(Ok(panic)) => Err(error::from_panic(py, &*panic)),
        // A query that is aborted has no caller any more.
        Err(Err(_cancelled)) => {
            Err(PyRuntimeError::new_err("the query was dropped: the interpreter is shutting down"))
        }
    }
}
