//! Signatures: the arguments that declare a function written in Python.

use std::sync::Arc;

use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::datatypes::{Field, FieldRef};
use datafusion::logical_expr::Volatility;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::expr::OneOrMany;

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

/// An argument that is a field, the type of one, or pyarrow's name of a type.
///
/// A type exports itself as a nullable field without a name, so both arrive by the same capsule.
pub(super) struct FieldArg(Field);

impl FromPyObject<'_, '_> for FieldArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        // An alias is one of pyarrow's names of types, e.g. `int64`.
        let named = match value.cast::<PyString>() {
            Ok(alias) => Some(value.py().import("pyarrow")?.call_method1("type_for_alias", (alias,))?),
            Err(_) => None,
        };
        Field::from_pyarrow_bound(named.as_ref().unwrap_or(&value)).map(Self).map_err(|cause| {
            let found =
                value.get_type().name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
            let wrong = PyTypeError::new_err(format!(
                "a type is a pyarrow.DataType, a pyarrow.Field or the name of a type, not {found}"
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
