//! Classes of pyarrow and of Python's own library that values are told apart by.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// The name of an object's class, for error texts.
#[must_use]
pub fn class_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "an object".to_owned(), |name| name.to_string())
}

/// Defines functions that import a class once.
macro_rules! classes {
    ($($function:ident: $module:literal $name:literal,)*) => {$(
        pub(crate) fn $function(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
            static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
            CLASS.import(py, $module, $name)
        }
    )*};
}

classes! {
    scalar: "pyarrow" "Scalar",
    array: "pyarrow" "Array",
    chunked_array: "pyarrow" "ChunkedArray",
    extension_type: "pyarrow" "BaseExtensionType",
    date: "datetime" "date",
    datetime: "datetime" "datetime",
    time: "datetime" "time",
    timedelta: "datetime" "timedelta",
    decimal: "decimal" "Decimal",
}
