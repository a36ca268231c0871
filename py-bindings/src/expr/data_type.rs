//! The type that an expression is cast to: one of Arrow's, or the Python class that stands for it.

use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// An argument that is an Arrow type or one of the Python classes in [`CLASSES`].
pub(super) struct TypeArg(pub(super) DataType);

/// Python's own classes, each with the type that a literal of that class has.
const CLASSES: [(&str, DataType); 7] = [
    ("bool", DataType::Boolean),
    ("int", DataType::Int64),
    ("float", DataType::Float64),
    ("str", DataType::Utf8),
    ("bytes", DataType::Binary),
    ("date", DataType::Date32),
    ("datetime", DataType::Timestamp(TimeUnit::Microsecond, None)),
];

impl FromPyObject<'_, '_> for TypeArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(class) = value.cast::<PyType>() {
            let (module, name) = (class.module()?, class.name()?);
            let own = matches!(module.to_cow()?.as_ref(), "builtins" | "datetime");
            let known =
                CLASSES.into_iter().find(|(known, _)| own && *known == name.to_cow().unwrap_or_default());
            return known.map(|(_, data_type)| Self(data_type)).ok_or_else(|| refused(&name.to_string()));
        }
        if value.hasattr("__arrow_c_schema__")? {
            return DataType::from_pyarrow_bound(&value).map(Self);
        }
        Err(refused(&value.get_type().name()?.to_string()))
    }
}

fn refused(found: &str) -> PyErr {
    let classes = CLASSES.map(|(name, _)| name).join(", ");
    PyTypeError::new_err(format!("expected an Arrow type or one of {classes}, got {found}"))
}
