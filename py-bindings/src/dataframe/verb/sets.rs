//! Verbs that take the rows of two queries as sets.

use datafusion::dataframe::DataFrame;
use pyo3::exceptions::PyDeprecationWarning;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;

#[pymethods]
impl PyDataFrame {
    /// Append the rows of another query; columns match by position.
    ///
    /// Args:
    ///     other: The other query.
    ///     distinct: Whether to keep only one of each group of equal rows.
    ///
    /// Raises:
    ///     ExecutionError: The queries differ in the number of columns, or in types that do not mix.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> df = SessionContext().from_pydict({"a": [1, 2]})
    ///     >>> df.union(df.limit(1)).sort("a").to_pydict()
    ///     {'a': [1, 1, 2]}
    #[pyo3(signature = (other, distinct = false))]
    fn union(&self, py: Python<'_>, other: &Self, distinct: bool) -> PyResult<Self> {
        let union = if distinct { DataFrame::union_distinct } else { DataFrame::union };
        self.plan(py, |frame| union(frame, other.cloned()))
    }

    /// Append the rows of another query and keep one of each group of equal rows.
    ///
    /// Deprecated: `union(other, distinct=True)` does the same.
    ///
    /// Args:
    ///     other: The other query.
    ///
    /// Raises:
    ///     ExecutionError: The queries differ in the number of columns, or in types that do not mix.
    ///
    /// Example:
    ///     >>> import warnings
    ///     >>> from planwire import SessionContext
    ///     >>> df = SessionContext().from_pydict({"a": [1, 2]})
    ///     >>> with warnings.catch_warnings(action="ignore"):
    ///     ...     df.union_distinct(df).count()
    ///     2
    fn union_distinct(&self, py: Python<'_>, other: &Self) -> PyResult<Self> {
        let category = py.get_type::<PyDeprecationWarning>();
        PyErr::warn(py, &category, c"use union(other, distinct=True) instead of union_distinct", 1)?;
        self.union(py, other, true)
    }

    /// Append the rows of another query; columns match by name, and a missing one is null.
    ///
    /// Args:
    ///     other: The other query.
    ///     distinct: Whether to keep only one of each group of equal rows.
    ///
    /// Raises:
    ///     ExecutionError: Columns of one name differ in types that do not mix.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> df = ctx.from_pydict({"a": [1], "b": [2]})
    ///     >>> df.union_by_name(ctx.from_pydict({"b": [3]})).sort("b").to_pydict()
    ///     {'a': [1, None], 'b': [2, 3]}
    #[pyo3(signature = (other, distinct = false))]
    fn union_by_name(&self, py: Python<'_>, other: &Self, distinct: bool) -> PyResult<Self> {
        let union = if distinct { DataFrame::union_by_name_distinct } else { DataFrame::union_by_name };
        self.plan(py, |frame| union(frame, other.cloned()))
    }

    /// Keep the rows that another query has too.
    ///
    /// Args:
    ///     other: The other query.
    ///     distinct: Whether to keep only one of each group of equal rows.
    ///
    /// Raises:
    ///     ExecutionError: The queries differ in the number of columns, or in types that do not mix.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> df = SessionContext().from_pydict({"a": [1, 2, 3]})
    ///     >>> df.intersect(df.limit(1)).to_pydict()
    ///     {'a': [1]}
    #[pyo3(signature = (other, distinct = false))]
    fn intersect(&self, py: Python<'_>, other: &Self, distinct: bool) -> PyResult<Self> {
        let intersect = if distinct { DataFrame::intersect_distinct } else { DataFrame::intersect };
        self.plan(py, |frame| intersect(frame, other.cloned()))
    }

    /// Keep the rows that another query does not have.
    ///
    /// Args:
    ///     other: The other query.
    ///     distinct: Whether to keep only one of each group of equal rows.
    ///
    /// Raises:
    ///     ExecutionError: The queries differ in the number of columns, or in types that do not mix.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> df = SessionContext().from_pydict({"a": [1, 2, 3]})
    ///     >>> df.except_all(df.limit(1)).sort("a").to_pydict()
    ///     {'a': [2, 3]}
    #[pyo3(signature = (other, distinct = false))]
    fn except_all(&self, py: Python<'_>, other: &Self, distinct: bool) -> PyResult<Self> {
        let except = if distinct { DataFrame::except_distinct } else { DataFrame::except };
        self.plan(py, |frame| except(frame, other.cloned()))
    }
}
