//! Waiting for DataFusion from asyncio, without holding up its loop.

use std::sync::{Mutex, PoisonError};

use datafusion::error::Result;
use pyo3::prelude::*;
use pyo3::types::PyCFunction;

use crate::host::call::Call;
use crate::host::runtime;

/// Starts something and returns a future of the running loop for it; to cancel the future is to stop it.
///
/// `convert` runs on the loop's thread, and only if the future is still waited for.
///
/// # Errors
///
/// A `RuntimeError` if no loop is running on this thread, or the interpreter is shutting down.
pub(crate) fn future<'py, T, Q>(
    call: &Call<'py>,
    query: Q,
    convert: fn(Python<'_>, T) -> PyResult<Py<PyAny>>,
) -> PyResult<Bound<'py, PyAny>>
where
    T: Send + 'static,
    Q: Future<Output = Result<T>> + Send + 'static,
{
    let py = call.py();
    let running_loop = py.import("asyncio")?.call_method0("get_running_loop")?;
    let future = running_loop.call_method0("create_future")?;
    let (home, waiting) = (running_loop.unbind(), future.clone().unbind());
    let abort = runtime::start(query, move |py, outcome| {
        let outcome = Mutex::new(Some(outcome));
        let settle = PyCFunction::new_closure(py, None, None, move |args, _| {
            let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
            settle(args.py(), waiting.bind(args.py()), outcome, convert)
        });
        // A closed loop refuses; nobody waits there any more.
        let _ = settle.and_then(|settle| home.call_method1(py, "call_soon_threadsafe", (settle,)));
    })?;
    let cancel = PyCFunction::new_closure(py, None, None, move |_, _| abort.abort())?;
    future.call_method1("add_done_callback", (cancel,))?;
    Ok(future)
}

fn settle<T>(
    py: Python<'_>,
    future: &Bound<'_, PyAny>,
    outcome: Option<PyResult<T>>,
    convert: fn(Python<'_>, T) -> PyResult<Py<PyAny>>,
) -> PyResult<()> {
    let Some(outcome) = outcome else { return Ok(()) };
    // Cancelled meanwhile.
    if future.call_method0("done")?.is_truthy()? {
        return Ok(());
    }
    match outcome.and_then(|value| convert(py, value)) {
        Ok(value) => future.call_method1("set_result", (value,))?,
        Err(error) => future.call_method1("set_exception", (error,))?,
    };
    Ok(())
}
