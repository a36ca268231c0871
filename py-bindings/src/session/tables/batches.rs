//! Record batches of pyarrow as tables.

use std::sync::Arc;

use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::datasource::MemTable;
use datafusion::logical_expr::UNNAMED_TABLE;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::host::call::Call;
use crate::session::PySessionContext;

/// An argument that is one batch, or anything that exports one.
pub(crate) struct BatchArg(RecordBatch);

impl FromPyObject<'_, '_> for BatchArg {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        RecordBatch::from_pyarrow_bound(&value).map(Self)
    }
}

/// An argument that holds the batches of each partition.
pub(crate) struct Partitions(Vec<Vec<RecordBatch>>);

impl FromPyObject<'_, '_> for Partitions {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        value.try_iter()?.map(|batches| read_all(&batches?)).collect::<PyResult<_>>().map(Self)
    }
}

fn read_all(batches: &Bound<'_, PyAny>) -> PyResult<Vec<RecordBatch>> {
    batches.try_iter()?.map(|batch| batch?.extract().map(|BatchArg(batch)| batch)).collect()
}

impl Partitions {
    /// Makes a table in memory.
    ///
    /// # Errors
    ///
    /// A `ValueError` if nothing tells the columns, an `ExecutionError` if batches differ in them.
    pub(crate) fn into_table(self, call: &Call<'_>, schema: Option<Schema>) -> PyResult<MemTable> {
        let Self(partitions) = self;
        let first = || partitions.iter().flatten().next().map(RecordBatch::schema);
        let schema: SchemaRef = schema
            .map(Arc::new)
            .or_else(first)
            .ok_or_else(|| PyValueError::new_err("there is neither a record batch nor a schema"))?;
        call.plan(|| MemTable::try_new(schema, partitions))
    }
}

impl PySessionContext {
    /// A data frame over a table in memory, which is registered if it has a name.
    pub(crate) fn in_memory(
        &self,
        call: &Call<'_>,
        table: Arc<MemTable>,
        name: Option<&str>,
    ) -> PyResult<PyDataFrame> {
        let Some(name) = name else { return self.scan(call, UNNAMED_TABLE, table) };
        call.plan(|| self.ctx.register_table(name, Arc::clone(&table) as _))?;
        self.scan(call, name.to_owned(), table)
    }
}

#[pymethods]
impl PySessionContext {
    /// Make a data frame of one record batch.
    ///
    /// Args:
    ///     batch: The batch.
    ///
    /// Raises:
    ///     TypeError: `batch` is not a record batch.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().read_batch(pa.record_batch({"a": [1, 2]})).count()
    ///     2
    fn read_batch(&self, py: Python<'_>, batch: BatchArg) -> PyResult<PyDataFrame> {
        let call = Call::begin(py)?;
        let table = Partitions(vec![vec![batch.0]]).into_table(&call, None)?;
        self.in_memory(&call, Arc::new(table), None)
    }

    /// Make a data frame of record batches.
    ///
    /// Args:
    ///     batches: The batches; without any the frame has neither columns nor rows.
    ///
    /// Raises:
    ///     TypeError: One is not a record batch.
    ///     ExecutionError: The batches differ in their columns.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().read_batches([pa.record_batch({"a": [1, 2]})] * 2).count()
    ///     4
    fn read_batches(&self, batches: &Bound<'_, PyAny>) -> PyResult<PyDataFrame> {
        let call = Call::begin(batches.py())?;
        let batches = read_all(batches)?;
        let schema = batches.is_empty().then(Schema::empty);
        let table = Partitions(vec![batches]).into_table(&call, schema)?;
        self.in_memory(&call, Arc::new(table), None)
    }

    /// Register one record batch as a table.
    ///
    /// Args:
    ///     name: The table's name.
    ///     batch: The batch.
    ///
    /// Raises:
    ///     TypeError: `batch` is not a record batch.
    ///     ExecutionError: The name is taken.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_batch("t", pa.record_batch({"a": [1, 2]}))
    ///     >>> ctx.table("t").count()
    ///     2
    fn register_batch(&self, py: Python<'_>, name: &str, batch: BatchArg) -> PyResult<()> {
        self.register_record_batches(py, name, Partitions(vec![vec![batch.0]]))
    }

    /// Register record batches as a table.
    ///
    /// Args:
    ///     name: The table's name.
    ///     partitions: The batches of each partition.
    ///
    /// Raises:
    ///     ValueError: There is no batch.
    ///     ExecutionError: The batches differ in their columns, or the name is taken.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> batch = pa.record_batch({"a": [1, 2]})
    ///     >>> ctx.register_record_batches("t", [[batch], [batch]])
    ///     >>> ctx.table("t").count()
    ///     4
    fn register_record_batches(&self, py: Python<'_>, name: &str, partitions: Partitions) -> PyResult<()> {
        let call = Call::begin(py)?;
        let table = Arc::new(partitions.into_table(&call, None)?);
        call.plan(|| self.ctx.register_table(name, table).map(|_| ()))
    }

    /// Return a data frame of one row without columns, to compute values over.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, lit
    ///     >>> SessionContext().read_empty().select(lit(1).alias("one")).to_pydict()
    ///     {'one': [1]}
    fn read_empty(&self, py: Python<'_>) -> PyResult<PyDataFrame> {
        Call::begin(py)?.plan(|| self.ctx.read_empty()).map(PyDataFrame::from)
    }

    /// Return a data frame of one row without columns: the same as `read_empty`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().empty_table().count()
    ///     1
    fn empty_table(&self, py: Python<'_>) -> PyResult<PyDataFrame> {
        self.read_empty(py)
    }
}
