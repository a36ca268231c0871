//! Thread states that last: a thread that Rust started stays known to the interpreter from its first call of
//! Python to its end.
//!
//! Otherwise CPython makes a thread state for each call and deletes it afterwards, and with it what a function
//! has kept in a `threading.local`.

use std::cell::RefCell;
use std::mem;

use pyo3::ffi;
use pyo3::ffi::PyGILState_STATE::PyGILState_LOCKED;
use pyo3::prelude::*;

use crate::interpreter::gate;

thread_local! {
    static PINNED: RefCell<Option<Pinned>> = const { RefCell::new(None) };
}

/// The thread state of this thread, which is deleted when this is dropped.
struct Pinned;

impl Pinned {
    /// Keeps the state of a thread that has attached.
    fn new(_: Python<'_>) -> Self {
        // One entry more than are left again, so that the state outlives the others.
        // SAFETY: the interpreter is attached, and the thread lets go of the entry itself when it ends.
        unsafe { ffi::PyGILState_Ensure() };
        Self
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // After the gate has closed the interpreter deletes the state by itself.
        let Some(_entry) = gate::enter() else { return };
        // SAFETY: the thread is attached within, and leaves the entry of `new`, before which it was attached
        // too.
        Python::try_attach(|_| unsafe { ffi::PyGILState_Release(PyGILState_LOCKED) });
    }
}

/// Attaches to the interpreter, if there is one, and keeps the state of a thread that had none.
pub(crate) fn attach<T>(work: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    // SAFETY: any thread may ask at any time.
    let is_known = !unsafe { ffi::PyGILState_GetThisThreadState() }.is_null();
    Python::try_attach(|py| {
        if !is_known {
            // A thread that is ending has no place for it any more. A state that is not known any more was
            // deleted by the interpreter.
            let _ = PINNED.try_with(|pinned| mem::forget(pinned.replace(Some(Pinned::new(py)))));
        }
        work(py)
    })
}
