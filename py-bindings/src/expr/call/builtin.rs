//! DataFusion's own functions, by name, and what it says about them.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::logical_expr::{AggregateUDF, Documentation, HigherOrderUDF, ScalarUDF, WindowUDF};
use pyo3::prelude::*;

use crate::udf::{PyAggregateUdf, PyHigherOrderUdf, PyScalarUdf, PyWindowUdf};
use crate::wire::current_session;

/// A function that DataFusion registers.
enum Builtin {
    Scalar(Arc<ScalarUDF>),
    HigherOrder(Arc<HigherOrderUDF>),
    Aggregate(Arc<AggregateUDF>),
    Window(Arc<WindowUDF>),
}

impl Builtin {
    fn find(py: Python<'_>, name: &str) -> PyResult<Option<Self>> {
        let state = current_session::default_session(py)?.get().ctx().state_ref();
        let state = state.read();
        let found = state.scalar_functions().get(name).cloned().map(Self::Scalar);
        let found =
            found.or_else(|| state.higher_order_functions().get(name).cloned().map(Self::HigherOrder));
        let found = found.or_else(|| state.aggregate_functions().get(name).cloned().map(Self::Aggregate));
        Ok(found.or_else(|| state.window_functions().get(name).cloned().map(Self::Window)))
    }

    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        match self {
            Self::Scalar(udf) => Ok(Bound::new(py, PyScalarUdf::from(udf))?.into_any()),
            Self::HigherOrder(udf) => Ok(Bound::new(py, PyHigherOrderUdf::from(udf))?.into_any()),
            Self::Aggregate(udf) => Ok(Bound::new(py, PyAggregateUdf::from(udf))?.into_any()),
            Self::Window(udf) => Ok(Bound::new(py, PyWindowUdf::from(udf))?.into_any()),
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Scalar(_) => "scalar",
            Self::HigherOrder(_) => "higher-order",
            Self::Aggregate(_) => "aggregate",
            Self::Window(_) => "window",
        }
    }

    fn documentation(&self) -> Option<&Documentation> {
        match self {
            Self::Scalar(udf) => udf.documentation(),
            Self::HigherOrder(udf) => udf.documentation(),
            Self::Aggregate(udf) => udf.documentation(),
            Self::Window(udf) => udf.documentation(),
        }
    }
}

/// DataFusion's documentation of one of its functions.
#[pyclass(module = "planwire._internal", name = "FunctionDoc", frozen, get_all, skip_from_py_object)]
pub(crate) struct PyFunctionDoc {
    /// `"scalar"`, `"higher-order"`, `"aggregate"` or `"window"`.
    kind: &'static str,
    /// A description of the function.
    description: String,
    /// How SQL calls it.
    syntax: String,
    /// A query that calls it, with its result.
    example: Option<String>,
    /// The name of each argument, with its description.
    arguments: Vec<(String, String)>,
    /// Whether the rows of a group are ordered by the first argument.
    within_group: bool,
}

/// Return the function of a name: a scalar function, else an aggregate, else a window function.
///
/// Args:
///     name: The name or an alias.
///
/// Returns:
///     The function, or `None` if DataFusion has none of that name.
///
/// Example:
///     >>> from planwire import _internal
///     >>> _internal.builtin("sum")
///     AggregateUDF("sum")
#[pyfunction]
pub(crate) fn builtin<'py>(py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    Builtin::find(py, name)?.map(|found| found.into_python(py)).transpose()
}

/// Return DataFusion's documentation of the function of a name.
///
/// Args:
///     name: The name or an alias.
///
/// Returns:
///     The documentation, or `None` if it has no function of that name.
///
/// Example:
///     >>> from planwire import _internal
///     >>> _internal.builtin_doc("abs").syntax
///     'abs(numeric_expression)'
#[pyfunction]
pub(crate) fn builtin_doc(py: Python<'_>, name: &str) -> PyResult<Option<PyFunctionDoc>> {
    Ok(Builtin::find(py, name)?.map(|found| {
        let doc = found.documentation();
        PyFunctionDoc {
            kind: found.kind(),
            description: doc.map(|doc| doc.description.clone()).unwrap_or_default(),
            syntax: doc.map(|doc| doc.syntax_example.clone()).unwrap_or_default(),
            example: doc.and_then(|doc| doc.sql_example.clone()),
            arguments: doc.and_then(|doc| doc.arguments.clone()).unwrap_or_default(),
            within_group: matches!(&found, Builtin::Aggregate(udaf) if udaf.supports_within_group_clause()),
        }
    }))
}

/// Return the names and aliases of DataFusion's own functions in order.
///
/// Example:
///     >>> from planwire import _internal
///     >>> {"abs", "sum", "row_number"} <= set(_internal.builtin_names())
///     True
#[pyfunction]
pub(crate) fn builtin_names(py: Python<'_>) -> PyResult<Vec<String>> {
    let state = current_session::default_session(py)?.get().ctx().state_ref();
    let state = state.read();
    let names: BTreeSet<_> = [
        state.scalar_functions().keys().collect::<Vec<_>>(),
        state.higher_order_functions().keys().collect(),
        state.aggregate_functions().keys().collect(),
        state.window_functions().keys().collect(),
    ]
    .into_iter()
    .flatten()
    .collect();
    Ok(names.into_iter().cloned().collect())
}
