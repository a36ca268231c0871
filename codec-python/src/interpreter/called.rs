//! Calls of code written in Python, in which the interpreter may end under the thread.
//!
//! [`gate`](crate::interpreter::gate) makes the exit of the interpreter wait for functions, but not for ever:
//! a function may sleep for hours, or refuse to be interrupted. When such a function asks for the interpreter
//! after it has ended, CPython before 3.14 calls `pthread_exit`, which unwinds the stack. The unwinding would
//! drop Python objects without the interpreter, and abort at the first frame of Rust that catches panics. So
//! the innermost frame of Rust stops the unwinding, and the thread with it. CPython 3.14 stops the thread
//! itself.

use std::{mem, ptr, thread};

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use pyo3::{BoundObject, IntoPyObjectExt, ffi};

use crate::call::figures;

#[cfg(unix)]
unsafe extern "C-unwind" {
    // PyO3 declares that it never unwinds, and a frame declared so aborts when it is unwound.
    fn PyObject_Call(
        callable: *mut ffi::PyObject,
        args: *mut ffi::PyObject,
        kwargs: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject;
}

#[cfg(not(unix))]
use ffi::PyObject_Call;

/// An object with code of somebody else's, which is called.
pub(crate) trait Called<'py> {
    /// Calls the object.
    fn called(&self, arguments: impl IntoPyObject<'py, Target = PyTuple>) -> PyResult<Bound<'py, PyAny>>;

    /// Calls a method of the object.
    fn called_method(
        &self,
        name: &Bound<'py, PyString>,
        arguments: impl IntoPyObject<'py, Target = PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>>;
}

impl<'py> Called<'py> for Bound<'py, PyAny> {
    fn called(&self, arguments: impl IntoPyObject<'py, Target = PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let arguments = arguments.into_pyobject_or_pyerr(self.py())?.into_bound();
        figures::add_call();
        call(self, &arguments)
    }

    fn called_method(
        &self,
        name: &Bound<'py, PyString>,
        arguments: impl IntoPyObject<'py, Target = PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.getattr(name)?.called(arguments)
    }
}

/// Asks an object a question without arguments, which does not count as a call of a function.
pub(crate) fn asked<'py>(question: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    call(question, &PyTuple::empty(question.py()))
}

/// Owns nothing but the guard, so that nothing is dropped before it.
#[inline(never)]
fn call<'py>(callable: &Bound<'py, PyAny>, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
    let unwound = Unwound;
    // SAFETY: the interpreter is attached, both are borrowed for the time of the call, the second is a
    // tuple, and there may be no keywords.
    let returned = unsafe { PyObject_Call(callable.as_ptr(), arguments.as_ptr(), ptr::null_mut()) };
    mem::forget(unwound);
    // SAFETY: the call returns a reference of the caller's, or null with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(callable.py(), returned) }
}

/// A guard that stops the thread when it is unwound, for the rest of the process.
struct Unwound;

impl Drop for Unwound {
    fn drop(&mut self) {
        loop {
            thread::park();
        }
    }
}
