//! Objects in the place of arguments that a pool or Dask cannot unpickle.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyTuple, PyType};

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
        let given = (refusal.value(py), class.getattr(method)?, arguments);
        let unopened = py.import(MODULE)?.call_method1("unopened", given)?;
        if unopened.is_none() { Err(refusal) } else { Ok(unopened) }
    })
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
