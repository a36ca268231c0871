//! The tables of a session.

pub(crate) mod batches;
pub(crate) mod catalogs;
pub(crate) mod lookup;
pub(crate) mod memory;
pub(crate) mod table_function;

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{LogicalPlanBuilder, UNNAMED_TABLE};
use pyo3::prelude::*;

use super::PySessionContext;
use crate::catalog::{PyTable, TableArg};
use crate::dataframe::PyDataFrame;
use crate::host::call::Call;

impl PySessionContext {
    /// A data frame over a table.
    pub(super) fn scan(
        &self,
        call: &Call<'_>,
        name: impl Into<TableReference> + Send,
        provider: Arc<dyn TableProvider>,
    ) -> PyResult<PyDataFrame> {
        call.plan(|| {
            let scan = LogicalPlanBuilder::scan(name, provider_as_source(provider), None)?.build()?;
            Ok(DataFrame::new(self.ctx.state(), scan))
        })
        .map(PyDataFrame::from)
    }
}

#[pymethods]
impl PySessionContext {
    /// Return a registered table as a data frame.
    ///
    /// Args:
    ///     name: The table's name, read in lower case unless quoted, as in SQL.
    ///
    /// Raises:
    ///     KeyError: There is no such table; the message lists the known ones.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> _ = ctx.from_pydict({"a": [1, 2]}, name="t")
    ///     >>> ctx.table("t").count()
    ///     2
    fn table(&self, py: Python<'_>, name: String) -> PyResult<PyDataFrame> {
        let call = Call::begin(py)?;
        let name = TableReference::from(name);
        let provider = lookup::table(&call, &self.ctx, &name)?;
        self.scan(&call, name, provider)
    }

    /// Return whether a table is registered.
    ///
    /// Args:
    ///     name: The table's name, read in lower case unless quoted, as in SQL.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().table_exist("t")
    ///     False
    fn table_exist(&self, py: Python<'_>, name: String) -> bool {
        // Where the schema is not there, no table is.
        py.detach(|| self.ctx.table_exist(name).unwrap_or(false))
    }

    /// Return a registered table.
    ///
    /// Args:
    ///     name: The table's name, read in lower case unless quoted, as in SQL.
    ///
    /// Raises:
    ///     KeyError: There is no such table; the message lists the known ones.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> _ = ctx.from_pydict({"a": [1, 2]}, name="t")
    ///     >>> ctx.table_provider("t")
    ///     Table(kind=physical)
    fn table_provider(&self, py: Python<'_>, name: String) -> PyResult<PyTable> {
        let call = Call::begin(py)?;
        lookup::table(&call, &self.ctx, &TableReference::from(name)).map(PyTable::from)
    }

    /// Return a data frame over a table, which need not be registered.
    ///
    /// Args:
    ///     table: A `Table`, a data frame, a `pyarrow.dataset.Dataset`, an object of another library with
    ///         `__datafusion_table_provider__`, or Arrow data.
    ///
    /// Raises:
    ///     TypeError: `table` is of another class.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.read_table(ctx.from_pydict({"a": [1, 2]})).count()
    ///     2
    fn read_table(&self, py: Python<'_>, table: TableArg) -> PyResult<PyDataFrame> {
        let call = Call::begin(py)?;
        let provider = table.provider(&call, self)?;
        self.scan(&call, UNNAMED_TABLE, provider)
    }

    /// Register a table.
    ///
    /// Args:
    ///     name: The table's name.
    ///     table: A `Table`, a data frame, which becomes a view, a `pyarrow.dataset.Dataset`, an object of
    ///         another library with `__datafusion_table_provider__`, or Arrow data.
    ///
    /// Raises:
    ///     TypeError: `table` is of another class.
    ///     ExecutionError: The name is taken.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_table("t", ctx.from_pydict({"a": [1, 2]}))
    ///     >>> ctx.sql("select sum(a) as s from t").to_pydict()
    ///     {'s': [3]}
    fn register_table(&self, py: Python<'_>, name: &str, table: TableArg) -> PyResult<()> {
        let call = Call::begin(py)?;
        let provider = table.provider(&call, self)?;
        call.plan(|| self.ctx.register_table(name, provider).map(|_| ()))
    }

    /// Register a table: the same as `register_table`.
    ///
    /// Args:
    ///     name: The table's name.
    ///     provider: Any object that `register_table` takes.
    ///
    /// Raises:
    ///     TypeError: `provider` is not a table.
    ///     ExecutionError: The name is taken.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_table_provider("t", ctx.from_pydict({"a": [1, 2]}))
    fn register_table_provider(&self, py: Python<'_>, name: &str, provider: TableArg) -> PyResult<()> {
        self.register_table(py, name, provider)
    }

    /// Register a query under a name: it runs each time the view is read.
    ///
    /// Args:
    ///     name: The view's name.
    ///     df: The query.
    ///
    /// Raises:
    ///     TypeError: `df` is not a data frame.
    ///     ExecutionError: The name is taken.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_view("big", ctx.from_pydict({"a": [1, 2]}).filter(col("a") > 1))
    ///     >>> ctx.table("big").to_pydict(), ctx.table_provider("big").kind
    ///     ({'a': [2]}, 'view')
    fn register_view(&self, py: Python<'_>, name: &str, df: &PyDataFrame) -> PyResult<()> {
        let view = TableArg::view(df.frame());
        self.register_table(py, name, view)
    }

    /// Register a dataset of pyarrow; it is read when a query needs it.
    ///
    /// Args:
    ///     name: The table's name.
    ///     dataset: The `pyarrow.dataset.Dataset`.
    ///
    /// Raises:
    ///     TypeError: `dataset` is not a dataset.
    ///     ExecutionError: The name is taken.
    ///
    /// Example:
    ///     >>> import pyarrow as pa, pyarrow.dataset
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_dataset("t", pa.dataset.dataset(pa.table({"a": [1, 2]})))
    ///     >>> ctx.sql("select max(a) as m from t").to_pydict()
    ///     {'m': [2]}
    fn register_dataset(&self, py: Python<'_>, name: &str, dataset: &Bound<'_, PyAny>) -> PyResult<()> {
        self.register_table(py, name, TableArg::dataset(dataset)?)
    }

    /// Forget a table, if there is one of the name.
    ///
    /// Args:
    ///     name: The table's name.
    ///
    /// Raises:
    ///     ExecutionError: There is no such schema.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> _ = ctx.from_pydict({"a": [1, 2]}, name="t")
    ///     >>> ctx.deregister_table("t")
    ///     >>> ctx.table_exist("t")
    ///     False
    fn deregister_table(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        Call::begin(py)?.plan(|| self.ctx.deregister_table(name).map(|_| ()))
    }
}
