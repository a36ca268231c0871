//! Schemas: tables by name.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::catalog::{MemorySchemaProvider, SchemaProvider};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;

use super::{PyTable, TableArg};
use crate::host::call::Call;
use crate::host::error::bounded;
use crate::host::{runtime, shown, similar};
use crate::session::PySessionContext;
use crate::wire::current_session;

/// A schema: tables by name.
///
/// Example:
///     >>> from planwire import SessionContext
///     >>> ctx = SessionContext()
///     >>> _ = ctx.from_pydict({"a": [1]}, name="t")
///     >>> ctx.catalog().schema()
///     Schema(table_names=[t])
#[pyclass(module = "planwire.catalog", name = "Schema", frozen, skip_from_py_object)]
pub(crate) struct PySchema {
    schema: Arc<dyn SchemaProvider>,
}

impl PySchema {
    pub(super) const fn schema(&self) -> &Arc<dyn SchemaProvider> {
        &self.schema
    }
}

impl From<Arc<dyn SchemaProvider>> for PySchema {
    fn from(schema: Arc<dyn SchemaProvider>) -> Self {
        Self { schema }
    }
}

#[pymethods]
impl PySchema {
    /// Make an empty schema in memory.
    ///
    /// Args:
    ///     ctx: Taken for compatibility; a schema belongs to no session until it is registered.
    ///
    /// Raises:
    ///     TypeError: `ctx` is not a session.
    ///
    /// Example:
    ///     >>> from planwire.catalog import Schema
    ///     >>> Schema.memory_schema()
    ///     Schema(table_names=[])
    #[staticmethod]
    #[pyo3(signature = (ctx = None))]
    fn memory_schema(ctx: Option<&PySessionContext>) -> Self {
        let _ = ctx;
        Self { schema: Arc::new(MemorySchemaProvider::new()) }
    }

    /// Return the names of the tables.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> _ = ctx.from_pydict({"a": [1]}, name="t")
    ///     >>> ctx.catalog().schema().table_names()
    ///     {'t'}
    fn table_names(&self, py: Python<'_>) -> BTreeSet<String> {
        py.detach(|| self.schema.table_names().into_iter().collect())
    }

    /// Return the names of the tables: the same as `table_names`.
    ///
    /// Example:
    ///     >>> from planwire.catalog import Schema
    ///     >>> Schema.memory_schema().names()
    ///     set()
    fn names(&self, py: Python<'_>) -> BTreeSet<String> {
        self.table_names(py)
    }

    /// Return a table.
    ///
    /// Args:
    ///     name: The table's name as it is; there is no lower case made of it.
    ///
    /// Raises:
    ///     KeyError: There is no such table; the message lists the known ones.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> _ = ctx.from_pydict({"a": [1]}, name="t")
    ///     >>> ctx.catalog().schema().table("t").schema.names
    ///     ['a']
    fn table(&self, py: Python<'_>, name: &str) -> PyResult<PyTable> {
        let (schema, wanted) = (Arc::clone(&self.schema), name.to_owned());
        match runtime::run(&Call::begin(py)?, async move { schema.table(&wanted).await })? {
            Some(provider) => Ok(provider.into()),
            None => {
                let known = similar::known(self.table_names(py));
                Err(PyKeyError::new_err(bounded(&format_args!("no table is named {name:?}{known}"))))
            }
        }
    }

    /// Return whether there is a table of a name.
    ///
    /// Args:
    ///     name: The table's name as it is.
    ///
    /// Example:
    ///     >>> from planwire.catalog import Schema
    ///     >>> Schema.memory_schema().table_exist("t")
    ///     False
    fn table_exist(&self, py: Python<'_>, name: &str) -> bool {
        py.detach(|| self.schema.table_exist(name))
    }

    /// Put a table into the schema.
    ///
    /// Args:
    ///     name: The table's name as it is.
    ///     table: Any object that `SessionContext.register_table` takes.
    ///
    /// Raises:
    ///     TypeError: `table` is not a table.
    ///     ExecutionError: The name is taken, or the schema takes no tables.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.catalog().schema().register_table("t", ctx.from_pydict({"a": [1]}))
    ///     >>> ctx.table("t").count()
    ///     1
    fn register_table(&self, py: Python<'_>, name: String, table: TableArg) -> PyResult<()> {
        let call = Call::begin(py)?;
        let provider = table.provider(&call, current_session::default_session(py)?.get())?;
        call.plan(|| self.schema.register_table(name, provider).map(|_| ()))
    }

    /// Take a table out of the schema, if there is one of the name.
    ///
    /// Args:
    ///     name: The table's name as it is.
    ///
    /// Raises:
    ///     ExecutionError: The schema keeps its tables.
    ///
    /// Example:
    ///     >>> from planwire.catalog import Schema
    ///     >>> Schema.memory_schema().deregister_table("t")
    fn deregister_table(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        Call::begin(py)?.plan(|| self.schema.deregister_table(name).map(|_| ()))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("Schema(table_names=[{}])", shown::names(self.table_names(py)))
    }
}
