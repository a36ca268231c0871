//! Verbs that choose, add and change columns.

use datafusion::common::Column;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyString};

use crate::dataframe::{PyDataFrame, same_named};
use crate::expr::{ExprOrLiteral, ExprOrName, OneOrMany, PyExpr};

#[pymethods]
impl PyDataFrame {
    /// Compute columns.
    ///
    /// Args:
    ///     exprs: Expressions or names of columns.
    ///
    /// Raises:
    ///     ExecutionError: A column is not there, or an expression does not fit its types.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> df = SessionContext().from_pydict({"a": [1], "b": [2]})
    ///     >>> df.select("b", (col("a") + col("b")).alias("sum")).to_pydict()
    ///     {'b': [2], 'sum': [3]}
    #[pyo3(signature = (*exprs))]
    fn select(&self, py: Python<'_>, exprs: Vec<ExprOrName>) -> PyResult<Self> {
        self.plan(py, |frame| same_named::select(frame, self.columns(exprs)))
    }

    /// Compute columns that are given as SQL.
    ///
    /// Args:
    ///     args: SQL expressions, with or without an alias.
    ///
    /// Raises:
    ///     ExecutionError: One is not an SQL expression, or names a column that is not there.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1]}).select_exprs("a", "a + 1 AS b").to_pydict()
    ///     {'a': [1], 'b': [2]}
    #[pyo3(signature = (*args))]
    fn select_exprs(&self, py: Python<'_>, args: Vec<String>) -> PyResult<Self> {
        self.plan(py, move |frame| frame.select_exprs(&args.iter().map(String::as_str).collect::<Vec<_>>()))
    }

    /// Choose columns by name.
    ///
    /// Args:
    ///     key: The name of a column, or a sequence of names.
    ///
    /// Raises:
    ///     ExecutionError: A column is not there.
    ///     TypeError: The key is not made of names.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1], "b": [2], "c": [3]})["c", "a"].to_pydict()
    ///     {'c': [3], 'a': [1]}
    fn __getitem__(&self, py: Python<'_>, key: OneOrMany<String>) -> PyResult<Self> {
        let names = key.into_vec().into_iter().map(ExprOrName::Name);
        self.plan(py, |frame| frame.select(self.columns(names)))
    }

    /// Add a column, or replace the one of that name.
    ///
    /// Args:
    ///     name: The column's name.
    ///     expr: An expression, the name of a column to repeat, or an expression as SQL.
    ///
    /// Raises:
    ///     ExecutionError: The expression does not fit.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> df = SessionContext().from_pydict({"a": [1]})
    ///     >>> df.with_column("b", -col("a")).with_column("c", "a + b").to_pydict()
    ///     {'a': [1], 'b': [-1], 'c': [0]}
    fn with_column(&self, py: Python<'_>, name: &str, expr: ExprOrName) -> PyResult<Self> {
        self.plan(py, |frame| same_named::with_column(frame, name, self.computed(expr)?))
    }

    /// Add columns, or replace those of their names.
    ///
    /// Each may use those before it.
    ///
    /// Args:
    ///     exprs: Expressions, with an alias unless their own text will do for a name; SQL, or
    ///         iterables of those.
    ///     named_exprs: Expressions by the name of their column.
    ///
    /// Raises:
    ///     ExecutionError: An expression does not fit.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> df = SessionContext().from_pydict({"a": [1]})
    ///     >>> df.with_columns("a + 1 AS b", [(col("b") * 2).alias("c")], d=-col("a")).to_pydict()
    ///     {'a': [1], 'b': [2], 'c': [4], 'd': [-1]}
    #[pyo3(signature = (*exprs, **named_exprs))]
    fn with_columns(
        &self,
        py: Python<'_>,
        exprs: Vec<Bound<'_, PyAny>>,
        named_exprs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut given = Vec::new();
        for expr in exprs {
            flatten(&expr, &mut given)?;
        }
        let mut named: Vec<(String, ExprOrName)> = Vec::new();
        for (name, expr) in named_exprs.into_iter().flatten() {
            named.push((name.extract()?, expr.extract()?));
        }
        self.plan(py, |mut frame| {
            for expr in given {
                let expr = Self::from(frame.clone()).computed(expr)?;
                let name = expr.schema_name().to_string();
                frame = same_named::with_column(frame, &name, expr)?;
            }
            for (name, expr) in named {
                let expr = Self::from(frame.clone()).computed(expr)?;
                frame = same_named::with_column(frame, &name, expr)?;
            }
            Ok(frame)
        })
    }

    /// Give a column another name; without such a column the query stays as it is.
    ///
    /// Args:
    ///     old_name: The column's name.
    ///     new_name: Its new name, which is not read as SQL.
    ///
    /// Raises:
    ///     ExecutionError: There is more than one column of the old name.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"A": [1]}).with_column_renamed("A", "b").to_pydict()
    ///     {'b': [1]}
    fn with_column_renamed(&self, py: Python<'_>, old_name: &str, new_name: &str) -> PyResult<Self> {
        let old_name = self.named(old_name).quoted_flat_name();
        self.plan(py, |frame| frame.with_column_renamed(old_name, new_name))
    }

    /// Leave columns out; names of which there is no column are ignored.
    ///
    /// Args:
    ///     columns: The columns' names.
    ///
    /// Raises:
    ///     ExecutionError: A name is qualified, and there is no such column.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1], "B": [2], "c": [3]}).drop("B", "c").to_pydict()
    ///     {'a': [1]}
    #[pyo3(signature = (*columns))]
    fn drop(&self, py: Python<'_>, columns: Vec<String>) -> PyResult<Self> {
        let columns: Vec<Column> = columns.into_iter().map(|name| self.named(&name)).collect();
        self.plan(py, |frame| frame.drop_columns(&columns))
    }

    /// Change the types of columns.
    ///
    /// Args:
    ///     mapping: The new type of each column, by the column's name.
    ///
    /// Raises:
    ///     ExecutionError: A column is not there, or cannot have that type.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1]}).cast({"a": pa.string()}).to_pydict()
    ///     {'a': ['1']}
    fn cast(&self, py: Python<'_>, mapping: &Bound<'_, PyMapping>) -> PyResult<Self> {
        let mut casts = Vec::new();
        for item in mapping.items()? {
            let (name, to): (String, Bound<'_, PyAny>) = item.extract()?;
            let cast = Bound::new(py, PyExpr::from(self.column(&name)))?.call_method1("cast", (to,))?;
            let ExprOrLiteral(cast) = cast.extract()?;
            casts.push((self.named(&name).name, cast));
        }
        self.plan(py, |frame| {
            casts.into_iter().try_fold(frame, |frame, (name, cast)| frame.with_column(&name, cast))
        })
    }

    /// Give the query a name, which qualifies its columns.
    ///
    /// Args:
    ///     alias: The name.
    ///
    /// Raises:
    ///     ExecutionError: Two columns would have the same qualified name.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> SessionContext().from_pydict({"a": [1]}).alias("t").select(col("t.a")).to_pydict()
    ///     {'a': [1]}
    fn alias(&self, py: Python<'_>, alias: &str) -> PyResult<Self> {
        self.plan(py, |frame| frame.alias(alias))
    }
}

/// Collects an expression, or all of an iterable.
fn flatten(given: &Bound<'_, PyAny>, into: &mut Vec<ExprOrName>) -> PyResult<()> {
    if given.is_instance_of::<PyExpr>() || given.is_instance_of::<PyString>() {
        into.push(given.extract()?);
        return Ok(());
    }
    let many = given.try_iter().map_err(|cause| {
        let class = given.get_type();
        let class = class.name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
        let error = PyTypeError::new_err(format!("expected expressions or SQL, got {class}"));
        error.set_cause(given.py(), Some(cause));
        error
    })?;
    for one in many {
        into.push(one?.extract()?);
    }
    Ok(())
}
