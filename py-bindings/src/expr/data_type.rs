//! Types as Python users write them: Arrow's own, Python classes that stand for one, and names.

use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::DFSchema;
use datafusion::logical_expr::Expr;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::host::call::Call;
use crate::wire::current_session;

/// An argument that is an Arrow type or one of the Python classes in [`CLASSES`].
pub(super) struct TypeArg(pub(super) DataType);

/// The size limit of a type's name in SQL, in bytes.
const LONGEST_NAME: usize = 64;

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
            let name = class.name()?.to_string();
            return of_class(&class)?.map(Self).ok_or_else(|| refused(&name));
        }
        if value.hasattr("__arrow_c_schema__")? {
            return DataType::from_pyarrow_bound(&value).map(Self);
        }
        Err(refused(&value.get_type().name()?.to_string()))
    }
}

/// The type that a Python class stands for.
pub(crate) fn of_class(class: &Bound<'_, PyType>) -> PyResult<Option<DataType>> {
    let (module, name) = (class.module()?, class.name()?);
    let own = matches!(module.to_cow()?.as_ref(), "builtins" | "datetime");
    let name = name.to_cow()?;
    Ok(CLASSES.into_iter().find(|(known, _)| own && *known == name).map(|(_, data_type)| data_type))
}

/// The type of a name: of one of pyarrow's, e.g. `int64`, or of one of SQL's, e.g. `decimal(10, 2)`.
pub(crate) fn of_name(py: Python<'_>, name: &str) -> PyResult<Option<DataType>> {
    let by_pyarrow = Call::python(py, || py.import("pyarrow")?.call_method1("type_for_alias", (name,)));
    if let Ok(known) = by_pyarrow {
        return DataType::from_pyarrow_bound(&known).map(Some);
    }
    let is_plain = |part: char| part.is_ascii_alphanumeric() || matches!(part, ' ' | '_' | ',' | '(' | ')');
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(is_plain) {
        return Ok(None);
    }
    let session = current_session::default_session(py)?;
    let ctx = session.get().ctx();
    let cast = format!("CAST(NULL AS {name})");
    let made = Call::begin(py)?.plan(|| ctx.state().create_logical_expr(&cast, &DFSchema::empty()));
    Ok(match made {
        // pyarrow's functions do not take the views that SQL's names of texts mean here.
        Ok(Expr::Cast(cast)) if cast.field.data_type() == &DataType::Utf8View => Some(DataType::Utf8),
        Ok(Expr::Cast(cast)) => Some(cast.field.data_type().clone()),
        _ => None,
    })
}

fn refused(found: &str) -> PyErr {
    let classes = CLASSES.map(|(name, _)| name).join(", ");
    PyTypeError::new_err(format!("expected an Arrow type or one of {classes}, got {found}"))
}
