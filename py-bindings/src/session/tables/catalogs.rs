//! The catalogs of a session.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::datatypes::Schema;
use datafusion::common::DFSchema;
use datafusion::prelude::SessionContext;
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;

use crate::catalog::PyCatalog;
use crate::expr::PyExpr;
use crate::host::call::Call;
use crate::host::error::bounded;
use crate::host::{error, runtime, similar};
use crate::session::{Origin, PySessionContext};

#[pymethods]
impl PySessionContext {
    /// Return a catalog.
    ///
    /// Args:
    ///     name: The catalog's name.
    ///
    /// Raises:
    ///     KeyError: There is no such catalog; the message lists the known ones.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().catalog()
    ///     Catalog(schema_names=[public])
    #[pyo3(signature = (name = "datafusion"))]
    fn catalog(&self, py: Python<'_>, name: &str) -> PyResult<PyCatalog> {
        py.detach(|| match self.ctx.catalog(name) {
            Some(catalog) => Ok(catalog.into()),
            None => {
                let known = similar::known(self.ctx.catalog_names());
                Err(PyKeyError::new_err(bounded(&format_args!("no catalog is named {name:?}{known}"))))
            }
        })
    }

    /// Return the names of the catalogs.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().catalog_names()
    ///     {'datafusion'}
    fn catalog_names(&self, py: Python<'_>) -> BTreeSet<String> {
        py.detach(|| self.ctx.catalog_names().into_iter().collect())
    }

    /// Put a catalog into the session; one of the same name is replaced.
    ///
    /// Args:
    ///     name: The catalog's name.
    ///     provider: The catalog.
    ///
    /// Raises:
    ///     TypeError: `provider` is not a `Catalog`; one that is written in Python cannot be taken.
    ///
    /// Example:
    ///     >>> from planwire import Catalog, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_catalog_provider("lake", Catalog.memory_catalog())
    ///     >>> sorted(ctx.catalog_names())
    ///     ['datafusion', 'lake']
    fn register_catalog_provider(&self, py: Python<'_>, name: &str, provider: &PyCatalog) {
        let catalog = Arc::clone(provider.catalog());
        py.detach(|| self.ctx.register_catalog(name, catalog));
    }

    /// Look again for the tables of catalogs that list files.
    ///
    /// Raises:
    ///     ExecutionError: A catalog cannot list its files.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().refresh_catalogs()
    fn refresh_catalogs(&self, py: Python<'_>) -> PyResult<()> {
        let ctx = Arc::clone(&self.ctx);
        runtime::run(&Call::begin(py)?, async move { ctx.refresh_catalogs().await })
    }

    /// Return a session in which SQL may name a file where it names a table.
    ///
    /// It starts with the tables and functions of this one and shares the tables of its catalogs.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.csv")
    ///     >>> _ = path.write_text("a\n1\n")
    ///     >>> SessionContext().enable_url_table().sql(f"select a from '{path}'").to_pydict()
    ///     {'a': [1]}
    fn enable_url_table(&self, py: Python<'_>) -> Self {
        let ctx = py.detach(|| SessionContext::clone(&self.ctx).enable_url_table());
        let origin = Origin { url_table: true, ..self.origin.clone() };
        Self { ctx: Arc::new(ctx), codecs: self.codecs.clone(), origin }
    }

    /// Read an amount of memory or disk, as options spell it.
    ///
    /// Args:
    ///     config_name: The option, for the message of an error.
    ///     limit: The amount: a number before `K`, `M` or `G`.
    ///
    /// Raises:
    ///     ValueError: The amount is spelled otherwise.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext.parse_capacity_limit("datafusion.runtime.memory_limit", "1.5K")
    ///     1536
    #[staticmethod]
    fn parse_capacity_limit(config_name: &str, limit: &str) -> PyResult<usize> {
        SessionContext::parse_capacity_limit(config_name, limit)
            .map_err(|failure| PyValueError::new_err(bounded(&failure.strip_backtrace())))
    }

    /// Read an expression in SQL over the columns of a schema.
    ///
    /// Args:
    ///     sql: The expression.
    ///     schema: The columns, as a `pyarrow.Schema` or anything that exports one.
    ///
    /// Raises:
    ///     InvalidQuery: The text is not an expression, or names something that is not there.
    ///     ValueError: Two columns have one name.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().parse_sql_expr("a + 1 > 2", pa.schema([("a", pa.int64())]))
    ///     Expr(a + Int64(1) > Int64(2))
    fn parse_sql_expr(&self, py: Python<'_>, sql: &str, schema: &Bound<'_, PyAny>) -> PyResult<PyExpr> {
        let schema = DFSchema::try_from(Schema::from_pyarrow_bound(schema)?)
            .map_err(|failure| PyValueError::new_err(bounded(&failure.strip_backtrace())))?;
        let parsed = Call::begin(py)?.plan(|| Ok(self.ctx.parse_sql_expr(sql, &schema)))?;
        parsed.map(PyExpr::from).map_err(|failure| error::from_query(py, &failure))
    }
}
