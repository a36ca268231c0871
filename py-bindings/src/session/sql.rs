//! SQL: queries as text, with values and parts filled in.

pub(crate) mod parameters;
pub(crate) mod unparse;

use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tokio::task::yield_now;

use super::prepared::Prepared;
use super::{PySessionContext, PySqlOptions};
use crate::dataframe::PyDataFrame;
use crate::host::call::Call;
use crate::host::{error, runtime};
use crate::session::sql::parameters::{Parameters, Views};

#[pymethods]
impl PySessionContext {
    /// Plan a query; statements that define or change something run at once.
    ///
    /// A placeholder is a name or number after `$`. Values for placeholders never become a part of
    /// the text. Parts do: each stands in the text as it is, so a part from somebody else may change
    /// what the query does.
    ///
    /// Args:
    ///     query: One SQL statement.
    ///     options: Which statements it may be.
    ///     param_values: Values by the name or number of a placeholder.
    ///     named_params: Parts by the name of a placeholder: a string is SQL; an expression is written
    ///         as SQL, and its functions have to be registered; a data frame is a table that is there
    ///         for this query only; a list or tuple is written with its items as literals; any other
    ///         value is one, as in `param_values`.
    ///
    /// Raises:
    ///     InvalidQuery: The statement is not SQL, names something that is not there, or may not be.
    ///     ExecutionError: A statement that ran at once failed.
    ///     ValueError: A placeholder has both a value and a part, or a function of an expression is
    ///         not registered.
    ///     TypeError: Arrow has no type for a value.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.sql("select 2 * 21 as answer").to_pydict()
    ///     {'answer': [42]}
    ///     >>> numbers = ctx.from_pydict({"a": [1, 2, 3]})
    ///     >>> query = "select $double as b from $numbers where a < $most"
    ///     >>> parts = {"double": col("a") * 2, "numbers": numbers}
    ///     >>> ctx.sql(query, param_values={"most": 3}, **parts).to_pydict()
    ///     {'b': [2, 4]}
    #[pyo3(signature = (query, options = None, param_values = None, **named_params))]
    fn sql(
        &self,
        py: Python<'_>,
        query: String,
        options: Option<PyRef<'_, PySqlOptions>>,
        param_values: Option<&Bound<'_, PyDict>>,
        named_params: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyDataFrame> {
        let options = options.map_or_else(SQLOptions::new, |options| options.options());
        let parameters = Parameters::from_python(param_values, named_params)?;
        let (ctx, prepared) = (Arc::clone(&self.ctx), self.origin.prepared.clone());
        let call = Call::begin(py)?;
        // The outcome is a result of its own, because a query that fails here is an invalid one.
        runtime::plan(&call, async move { Ok(planned(&ctx, &prepared, &query, options, parameters).await) })?
            .map(PyDataFrame::from)
            .map_err(|failure| error::from_query(py, &failure))
    }

    /// Plan a query that has to be one of the statements that are allowed.
    ///
    /// Args:
    ///     query: One SQL statement.
    ///     options: Which statements it may be.
    ///     param_values: Values by the name or number of a placeholder, as for `sql`.
    ///     named_params: Parts by the name of a placeholder, as for `sql`.
    ///
    /// Raises:
    ///     InvalidQuery: The statement is not SQL, names something that is not there, or may not be.
    ///     ExecutionError: A statement that ran at once failed.
    ///     ValueError: A placeholder has both a value and a part, or a function of an expression is
    ///         not registered.
    ///     TypeError: Arrow has no type for a value.
    ///
    /// Example:
    ///     >>> from planwire import SQLOptions, SessionContext
    ///     >>> SessionContext().sql_with_options("select 1 as one", SQLOptions()).to_pydict()
    ///     {'one': [1]}
    #[pyo3(signature = (query, options, param_values = None, **named_params))]
    fn sql_with_options(
        &self,
        py: Python<'_>,
        query: String,
        options: PyRef<'_, PySqlOptions>,
        param_values: Option<&Bound<'_, PyDict>>,
        named_params: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyDataFrame> {
        self.sql(py, query, Some(options), param_values, named_params)
    }
}

async fn planned(
    ctx: &SessionContext,
    prepared: &Prepared,
    query: &str,
    options: SQLOptions,
    parameters: Parameters,
) -> Result<DataFrame> {
    let Parameters { values, parts } = parameters;
    let mut plan = {
        let mut views = Views::of(ctx);
        let query = parts.fill(query, &mut views)?;
        ctx.state().create_logical_plan(&query).await?
    };
    if !values.is_empty() {
        plan = plan.with_param_values(values)?;
    }
    options.verify_plan(&plan)?;
    if matches!(plan, LogicalPlan::Ddl(_) | LogicalPlan::Statement(_)) {
        // It runs at once.
        yield_now().await;
    }
    // One that prepares a statement has little to copy.
    let statement = matches!(plan, LogicalPlan::Statement(_)).then(|| plan.clone());
    let frame = ctx.execute_logical_plan(plan).await?;
    if let Some(statement) = statement {
        prepared.note(&statement);
    }
    Ok(frame)
}
