//! What a query's columns are called, and expressions over them.

use arrow_pyarrow::ToPyArrow;
use datafusion::common::Column;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use pyo3::prelude::*;

use super::PyDataFrame;
use crate::expr::PyExpr;
use crate::host::call::Call;
use crate::host::error::taken;

#[pymethods]
impl PyDataFrame {
    /// Return the columns and their types, without running the query.
    ///
    /// Raises:
    ///     ExecutionError: pyarrow does not take them, e.g. because a name has a zero byte in it.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1]}).schema().names
    ///     ['a']
    fn schema<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        taken(py, self.frame.schema().as_arrow().to_pyarrow(py))
    }

    /// Return a column with the table that it is from, which tells it apart after a join.
    ///
    /// Args:
    ///     name: The column's name.
    ///
    /// Raises:
    ///     ExecutionError: There is no such column, or more than one.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1]}).alias("t").col("a")
    ///     Expr(t.a)
    #[pyo3(name = "col")]
    fn qualified(&self, py: Python<'_>, name: &str) -> PyResult<PyExpr> {
        Call::begin(py)?.plan(|| self.find(name)).map(PyExpr::from)
    }

    /// Return a column with the table that it is from; `col` is short for this.
    ///
    /// Args:
    ///     name: The column's name.
    ///
    /// Raises:
    ///     ExecutionError: There is no such column, or more than one.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1]}).alias("t").column("a")
    ///     Expr(t.a)
    #[pyo3(name = "column")]
    fn qualified_column(&self, py: Python<'_>, name: &str) -> PyResult<PyExpr> {
        self.qualified(py, name)
    }

    /// Return several columns, each with the table that it is from.
    ///
    /// Args:
    ///     names: The columns' names.
    ///
    /// Raises:
    ///     ExecutionError: For one of the names there is no column, or more than one.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> df = SessionContext().from_pydict({"a": [1], "b": [2]}).alias("t")
    ///     >>> df.find_qualified_columns("a", "b")
    ///     [Expr(t.a), Expr(t.b)]
    #[pyo3(signature = (*names))]
    fn find_qualified_columns(&self, py: Python<'_>, names: Vec<String>) -> PyResult<Vec<PyExpr>> {
        let found: Vec<Expr> =
            Call::begin(py)?.plan(|| names.into_iter().map(|name| self.find(&name)).collect())?;
        Ok(found.into_iter().map(PyExpr::from).collect())
    }

    /// Make an expression of SQL over the query's columns.
    ///
    /// Args:
    ///     expr: The SQL, with or without an alias.
    ///
    /// Raises:
    ///     ExecutionError: It is not an SQL expression, or names a column that is not there.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1]}).alias("t").parse_sql_expr("a + 1 AS b")
    ///     Expr(t.a + Int64(1) AS b)
    fn parse_sql_expr(&self, py: Python<'_>, expr: &str) -> PyResult<PyExpr> {
        Call::begin(py)?.plan(|| self.frame.parse_sql_expr(expr)).map(PyExpr::from)
    }
}

impl PyDataFrame {
    fn find(&self, name: &str) -> Result<Expr> {
        let field = self.frame.schema().qualified_field_from_column(&self.named(name))?;
        Ok(Expr::Column(Column::from(field)))
    }
}
