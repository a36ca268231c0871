//! Objects in the place of arguments that a pool or Dask cannot unpickle.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyTuple, PyType};
use pyo3::{IntoPyObjectExt, ffi};

const MODULE: &str = "planwire._unopened";

/// The result of a class method that pickle calls. Where nobody would see its exception, it is an object that
/// raises the exception when it is used.
///
/// # Errors
///
/// The exception, where its caller sees it.
pub(crate) fn or_unopened<'py, T: IntoPyObject<'py>>(
    made: PyResult<T>,
    class: &Bound<'py, PyType>,
    method: &str,
    arguments: impl IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>, Error = PyErr>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    made.and_then(|made| made.into_bound_py_any(py)).or_else(|refusal| {
        let arguments = arguments.into_pyobject(py)?;
        let given = (refusal.value(py), class.getattr(method)?, arguments, frame(py));
        let unopened = py.import(MODULE)?.call_method1("unopened", given)?;
        if unopened.is_none() { Err(refusal) } else { Ok(unopened) }
    })
}

/// The frame of the Python code that runs; `sys._getframe` would be an event for audit hooks.
#[expect(unsafe_code, reason = "pyo3 has no function for it")]
fn frame(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    // SAFETY: the interpreter is attached, and returns a borrowed reference to an object, or null.
    unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetFrame().cast()) }
}

/// Raises what an unopened argument stands for.
///
/// # Errors
///
/// The exception, if `value` is an unopened argument.
pub(crate) fn opened(value: &Bound<'_, PyAny>) -> PyResult<()> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let class = CLASS.import(value.py(), MODULE, "Unopened")?;
    if value.is_instance(class)? { value.call_method0("_raise").map(drop) } else { Ok(()) }
}
