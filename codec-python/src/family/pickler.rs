//! The pickler for functions that leave, which is written in Python and compiled once per process.

use arrow_pyarrow::{FromPyArrow, ToPyArrow};
use datafusion::arrow::array::{Array, ArrayData, make_array};
use planwire_registry::slices;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyModule;

use crate::error::value_error;

/// The sources, by the names that tracebacks show.
const SOURCES: [(&str, &str); 3] = [
    ("planwire/pickler.py", include_str!("pickler.py")),
    ("planwire/culprit.py", include_str!("culprit.py")),
    ("planwire/pieces.py", include_str!("pieces.py")),
];

/// Pickles an object, and returns the pickle in pieces.
pub(crate) fn dumps(object: &Bound<'_, PyAny>) -> PyResult<Vec<PyBackedBytes>> {
    static DUMPS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    function(object.py(), &DUMPS, "dumps")?.call1((object,))?.extract()
}

/// A buffer of pyarrow, and whether the object that it belongs to may change it.
pub(crate) type Buffer<'py> = (Bound<'py, PyAny>, bool);

/// Pickles an object, and returns the pickle in pieces, with the large buffers beside it.
pub(crate) fn dumps_beside<'py>(
    object: &Bound<'py, PyAny>,
) -> PyResult<(Vec<PyBackedBytes>, Vec<Buffer<'py>>)> {
    static DUMPS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    function(object.py(), &DUMPS, "dumps_beside")?.call1((object,))?.extract()
}

fn function<'py>(
    py: Python<'py>,
    kept: &'py PyOnceLock<Py<PyAny>>,
    name: &str,
) -> PyResult<&'py Bound<'py, PyAny>> {
    let of_module = || Ok::<_, PyErr>(module(py)?.getattr(name)?.unbind());
    Ok(kept.get_or_try_init(py, of_module)?.bind(py))
}

/// The sources, run in a module that is not in Python's table of modules. A pickle must not name objects of
/// this module, because the receiver would look them up there.
fn module(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    Ok(MODULE.get_or_try_init(py, || load(py))?.bind(py))
}

fn load(py: Python<'_>) -> PyResult<Py<PyModule>> {
    let module = PyModule::new(py, "planwire_pickler")?;
    module.add_function(wrap_pyfunction!(compact, &module)?)?;
    let builtins = py.import("builtins")?;
    for (path, source) in SOURCES {
        let code = builtins.call_method1("compile", (source, path, "exec"))?;
        builtins.call_method1("exec", (code, module.dict()))?;
    }
    Ok(module.unbind())
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
