//! The methods that run a query, and the forms of its result.

use arrow_pyarrow::{IntoPyArrow, Table, ToPyArrow};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::util::pretty::pretty_format_batches_with_schema;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::physical_plan::common::collect;
use pyo3::prelude::*;

use super::PyDataFrame;
use crate::call::Call;
use crate::runtime;

/// How many rows stand in a frame's text.
const ROWS_SHOWN: usize = 10;

#[pymethods]
impl PyDataFrame {
    /// Return the columns and their types, without running the query.
    ///
    /// Raises:
    ///     Nothing.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1]}).schema().names
    ///     ['a']
    fn schema<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.frame.schema().as_arrow().to_pyarrow(py)
    }

    /// Run the query and return its batches.
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
    fn collect<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let call = Call::begin(py)?;
        let (_, batches) = runtime::run(&call, result(self.frame.clone()))?;
        batches.iter().map(|batch| batch.to_pyarrow(py)).collect()
    }

    /// Run the query and return its result as a `pyarrow.Table`.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).to_arrow_table().shape
    ///     (2, 1)
    fn to_arrow_table<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let call = Call::begin(py)?;
        let (schema, batches) = runtime::run(&call, result(self.frame.clone()))?;
        call.plan(|| Ok(Table::try_new(batches, schema)?))?.into_pyarrow(py)
    }

    /// Run the query and return its columns as lists by name.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1 as a, null as b").to_pydict()
    ///     {'a': [1], 'b': [None]}
    fn to_pydict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.to_arrow_table(py)?.call_method0("to_pydict")
    }

    /// Run the query and return the number of its rows.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).count()
    ///     2
    fn count(&self, py: Python<'_>) -> PyResult<usize> {
        runtime::run(&Call::begin(py)?, self.frame.clone().count())
    }

    /// Run the query and export its result by Arrow's stream capsule.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.to_arrow_table(py)?.call_method1("__arrow_c_stream__", (requested_schema,))
    }

    /// Run the query and draw its first rows.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let call = Call::begin(py)?;
        let first = call.plan(|| self.frame.clone().limit(0, Some(ROWS_SHOWN + 1)))?;
        let (schema, batches) = runtime::run(&call, result(first))?;
        call.plan(|| {
            let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
            let shown = first_rows(&batches, ROWS_SHOWN);
            let table = pretty_format_batches_with_schema(schema, &shown)?;
            let more = if rows > ROWS_SHOWN { "\nand more rows" } else { "" };
            Ok(format!("{table}{more}"))
        })
    }
}

/// Runs a query and keeps the schema of its plan, which is all there is of an empty result.
async fn result(frame: DataFrame) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let stream = frame.execute_stream().await?;
    let planned = stream.schema();
    let batches = collect(stream).await?;
    // Batches may be less strict about nulls than the plan said.
    let schema = batches.first().map_or(planned, RecordBatch::schema);
    Ok((schema, batches))
}

/// The first rows of some batches.
fn first_rows(batches: &[RecordBatch], mut rows: usize) -> Vec<RecordBatch> {
    let mut first = Vec::new();
    for batch in batches {
        let taken = batch.slice(0, rows.min(batch.num_rows()));
        rows -= taken.num_rows();
        first.push(taken);
    }
    first
}
