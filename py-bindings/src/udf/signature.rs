//! Signatures: the arguments that declare a function written in Python.

use std::sync::Arc;

use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::logical_expr::Volatility;
use planwire_python::class_name;
use planwire_registry::error::Shown;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyType};

use crate::expr::{OneOrMany, data_type};

/// An argument that can be called.
pub(super) struct Callable(pub(super) Py<PyAny>);

impl FromPyObject<'_, '_> for Callable {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if value.is_callable() {
            return Ok(Self(value.to_owned().unbind()));
        }
        Err(PyTypeError::new_err(format!("{} is not callable", value.repr()?)))
    }
}

/// An argument that is a field, the type of one, a Python class that stands for a type, or the name of a type.
///
/// A type exports itself as a nullable field without a name, so both arrive by the same capsule.
pub(super) struct FieldArg(Field);

impl FromPyObject<'_, '_> for FieldArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        let nullable = |data_type: DataType| Self(Field::new("", data_type, true));
        if let Ok(named) = value.cast::<PyString>() {
            let named = named.to_cow()?;
            let known = data_type::of_name(value.py(), &named)?.map(nullable);
            return known.ok_or_else(|| {
                PyValueError::new_err(format!(
                    "no type is named {}: a name is one of pyarrow's like \"int64\", or of SQL's like \"bigint\"",
                    Shown(&named)
                ))
            });
        }
        if let Ok(class) = value.cast::<PyType>()
            && let Some(known) = data_type::of_class(&class)?
        {
            return Ok(nullable(known));
        }
        Field::from_pyarrow_bound(&value).map(Self).map_err(|cause| {
            let found = match value.cast::<PyType>().map(|class| class.name()) {
                Ok(Ok(name)) => name.to_string(),
                _ => class_name(&value),
            };
            let wrong = PyTypeError::new_err(format!(
                "a type is a pyarrow.DataType, a pyarrow.Field, a Python class like float or the name of a \
                 type, not {found}"
            ));
            wrong.set_cause(value.py(), Some(cause));
            wrong
        })
    }
}

impl FieldArg {
    /// Names the field, unless it has a name.
    pub(super) fn named(self, name: &str) -> FieldRef {
        let Self(field) = self;
        Arc::new(if field.name().is_empty() { field.with_name(name) } else { field })
    }
}

/// Demands a part of the declaration, which only a function of another library brings along.
///
/// # Errors
///
/// A `TypeError` if it is missing.
pub(super) fn declared<T>(part: Option<T>, name: &str) -> PyResult<T> {
    part.ok_or_else(|| PyTypeError::new_err(format!("a function written in Python needs `{name}`")))
}

/// The role of the fields in a list.
#[derive(Clone, Copy)]
pub(super) enum Role {
    /// A function's arguments.
    Argument,
    /// The state of an accumulator.
    State,
}

/// Names the fields of a list by their position, unless they have names.
pub(super) fn fields(list: OneOrMany<FieldArg>, role: Role) -> Vec<FieldRef> {
    let prefix = match role {
        Role::Argument => "arg",
        Role::State => "state",
    };
    let named = |(position, field): (usize, FieldArg)| field.named(&format!("{prefix}_{position}"));
    list.into_vec().into_iter().enumerate().map(named).collect()
}

/// An argument that is the name of a volatility, or an enum member with that value.
#[derive(Clone, Copy)]
pub(super) struct VolatilityArg(pub(super) Volatility);

impl FromPyObject<'_, '_> for VolatilityArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        // An enum's member says its name by `str`, also where its value is a number.
        let is_member = value.hasattr("value")?;
        let name: String = if is_member { value.str()?.extract()? } else { value.extract()? };
        match name.as_str() {
            "immutable" => Ok(Self(Volatility::Immutable)),
            "stable" => Ok(Self(Volatility::Stable)),
            "volatile" => Ok(Self(Volatility::Volatile)),
            _ => Err(PyValueError::new_err(format!(
                "no volatility is named {name:?}, known are \"immutable\", \"stable\" and \"volatile\""
            ))),
        }
    }
}
