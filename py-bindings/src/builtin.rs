//! DataFusion's own functions, by name.

use std::collections::BTreeSet;
use std::sync::Arc;

use pyo3::prelude::*;

use crate::ambient;
use crate::udf::{PyAggregateUdf, PyScalarUdf, PyWindowUdf};

/// Return the function of a name: a scalar function, else an aggregate, else a window function.
///
/// Args:
///     name: The name or an alias.
///
/// Returns:
///     The function, or `None` if DataFusion has none of that name.
///
/// Raises:
///     TypeError: The name is not a string.
///
/// Example:
///     >>> from planwire import _internal
///     >>> _internal.builtin("sum")
///     AggregateUDF("sum")
#[pyfunction]
pub(crate) fn builtin<'py>(py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let state = ambient::default_session(py)?.get().ctx().state_ref();
    let state = state.read();
    if let Some(udf) = state.scalar_functions().get(name) {
        return Bound::new(py, PyScalarUdf::from(Arc::clone(udf))).map(|udf| Some(udf.into_any()));
    }
    if let Some(udaf) = state.aggregate_functions().get(name) {
        return Bound::new(py, PyAggregateUdf::from(Arc::clone(udaf))).map(|udaf| Some(udaf.into_any()));
    }
    if let Some(udwf) = state.window_functions().get(name) {
        return Bound::new(py, PyWindowUdf::from(Arc::clone(udwf))).map(|udwf| Some(udwf.into_any()));
    }
    Ok(None)
}

/// Return the names and aliases of DataFusion's own functions in order.
///
/// Raises:
///     Nothing.
///
/// Example:
///     >>> from planwire import _internal
///     >>> {"abs", "sum", "row_number"} <= set(_internal.builtin_names())
///     True
#[pyfunction]
pub(crate) fn builtin_names(py: Python<'_>) -> PyResult<Vec<String>> {
    let state = ambient::default_session(py)?.get().ctx().state_ref();
    let state = state.read();
    let scalar = state.scalar_functions().keys();
    let names: BTreeSet<_> =
        scalar.chain(state.aggregate_functions().keys()).chain(state.window_functions().keys()).collect();
    Ok(names.into_iter().cloned().collect())
}
