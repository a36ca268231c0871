//! Verbs that compute over many rows, or make many rows of one.

use datafusion::common::{Column, RecursionUnnestOption, UnnestOptions};
use datafusion::logical_expr::Expr;
use pyo3::prelude::*;

use crate::dataframe::{PyDataFrame, same_named};
use crate::expr::{Argument, ExprOrName, OneOrMany};
use crate::host::call::Call;
use crate::host::runtime;

#[pymethods]
impl PyDataFrame {
    /// Group rows and compute one row for each group.
    ///
    /// Args:
    ///     group_by: The expressions that make the groups; without any, all rows are one group.
    ///     aggs: Calls of aggregate functions.
    ///
    /// Raises:
    ///     ExecutionError: An expression does not fit.
    ///     TypeError: A call is a string.
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
        aggs: OneOrMany<Argument>,
    ) -> PyResult<Self> {
        self.plan(py, |frame| {
            same_named::aggregate(frame, self.columns_of(group_by), expressions(aggs.into_vec()))
        })
    }

    /// Add columns that are computed over the rows around each row.
    ///
    /// Args:
    ///     exprs: Calls of window functions.
    ///
    /// Raises:
    ///     ExecutionError: An expression is not a call of a window function, or does not fit.
    ///     TypeError: A call is a string.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col, functions as f
    ///     >>> df = SessionContext().from_pydict({"a": [1, 2]})
    ///     >>> total = f.sum(col("a")).over(partition_by=[]).alias("total")
    ///     >>> df.window(total).to_pydict()
    ///     {'a': [1, 2], 'total': [3, 3]}
    #[pyo3(signature = (*exprs))]
    fn window(&self, py: Python<'_>, exprs: Vec<Argument>) -> PyResult<Self> {
        self.plan(py, |frame| frame.window(expressions(exprs)))
    }

    /// Make a row of each value in columns of lists, and a column of each field in those of structs.
    ///
    /// Args:
    ///     columns: The columns' names.
    ///     preserve_nulls: Whether a null becomes a row with a null; an empty list becomes no row.
    ///     recursions: For lists of lists: a column, the name of the column that it becomes, and how
    ///         many levels to take apart. A column may be given more than once.
    ///
    /// Raises:
    ///     ExecutionError: There is no such column, or it has neither lists nor structs.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> df = SessionContext().from_pydict({"k": ["x", "y"], "v": [[1, 2], None]})
    ///     >>> df.unnest_columns("v").to_pydict()
    ///     {'k': ['x', 'x', 'y'], 'v': [1, 2, None]}
    #[pyo3(signature = (*columns, preserve_nulls = true, recursions = None))]
    fn unnest_columns(
        &self,
        py: Python<'_>,
        columns: Vec<String>,
        preserve_nulls: bool,
        recursions: Option<Vec<(String, String, usize)>>,
    ) -> PyResult<Self> {
        let recursions = recursions.unwrap_or_default().into_iter().map(|(from, to, depth)| {
            let (input_column, output_column) = (self.named(&from), Column::new_unqualified(to));
            RecursionUnnestOption { input_column, output_column, depth }
        });
        let options = recursions
            .fold(UnnestOptions::new().with_preserve_nulls(preserve_nulls), UnnestOptions::with_recursions);
        let columns: Vec<String> =
            columns.into_iter().map(|name| self.named(&name).quoted_flat_name()).collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        self.plan(py, |frame| frame.unnest_columns_with_options(&columns, options))
    }

    /// Run the query and describe each column: how many values and nulls, mean, deviation, extremes.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 3]}).describe().filter("describe = 'mean'")["a"].to_pydict()
    ///     {'a': [2.0]}
    fn describe(&self, py: Python<'_>) -> PyResult<Self> {
        runtime::run(&Call::begin(py)?, self.cloned().describe()).map(Self::from)
    }
}

fn expressions(arguments: Vec<Argument>) -> Vec<Expr> {
    arguments.into_iter().map(|Argument(expr)| expr).collect()
}
