//! The pickler for functions that leave, which is written in Python and compiled once per process.

use arrow_pyarrow::{FromPyArrow, ToPyArrow};
use datafusion::arrow::array::{Array, ArrayData, make_array};
use planwire_registry::slices;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyModule;

use crate::error::value_error;

const SOURCE: &str = include_str!("pickler.py");

/// The callable that takes an object and returns its pickle.
pub(crate) fn dumps(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static DUMPS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    Ok(DUMPS.get_or_try_init(py, || load(py))?.bind(py))
}

/// Runs the source in a module that is not in Python's table of modules. A pickle must not name objects of
/// this module, because the receiver would look them up there.
fn load(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let module = PyModule::new(py, "planwire_pickler")?;
    module.add_function(wrap_pyfunction!(compact, &module)?)?;
    let code = py.import("builtins")?.call_method1("compile", (SOURCE, "planwire/pickler.py", "exec"))?;
    py.import("builtins")?.call_method1("exec", (code, module.dict()))?;
    Ok(module.getattr("dumps")?.unbind())
}

/// Cuts an array of pyarrow down to what it shows; `None` if that would not make it smaller.
#[pyfunction]
fn compact<'py>(array: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = array.py();
    let held: usize = array.call_method0("get_total_buffer_size")?.extract()?;
    let whole = make_array(ArrayData::from_pyarrow_bound(array)?);
    let shown = slices::array(&whole).map_err(value_error)?.unwrap_or(whole);
    let shown = shown.to_data().to_pyarrow(py)?;
    let shows: usize = shown.call_method0("get_total_buffer_size")?.extract()?;
    Ok((shows < held).then_some(shown))
}
