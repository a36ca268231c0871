//! The methods that run a query and return its batches.

use arrow_pyarrow::ToPyArrow;
use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, new_empty_array};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::physical_plan::common::collect;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::dataframe::run::progress;
use crate::host::call::Call;
use crate::host::error::taken;

#[pymethods]
impl PyDataFrame {
    /// Run the query and return its batches.
    ///
    /// Args:
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> [batch] = SessionContext().from_pydict({"a": [1, 2]}).collect()
    ///     >>> batch.num_rows
    ///     2
    #[pyo3(signature = (*, progress = None))]
    fn collect<'py>(
        &self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let (_, batches) = self.result(&Call::begin(py)?, progress)?;
        batches.iter().map(|batch| taken(py, batch.to_pyarrow(py))).collect()
    }

    /// Run the query and return the batches of each of its partitions.
    ///
    /// Args:
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> [[batch]] = SessionContext().from_pydict({"a": [1, 2]}).collect_partitioned()
    ///     >>> batch.num_rows
    ///     2
    #[pyo3(signature = (*, progress = None))]
    fn collect_partitioned<'py>(
        &self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Vec<Bound<'py, PyAny>>>> {
        let call = Call::begin(py)?;
        let partitions = progress::run(&call, self.cloned(), progress, DataFrame::collect_partitioned)?;
        let batches = |partition: &Vec<RecordBatch>| {
            partition.iter().map(|batch| taken(py, batch.to_pyarrow(py))).collect::<PyResult<Vec<_>>>()
        };
        partitions.iter().map(batches).collect()
    }

    /// Run the query and return one of its columns as a `pyarrow.Array`.
    ///
    /// Args:
    ///     column_name: The column's name.
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: There is no such column, or the query failed.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2], "b": [3, 4]}).collect_column("b").to_pylist()
    ///     [3, 4]
    #[pyo3(signature = (column_name, *, progress = None))]
    fn collect_column<'py>(
        &self,
        py: Python<'py>,
        column_name: &str,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let call = Call::begin(py)?;
        let column = call.plan(|| self.cloned().select([self.column(column_name)]))?;
        let (schema, batches) = progress::run(&call, column, progress, result)?;
        let column = call.plan(|| {
            let empty = schema.fields().iter().map(|field| new_empty_array(field.data_type()));
            let parts: Vec<ArrayRef> =
                empty.chain(batches.iter().flat_map(RecordBatch::columns).cloned()).collect();
            Ok(concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<_>>())?)
        })?;
        taken(py, column.to_data().to_pyarrow(py))
    }

    /// Run the query and return the number of its rows.
    ///
    /// Args:
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).count()
    ///     2
    #[pyo3(signature = (*, progress = None))]
    fn count(&self, py: Python<'_>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
        progress::run(&Call::begin(py)?, self.cloned(), progress, DataFrame::count)
    }

    /// Run the query and return one over its result, which is kept in memory.
    ///
    /// Args:
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> cached = SessionContext().sql("select random() as r").cache()
    ///     >>> cached.to_pydict() == cached.to_pydict()
    ///     True
    #[pyo3(signature = (*, progress = None))]
    fn cache(&self, py: Python<'_>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        progress::run(&Call::begin(py)?, self.cloned(), progress, DataFrame::cache).map(Self::from)
    }
}

impl PyDataFrame {
    /// Runs the query, and returns its batches with their schema.
    pub(crate) fn result(
        &self,
        call: &Call<'_>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(SchemaRef, Vec<RecordBatch>)> {
        progress::run(call, self.cloned(), progress, result)
    }
}

/// Runs a query and keeps the schema of its plan, which is all there is of an empty result.
pub(crate) async fn result(frame: DataFrame) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let stream = frame.execute_stream().await?;
    let planned = stream.schema();
    let batches = collect(stream).await?;
    // Batches may be less strict about nulls than the plan said.
    let schema = batches.first().map_or(planned, RecordBatch::schema);
    Ok((schema, batches))
}
