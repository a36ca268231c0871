//! Arguments: columns as the pyarrow arrays that a function gets.

use std::iter::repeat;
use std::sync::Arc;

use arrow_pyarrow::ToPyArrow;
use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::datatypes::{Field, FieldRef};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyType};

/// The key under which a field's metadata names its extension type.
const EXTENSION: &str = "ARROW:extension:name";

/// The part of the arguments' types that Arrow's types leave out, found once for many batches.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// The extension type of each argument that has one; empty if none has.
    extensions: Vec<Option<Py<PyAny>>>,
}

impl Arguments {
    /// Finds it for arguments that arrive as `found`; `declared` speaks for those that lost their extension
    /// type.
    pub(crate) fn of(py: Python<'_>, found: &[FieldRef], declared: &[FieldRef]) -> PyResult<Self> {
        let declared = declared.iter().map(Some).chain(repeat(None));
        let known = |(found, declared): (&FieldRef, Option<&FieldRef>)| match extension(py, found)? {
            None => declared.map_or(Ok(None), |field| extension(py, field)),
            known => Ok(known),
        };
        let extensions = found.iter().zip(declared).map(known).collect::<PyResult<Vec<_>>>()?;
        let any = extensions.iter().any(Option::is_some);
        Ok(Self { extensions: if any { extensions } else { Vec::new() } })
    }

    /// Hands arrays to pyarrow without copying them.
    pub(crate) fn to_pyarrow<'py>(
        &self,
        py: Python<'py>,
        arrays: &[ArrayRef],
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        // A window function also gets the columns that its rows are ordered by, after its arguments.
        let extensions = self.extensions.iter().map(Option::as_ref).chain(repeat(None));
        let to_pyarrow = |(array, extension): (&ArrayRef, Option<&Py<PyAny>>)| {
            let storage = array.to_data().to_pyarrow(py)?;
            match extension {
                Some(extension) => extension.bind(py).call_method1(intern!(py, "wrap_array"), (storage,)),
                None => Ok(storage),
            }
        };
        arrays.iter().zip(extensions).map(to_pyarrow).collect()
    }
}

/// The extension type of a field, if it has one that pyarrow knows.
fn extension(py: Python<'_>, field: &Field) -> PyResult<Option<Py<PyAny>>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    if !field.metadata().contains_key(EXTENSION) {
        return Ok(None);
    }
    let found = field.to_pyarrow(py)?.getattr(intern!(py, "type"))?;
    let known = found.is_instance(CLASS.import(py, "pyarrow", "BaseExtensionType")?)?;
    Ok(known.then(|| found.unbind()))
}

/// Arrays that were handed over, kept because DataFusion passes the same ones for row after row.
#[derive(Debug, Default)]
pub(crate) struct Handed {
    arrays: Vec<ArrayRef>,
    in_pyarrow: Vec<Py<PyAny>>,
}

impl Handed {
    /// Hands arrays over as a list; the list is made anew only if they are not the arrays of the last call.
    pub(crate) fn list<'py>(
        &mut self,
        py: Python<'py>,
        arguments: &Arguments,
        arrays: &[ArrayRef],
    ) -> PyResult<Bound<'py, PyList>> {
        let same = self.arrays.len() == arrays.len()
            && self.arrays.iter().zip(arrays).all(|(last, array)| Arc::ptr_eq(last, array));
        if !same {
            self.in_pyarrow = arguments.to_pyarrow(py, arrays)?.into_iter().map(Bound::unbind).collect();
            self.arrays = arrays.to_vec();
        }
        PyList::new(py, self.in_pyarrow.iter().map(|array| array.bind(py)))
    }
}
