//! SQL options: which statements a query may be.

use datafusion::execution::context::SQLOptions;
use pyo3::prelude::*;

/// Which statements a query may be; all of them, unless told otherwise.
///
/// A method that sets something changes these options and returns them, so calls can be chained.
///
/// Example:
///     >>> from planwire import SQLOptions, SessionContext
///     >>> read_only = SQLOptions().with_allow_ddl(False).with_allow_dml(False)
///     >>> SessionContext().sql("create table t as select 1", read_only)
///     Traceback (most recent call last):
///         ...
///     planwire.errors.InvalidQuery: Error during planning: DDL not supported: CreateMemoryTable ...
#[pyclass(module = "planwire", name = "SQLOptions", skip_from_py_object)]
pub(crate) struct PySqlOptions {
    options: SQLOptions,
}

impl PySqlOptions {
    pub(crate) const fn options(&self) -> SQLOptions {
        self.options
    }
}

#[pymethods]
impl PySqlOptions {
    #[new]
    fn new() -> Self {
        Self { options: SQLOptions::new() }
    }

    /// Set whether statements may define something, e.g. `CREATE TABLE`.
    ///
    /// Args:
    ///     allow: Whether they may.
    ///
    /// Example:
    ///     >>> from planwire import SQLOptions
    ///     >>> options = SQLOptions().with_allow_ddl(False)
    #[pyo3(signature = (allow = true))]
    fn with_allow_ddl(mut slf: PyRefMut<'_, Self>, allow: bool) -> PyRefMut<'_, Self> {
        slf.options = slf.options.with_allow_ddl(allow);
        slf
    }

    /// Set whether statements may write rows, e.g. `INSERT` and `COPY`.
    ///
    /// Args:
    ///     allow: Whether they may.
    ///
    /// Example:
    ///     >>> from planwire import SQLOptions
    ///     >>> options = SQLOptions().with_allow_dml(False)
    #[pyo3(signature = (allow = true))]
    fn with_allow_dml(mut slf: PyRefMut<'_, Self>, allow: bool) -> PyRefMut<'_, Self> {
        slf.options = slf.options.with_allow_dml(allow);
        slf
    }

    /// Set whether statements may change the session, e.g. `SET`.
    ///
    /// Args:
    ///     allow: Whether they may.
    ///
    /// Example:
    ///     >>> from planwire import SQLOptions
    ///     >>> options = SQLOptions().with_allow_statements(False)
    #[pyo3(signature = (allow = true))]
    fn with_allow_statements(mut slf: PyRefMut<'_, Self>, allow: bool) -> PyRefMut<'_, Self> {
        slf.options = slf.options.with_allow_statements(allow);
        slf
    }
}
