//! The relational verbs: one query from another.

use pyo3::prelude::*;

use super::{PyDataFrame, apart};
use crate::call::Call;
use crate::expr::{ExprOrName, OneOrMany};
use crate::sort::SortKey;

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
        Call::begin(py)?
            .plan(|| {
                let exprs: Vec<_> =
                    exprs.into_iter().map(|expr| expr.resolve(|name| self.column(name))).collect();
                apart::select(self.frame.clone(), exprs)
            })
            .map(Self::from)
    }

    /// Keep the rows for which every predicate is true.
    ///
    /// Args:
    ///     predicates: Expressions, or SQL conditions as text.
    ///
    /// Raises:
    ///     ExecutionError: A predicate is not boolean, or names a column that is not there.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> df = SessionContext().from_pydict({"a": [1, 2, 3]})
    ///     >>> df.filter(col("a") > 1, "a < 3").to_pydict()
    ///     {'a': [2]}
    #[pyo3(signature = (*predicates))]
    fn filter(&self, py: Python<'_>, predicates: Vec<ExprOrName>) -> PyResult<Self> {
        Call::begin(py)?
            .plan(|| {
                predicates.into_iter().try_fold(self.frame.clone(), |frame, predicate| match predicate {
                    ExprOrName::Expr(expr) => frame.filter(expr),
                    ExprOrName::Name(sql) => {
                        let expr = frame.parse_sql_expr(&sql)?;
                        frame.filter(expr)
                    }
                })
            })
            .map(Self::from)
    }

    /// Add a column, or replace the one of that name.
    ///
    /// Args:
    ///     name: The column's name.
    ///     expr: An expression, or the name of a column to repeat.
    ///
    /// Raises:
    ///     ExecutionError: The expression does not fit.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> SessionContext().from_pydict({"a": [1]}).with_column("b", -col("a")).to_pydict()
    ///     {'a': [1], 'b': [-1]}
    fn with_column(&self, py: Python<'_>, name: &str, expr: ExprOrName) -> PyResult<Self> {
        Call::begin(py)?
            .plan(|| {
                let expr = expr.resolve(|name| self.column(name));
                apart::with_column(self.frame.clone(), name, expr)
            })
            .map(Self::from)
    }

    /// Group rows and compute one row for each group.
    ///
    /// Args:
    ///     group_by: What the rows of a group have in common; nothing makes all rows one group.
    ///     aggs: Calls of aggregate functions.
    ///
    /// Raises:
    ///     ExecutionError: An expression does not fit.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col, functions as f
    ///     >>> df = SessionContext().from_pydict({"k": ["x", "x", "y"], "v": [1, 2, 5]})
    ///     >>> df.aggregate("k", [f.sum(col("v")).alias("total")]).sort("k").to_pydict()
    ///     {'k': ['x', 'y'], 'total': [3, 5]}
    #[pyo3(signature = (group_by, aggs))]
    fn aggregate(
        &self,
        py: Python<'_>,
        group_by: Option<OneOrMany<ExprOrName>>,
        aggs: OneOrMany<ExprOrName>,
    ) -> PyResult<Self> {
        Call::begin(py)?
            .plan(|| {
                let resolve = |exprs: OneOrMany<ExprOrName>| {
                    exprs.into_vec().into_iter().map(|expr| expr.resolve(|name| self.column(name))).collect()
                };
                let groups = group_by.map(resolve).unwrap_or_default();
                apart::aggregate(self.frame.clone(), groups, resolve(aggs))
            })
            .map(Self::from)
    }

    /// Sort the rows.
    ///
    /// Args:
    ///     exprs: What to sort by, the most important first; what has no direction of its own, see
    ///         `Expr.sort`, sorts ascending with nulls last.
    ///
    /// Raises:
    ///     ExecutionError: An expression does not fit.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> df = SessionContext().from_pydict({"a": [1, 3, 2]})
    ///     >>> df.sort(col("a").sort(ascending=False)).to_pydict()
    ///     {'a': [3, 2, 1]}
    #[pyo3(signature = (*exprs))]
    fn sort(&self, py: Python<'_>, exprs: Vec<SortKey>) -> PyResult<Self> {
        Call::begin(py)?
            .plan(|| {
                let keys = exprs.into_iter().map(|key| key.resolve(|name| self.column(name))).collect();
                self.frame.clone().sort(keys)
            })
            .map(Self::from)
    }

    /// Keep some of the rows.
    ///
    /// Args:
    ///     count: How many to keep at most.
    ///     offset: How many to leave out before them.
    ///
    /// Raises:
    ///     OverflowError: A number is negative.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2, 3]}).limit(1, offset=1).to_pydict()
    ///     {'a': [2]}
    #[pyo3(signature = (count, offset = 0))]
    fn limit(&self, py: Python<'_>, count: usize, offset: usize) -> PyResult<Self> {
        Call::begin(py)?.plan(|| self.frame.clone().limit(offset, Some(count))).map(Self::from)
    }
}
