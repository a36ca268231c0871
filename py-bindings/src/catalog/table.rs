//! Tables, and the arguments that stand for one.

use std::sync::Arc;

use arrow_pyarrow::ToPyArrow;
use datafusion::catalog::TableProvider;
use datafusion::catalog::view::ViewTable;
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::TableType;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::catalog::dataset::DatasetTable;
use crate::catalog::source::Source;
use crate::dataframe::PyDataFrame;
use crate::ffi;
use crate::host::call::Call;
use crate::host::error::taken;
use crate::session::PySessionContext;
use crate::wire::current_session;

/// A table, which may be registered under any name.
///
/// Args:
///     table: A `Table`, a data frame, which becomes a view, a `pyarrow.dataset.Dataset`, an object of
///         another library with `__datafusion_table_provider__`, or Arrow data, which is read to its end.
///     ctx: Whose codec and functions a table of another library asks for; any other table belongs to no
///         session until it is registered.
///
/// Raises:
///     TypeError: `table` is an object of another class.
///
/// Example:
///     >>> from planwire import SessionContext, Table
///     >>> ctx = SessionContext()
///     >>> table = Table(ctx.from_pydict({"a": [1]}))
///     >>> table, table.schema.names
///     (Table(kind=view), ['a'])
#[pyclass(module = "planwire", name = "Table", frozen, skip_from_py_object)]
pub(crate) struct PyTable {
    provider: Arc<dyn TableProvider>,
}

impl From<Arc<dyn TableProvider>> for PyTable {
    fn from(provider: Arc<dyn TableProvider>) -> Self {
        Self { provider }
    }
}

#[pymethods]
impl PyTable {
    #[new]
    #[pyo3(signature = (table, ctx = None))]
    fn new(py: Python<'_>, table: TableArg, ctx: Option<&PySessionContext>) -> PyResult<Self> {
        let call = Call::begin(py)?;
        match ctx {
            Some(ctx) => table.provider(&call, ctx),
            None => table.provider(&call, current_session::default_session(py)?.get()),
        }
        .map(Self::from)
    }

    /// Make a table of a dataset of pyarrow; it is read when a query needs it.
    ///
    /// Args:
    ///     dataset: The `pyarrow.dataset.Dataset`.
    ///
    /// Raises:
    ///     TypeError: `dataset` is not a dataset.
    ///
    /// Example:
    ///     >>> import pyarrow as pa, pyarrow.dataset
    ///     >>> from planwire import Table
    ///     >>> Table.from_dataset(pa.dataset.dataset(pa.table({"a": [1]})))
    ///     Table(kind=physical)
    #[staticmethod]
    fn from_dataset(dataset: &Bound<'_, PyAny>) -> PyResult<Self> {
        let table = DatasetTable::from_python(dataset)?;
        Ok(Self { provider: Arc::new(table) })
    }

    /// The columns, as a `pyarrow.Schema`.
    #[getter]
    fn schema<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        taken(py, self.provider.schema().to_pyarrow(py))
    }

    /// The sort of table: `physical`, `view` or `temporary`.
    #[getter]
    fn kind(&self) -> &'static str {
        match self.provider.table_type() {
            TableType::Base => "physical",
            TableType::View => "view",
            TableType::Temporary => "temporary",
        }
    }

    fn __repr__(&self) -> String {
        format!("Table(kind={})", self.kind())
    }
}

/// An argument that stands for a table.
pub(crate) enum TableArg {
    Provider(Arc<dyn TableProvider>),
    Source(Source),
    Foreign(Py<PyAny>),
}

impl FromPyObject<'_, '_> for TableArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(table) = value.cast::<PyTable>() {
            return Ok(Self::Provider(Arc::clone(&table.get().provider)));
        }
        if let Ok(frame) = value.cast::<PyDataFrame>() {
            return Ok(Self::view(frame.get().frame()));
        }
        if ffi::is_foreign_table(&value)? {
            return Ok(Self::Foreign(value.to_owned().unbind()));
        }
        if value.hasattr("scanner")? {
            return Self::dataset(&value);
        }
        Source::from_python(&value).map(Self::Source).map_err(|unknown| {
            let class = value.get_type();
            let class = class.name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
            let error = PyTypeError::new_err(format!(
                "expected a Table, a DataFrame, a pyarrow.dataset.Dataset, Arrow data or an object with \
                 __datafusion_table_provider__, got {class}"
            ));
            error.set_cause(value.py(), Some(unknown));
            error
        })
    }
}

impl TableArg {
    /// A query as a table.
    pub(crate) fn view(frame: &DataFrame) -> Self {
        Self::Provider(Arc::new(ViewTable::new(frame.logical_plan().clone(), None)))
    }

    /// A dataset of pyarrow as a table.
    ///
    /// # Errors
    ///
    /// A `TypeError` if the object is not a dataset.
    pub(crate) fn dataset(dataset: &Bound<'_, PyAny>) -> PyResult<Self> {
        let table = DatasetTable::from_python(dataset)?;
        Ok(Self::Provider(Arc::new(table)))
    }

    /// Makes the table, for one session; Arrow data is read to its end.
    ///
    /// # Errors
    ///
    /// An `ExecutionError` if reading fails, and whatever a table of another library raises.
    pub(crate) fn provider(
        self,
        call: &Call<'_>,
        session: &PySessionContext,
    ) -> PyResult<Arc<dyn TableProvider>> {
        match self {
            Self::Foreign(table) => ffi::table_provider(session, table.bind(call.py())),
            Self::Provider(provider) => Ok(provider),
            Self::Source(source) => {
                call.plan(|| source.into_table()).map(|table| Arc::new(table) as Arc<dyn TableProvider>)
            }
        }
    }
}
