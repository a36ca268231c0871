//! Verbs that choose, order and distribute rows.

use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Partitioning, SortExpr};
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::expr::sort::SortKey;
use crate::expr::{ExprOrName, OneOrMany};
use crate::host::call::Call;
use crate::host::runtime;

#[pymethods]
impl PyDataFrame {
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
        self.plan(py, |frame| {
            predicates.into_iter().try_fold(frame, |frame, predicate| match predicate {
                ExprOrName::Expr(expr) => frame.filter(expr),
                ExprOrName::Name(sql) => {
                    let expr = frame.parse_sql_expr(&sql)?;
                    frame.filter(expr)
                }
            })
        })
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
        self.plan(py, |frame| frame.limit(offset, Some(count)))
    }

    /// Keep the first rows.
    ///
    /// Args:
    ///     n: How many to keep at most.
    ///
    /// Raises:
    ///     OverflowError: The number is negative.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2, 3]}).head(2).to_pydict()
    ///     {'a': [1, 2]}
    #[pyo3(signature = (n = 5))]
    fn head(&self, py: Python<'_>, n: usize) -> PyResult<Self> {
        self.limit(py, n, 0)
    }

    /// Keep the last rows; the query runs once to count them.
    ///
    /// Args:
    ///     n: How many to keep at most.
    ///
    /// Raises:
    ///     ExecutionError: Counting the rows failed.
    ///     OverflowError: The number is negative.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2, 3]}).tail(2).to_pydict()
    ///     {'a': [2, 3]}
    #[pyo3(signature = (n = 5))]
    fn tail(&self, py: Python<'_>, n: usize) -> PyResult<Self> {
        let rows = runtime::run(&Call::begin(py)?, self.cloned().count())?;
        self.limit(py, n, rows.saturating_sub(n))
    }

    /// Keep one of each group of equal rows.
    ///
    /// Raises:
    ///     ExecutionError: A column's type cannot be compared.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2, 1]}).distinct().sort("a").to_pydict()
    ///     {'a': [1, 2]}
    fn distinct(&self, py: Python<'_>) -> PyResult<Self> {
        self.plan(py, datafusion::dataframe::DataFrame::distinct)
    }

    /// Keep the first row of each group, as SQL's `SELECT DISTINCT ON` does.
    ///
    /// Args:
    ///     on_expr: The expressions that make the groups.
    ///     select_expr: The columns to compute.
    ///     sort_expr: The order that says which row is first; it begins with `on_expr`.
    ///
    /// Raises:
    ///     ExecutionError: An expression does not fit, or the order does not begin with `on_expr`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> df = SessionContext().from_pydict({"k": ["x", "x"], "v": [1, 2]})
    ///     >>> largest = col("v").sort(ascending=False)
    ///     >>> df.distinct_on([col("k")], [col("k"), col("v")], [col("k").sort(), largest]).to_pydict()
    ///     {'k': ['x'], 'v': [2]}
    #[pyo3(signature = (on_expr, select_expr, sort_expr = None))]
    fn distinct_on(
        &self,
        py: Python<'_>,
        on_expr: OneOrMany<ExprOrName>,
        select_expr: OneOrMany<ExprOrName>,
        sort_expr: Option<OneOrMany<SortKey>>,
    ) -> PyResult<Self> {
        self.plan(py, |frame| {
            let keys = sort_expr.map(|keys| self.sort_keys(keys.into_vec())).filter(|keys| !keys.is_empty());
            let (on, selected) = (self.columns(on_expr.into_vec()), self.columns(select_expr.into_vec()));
            frame.distinct_on(on, selected, keys)
        })
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
        self.plan(py, |frame| frame.sort(self.sort_keys(exprs)))
    }

    /// Sort the rows by expressions, ascending with nulls last.
    ///
    /// Args:
    ///     exprs: Expressions or names of columns, the most important first.
    ///
    /// Raises:
    ///     ExecutionError: An expression does not fit.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> SessionContext().from_pydict({"a": [1, 3, 2]}).sort_by(-col("a")).to_pydict()
    ///     {'a': [3, 2, 1]}
    #[pyo3(signature = (*exprs))]
    fn sort_by(&self, py: Python<'_>, exprs: Vec<ExprOrName>) -> PyResult<Self> {
        self.plan(py, |frame| frame.sort_by(self.columns(exprs)))
    }

    /// Deal the rows out to partitions, which run in parallel.
    ///
    /// Args:
    ///     num: The number of partitions.
    ///
    /// Raises:
    ///     OverflowError: The number is negative.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).repartition(2).count()
    ///     2
    fn repartition(&self, py: Python<'_>, num: usize) -> PyResult<Self> {
        self.plan(py, |frame| frame.repartition(Partitioning::RoundRobinBatch(num)))
    }

    /// Send rows with equal values to the same partition.
    ///
    /// Args:
    ///     exprs: The values: expressions, names of columns, or SQL.
    ///     num: The number of partitions.
    ///
    /// Raises:
    ///     ExecutionError: An expression does not fit.
    ///     OverflowError: The number is negative.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2, 1]}).repartition_by_hash("a", num=2).count()
    ///     3
    #[pyo3(signature = (*exprs, num))]
    fn repartition_by_hash(&self, py: Python<'_>, exprs: Vec<ExprOrName>, num: usize) -> PyResult<Self> {
        self.plan(py, |frame| {
            let exprs: Vec<Expr> =
                exprs.into_iter().map(|expr| self.computed(expr)).collect::<Result<_>>()?;
            frame.repartition(Partitioning::Hash(exprs, num))
        })
    }
}

impl PyDataFrame {
    fn sort_keys(&self, keys: Vec<SortKey>) -> Vec<SortExpr> {
        keys.into_iter().map(|key| key.resolve(|name| self.column(name))).collect()
    }
}
