//! Catalogs: where the tables of a session are, and what they are.

pub(crate) mod dataset;
mod schema;
pub(crate) mod source;
mod table;

pub(crate) use schema::PySchema;
pub(crate) use table::{PyTable, TableArg};

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;

use crate::host::call::Call;
use crate::host::error::bounded;
use crate::host::{shown, similar};
use crate::session::PySessionContext;

/// A catalog: schemas by name.
///
/// Example:
///     >>> from planwire import Catalog, SessionContext
///     >>> from planwire.catalog import Schema
///     >>> ctx, catalog = SessionContext(), Catalog.memory_catalog()
///     >>> ctx.register_catalog_provider("lake", catalog)
///     >>> catalog.register_schema("raw", Schema.memory_schema())
///     >>> ctx.sql("create table lake.raw.t as select 1 as a").to_pydict()
///     {}
///     >>> catalog.schema("raw").table_names()
///     {'t'}
#[pyclass(module = "planwire", name = "Catalog", frozen, skip_from_py_object)]
pub(crate) struct PyCatalog {
    catalog: Arc<dyn CatalogProvider>,
}

impl PyCatalog {
    pub(crate) const fn catalog(&self) -> &Arc<dyn CatalogProvider> {
        &self.catalog
    }
}

impl From<Arc<dyn CatalogProvider>> for PyCatalog {
    fn from(catalog: Arc<dyn CatalogProvider>) -> Self {
        Self { catalog }
    }
}

#[pymethods]
impl PyCatalog {
    /// Make an empty catalog in memory.
    ///
    /// Args:
    ///     ctx: Taken for compatibility; a catalog belongs to no session until it is registered.
    ///
    /// Raises:
    ///     TypeError: `ctx` is not a session.
    ///
    /// Example:
    ///     >>> from planwire import Catalog
    ///     >>> Catalog.memory_catalog()
    ///     Catalog(schema_names=[])
    #[staticmethod]
    #[pyo3(signature = (ctx = None))]
    fn memory_catalog(ctx: Option<&PySessionContext>) -> Self {
        let _ = ctx;
        Self { catalog: Arc::new(MemoryCatalogProvider::new()) }
    }

    /// Return the names of the schemas.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().catalog().schema_names()
    ///     {'public'}
    fn schema_names(&self, py: Python<'_>) -> BTreeSet<String> {
        py.detach(|| self.catalog.schema_names().into_iter().collect())
    }

    /// Return the names of the schemas: the same as `schema_names`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().catalog().names()
    ///     {'public'}
    fn names(&self, py: Python<'_>) -> BTreeSet<String> {
        self.schema_names(py)
    }

    /// Return a schema.
    ///
    /// Args:
    ///     name: The schema's name.
    ///
    /// Raises:
    ///     KeyError: There is no such schema; the message lists the known ones.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().catalog().schema()
    ///     Schema(table_names=[])
    #[pyo3(signature = (name = "public"))]
    fn schema(&self, py: Python<'_>, name: &str) -> PyResult<PySchema> {
        py.detach(|| match self.catalog.schema(name) {
            Some(schema) => Ok(schema.into()),
            None => {
                let known = similar::known(self.catalog.schema_names());
                Err(PyKeyError::new_err(bounded(&format_args!("no schema is named {name:?}{known}"))))
            }
        })
    }

    /// Put a schema into the catalog.
    ///
    /// Args:
    ///     name: The schema's name.
    ///     schema: The schema.
    ///
    /// Returns:
    ///     The schema that had the name before, or `None`.
    ///
    /// Raises:
    ///     TypeError: `schema` is not a `Schema`.
    ///     ExecutionError: The catalog takes no schemas.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> from planwire.catalog import Schema
    ///     >>> SessionContext().catalog().register_schema("raw", Schema.memory_schema())
    fn register_schema(&self, py: Python<'_>, name: &str, schema: &PySchema) -> PyResult<Option<PySchema>> {
        let schema = Arc::clone(schema.schema());
        Call::begin(py)?
            .plan(|| self.catalog.register_schema(name, schema))
            .map(|before| before.map(PySchema::from))
    }

    /// Take a schema out of the catalog.
    ///
    /// Args:
    ///     name: The schema's name.
    ///     cascade: Whether to take it out even if there are tables in it.
    ///
    /// Returns:
    ///     The schema, or `None` if there was none of the name.
    ///
    /// Raises:
    ///     ExecutionError: There are tables in the schema, and `cascade` is false.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().catalog().deregister_schema("public")
    ///     Schema(table_names=[])
    #[pyo3(signature = (name, cascade = true))]
    fn deregister_schema(&self, py: Python<'_>, name: &str, cascade: bool) -> PyResult<Option<PySchema>> {
        Call::begin(py)?
            .plan(|| self.catalog.deregister_schema(name, cascade))
            .map(|schema| schema.map(PySchema::from))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("Catalog(schema_names=[{}])", shown::names(self.schema_names(py)))
    }
}
