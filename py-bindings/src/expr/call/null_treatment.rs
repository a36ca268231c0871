//! Whether a function over rows sees nulls.

use datafusion::logical_expr::expr::NullTreatment;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// An argument that is the name of a null treatment, or an enum member with that value or name.
#[derive(Clone, Copy)]
pub(crate) struct NullTreatmentArg(pub(crate) NullTreatment);

impl FromPyObject<'_, '_> for NullTreatmentArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        // The wheel's members have numbers as values, so a member's name is what counts.
        let name = value.getattr_opt("name")?;
        let name: String = name.map_or_else(|| value.extract(), |name| name.extract()).map_err(|_| {
            let class = value.get_type();
            let class = class.name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
            PyTypeError::new_err(format!("expected a NullTreatment, got {class}"))
        })?;
        match name.to_ascii_lowercase().replace(' ', "_").as_str() {
            "respect_nulls" => Ok(Self(NullTreatment::RespectNulls)),
            "ignore_nulls" => Ok(Self(NullTreatment::IgnoreNulls)),
            _ => Err(PyValueError::new_err(format!(
                "no null treatment is named {name:?}, known are \"respect_nulls\" and \"ignore_nulls\""
            ))),
        }
    }
}
