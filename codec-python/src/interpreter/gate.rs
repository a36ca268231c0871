//! The gate between Rust and the interpreter: it counts the threads inside, and closes before the interpreter
//! ends.
//!
//! CPython before 3.14 ends a thread that asks for the interpreter after the interpreter has shut down, and a
//! thread below Rust frames cannot be ended without aborting the process. So no thread enters once the gate
//! has closed, the exit of the interpreter waits for the threads inside, and functions that run long are
//! interrupted. For functions that do not end even then, see `called.rs`.

use std::cell::Cell;
use std::ffi::c_long;
use std::marker::PhantomData;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{process, ptr, thread};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use tokio::task::block_in_place;

use crate::interpreter::pinned;

/// The number of entries by threads that hold the interpreter or are about to.
///
/// Not behind a lock, because detached threads change it and a fork could copy the lock locked.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

/// Whether the interpreter is exiting. It is set before `INSIDE` is read, and read after `INSIDE` is raised.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// The functions that run in all threads.
///
/// Only attached threads lock it, and none of them detaches meanwhile, so that no fork from Python copies it
/// locked.
static RUNNING: Mutex<Vec<Running>> = Mutex::new(Vec::new());

thread_local! {
    /// The number of entries by this thread.
    static ENTERED: Cell<usize> = const { Cell::new(0) };
    /// Whether this thread belongs to a runtime that has to be told before the thread waits.
    static OF_RUNTIME: Cell<bool> = const { Cell::new(false) };
}

/// The time that functions have to end by themselves, once the gate has closed.
const GRACE: Duration = Duration::from_millis(100);

/// The time that an interrupted function has to clean up before it is interrupted again.
const AGAIN: Duration = Duration::from_millis(500);

/// A thread's permission to hold the interpreter, until it is dropped.
pub struct Entry {
    // It counts for this thread.
    _of_this_thread: PhantomData<*const ()>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        ENTERED.set(ENTERED.get().saturating_sub(1));
        leave(1);
    }
}

/// Lets this thread in, unless the gate has closed.
#[must_use]
pub fn enter() -> Option<Entry> {
    INSIDE.fetch_add(1, SeqCst);
    if is_closed() {
        leave(1);
        return None;
    }
    ENTERED.set(ENTERED.get() + 1);
    Some(Entry { _of_this_thread: PhantomData })
}

/// Runs work that needs no interpreter, and counts this detached thread as outside however often it entered.
///
/// Returns `None` if the gate has closed meanwhile: the thread must then never attach again.
pub fn outside<T>(work: impl FnOnce() -> T) -> Option<T> {
    let entered = ENTERED.get();
    leave(entered);
    let done = work();
    INSIDE.fetch_add(entered, SeqCst);
    if is_closed() {
        leave(entered);
        return None;
    }
    Some(done)
}

/// Attaches to the interpreter, unless there is none or the gate has closed.
///
/// A thread that is inside already goes on, because the exit waits for it anyway.
pub fn attach<T>(work: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    let _entry = if ENTERED.get() > 0 { None } else { Some(enter()?) };
    let attach = || pinned::attach(work);
    // Code written in Python may take long, and so may getting hold of the interpreter. Tasks that wait for
    // this thread, and that no other thread would take over, move to another thread.
    if OF_RUNTIME.get() { block_in_place(attach) } else { attach() }
}

/// Says that this thread belongs to a multi-threaded runtime of tokio's, so that [`attach`] may block it.
pub fn is_of_runtime() {
    OF_RUNTIME.set(true);
}

/// Whether the gate has closed, so that nothing may be started that outlives a call.
pub fn is_closed() -> bool {
    CLOSED.load(SeqCst)
}

/// Closes the gate, and waits until nobody has been inside for as long as `quiet`.
///
/// Functions that run longer than a moment are interrupted by a `SystemExit`. Time in which other threads
/// hold the interpreter does not count as `patience`, because they cannot be interrupted meanwhile.
pub fn close(py: Python<'_>, quiet: Duration, patience: Duration) {
    CLOSED.store(true, SeqCst);
    let (mut waited, mut round, mut last) = (Duration::ZERO, GRACE, Instant::now());
    while waited < patience {
        if py.detach(|| is_deserted(&mut last, quiet, round)) {
            return;
        }
        interrupt(py);
        waited += round;
        round = AGAIN;
    }
}

/// Forgets the threads of the parent process, which a fork leaves behind.
pub fn forget_others() {
    INSIDE.store(ENTERED.get(), SeqCst);
}

/// Whether, within a round, a time as long as `quiet` passes since a thread was inside at `last`.
fn is_deserted(last: &mut Instant, quiet: Duration, round: Duration) -> bool {
    let end = Instant::now() + round;
    while Instant::now() < end {
        if INSIDE.load(SeqCst) > 0 {
            *last = Instant::now();
        } else if last.elapsed() >= quiet {
            return true;
        }
        thread::sleep(Duration::from_millis(1));
    }
    false
}

/// Takes entries off the count, unless a fork has forgotten them since.
fn leave(times: usize) {
    let _ = INSIDE.fetch_update(SeqCst, SeqCst, |inside| Some(inside.saturating_sub(times)));
}

/// A function that runs.
struct Running {
    number: u64,
    process: u32,
    thread: c_long,
    is_interrupted: bool,
}

/// Runs a function that is interrupted when the interpreter exits.
pub(crate) fn interruptible<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    let _registered = Registered::new(py)?;
    work()
}

/// A function's place among those that run, until it is dropped.
struct Registered<'py> {
    py: Python<'py>,
    number: u64,
}

impl<'py> Registered<'py> {
    fn new(py: Python<'py>) -> PyResult<Self> {
        static GET_IDENT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let ident: u64 = GET_IDENT.import(py, "_thread", "get_ident")?.call0()?.extract()?;
        let number = NUMBERS.fetch_add(1, SeqCst);
        // As wide as in CPython, whose thread numbers have no sign.
        let thread = ident as c_long;
        running().push(Running { number, process: process::id(), thread, is_interrupted: false });
        Ok(Self { py, number })
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        let mut running = running();
        let Some(place) = running.iter().position(|running| running.number == self.number) else { return };
        let ended = running.swap_remove(place);
        if ended.is_interrupted {
            // An exception that is still pending would be raised in whatever code the thread runs next.
            raise(self.py, ended.thread, ptr::null_mut());
        }
    }
}

/// Raises a `SystemExit` in each function that runs, at its next step in Python.
fn interrupt(py: Python<'_>) {
    let here = process::id();
    for function in running().iter_mut().filter(|function| function.process == here) {
        function.is_interrupted = true;
        // SAFETY: the class is there for as long as the interpreter, which is attached.
        raise(py, function.thread, unsafe { ffi::PyExc_SystemExit });
    }
}

/// Raises an exception in a thread; a null pointer takes back an exception that is still pending.
fn raise(_: Python<'_>, thread: c_long, exception: *mut ffi::PyObject) {
    // SAFETY: the interpreter is attached, and the function takes any number and either an exception
    // class, of which it takes a reference of its own, or null.
    unsafe { ffi::PyThreadState_SetAsyncExc(thread, exception) };
}

fn running() -> MutexGuard<'static, Vec<Running>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
