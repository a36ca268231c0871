//! A query's result batch by batch, while it runs.

use std::sync::Arc;

use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::datatypes::Schema;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, ExprSchemable};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::dataframe::PyDataFrame;
use crate::dataframe::run::record_batch::{PyRecordBatchStream, Reader, Stream};
use crate::host::call::Call;
use crate::host::runtime;

#[pymethods]
impl PyDataFrame {
    /// Start the query and return its batches as they are computed.
    ///
    /// Raises:
    ///     ExecutionError: The query could not be planned.
    ///     KeyboardInterrupt: Ctrl-C was pressed meanwhile.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> stream = SessionContext().from_pydict({"a": [1, 2]}).execute_stream()
    ///     >>> [batch.to_pyarrow().num_rows for batch in stream]
    ///     [2]
    fn execute_stream(&self, py: Python<'_>) -> PyResult<PyRecordBatchStream> {
        let stream = runtime::run(&Call::begin(py)?, self.cloned().execute_stream())?;
        Stream::running(stream).map(PyRecordBatchStream::from)
    }

    /// Start the query and return the batches of each of its partitions as they are computed.
    ///
    /// Raises:
    ///     ExecutionError: The query could not be planned.
    ///     KeyboardInterrupt: Ctrl-C was pressed meanwhile.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> [stream] = SessionContext().from_pydict({"a": [1, 2]}).execute_stream_partitioned()
    ///     >>> [batch.to_pyarrow().num_rows for batch in stream]
    ///     [2]
    fn execute_stream_partitioned(&self, py: Python<'_>) -> PyResult<Vec<PyRecordBatchStream>> {
        let frame = self.cloned();
        let streams = runtime::run(&Call::begin(py)?, frame.execute_stream_partitioned())?;
        streams.into_iter().map(|stream| Stream::running(stream).map(PyRecordBatchStream::from)).collect()
    }

    /// Start the query, for a `for` loop over its batches.
    fn __iter__(&self, py: Python<'_>) -> PyResult<PyRecordBatchStream> {
        self.execute_stream(py)
    }

    /// Have the query started by the first step of an `async for` loop over its batches.
    fn __aiter__(&self) -> PyResult<PyRecordBatchStream> {
        Stream::planned(self.cloned()).map(PyRecordBatchStream::from)
    }

    /// Start the query and export its result by Arrow's stream capsule, batch by batch.
    ///
    /// A requested schema chooses columns by name, in its order, and casts them to its types.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let requested = requested_schema.map(|capsule| {
            let schema = py.import("pyarrow")?.getattr("Schema")?;
            Schema::from_pyarrow_bound(&schema.call_method1("_import_from_c_capsule", (capsule,))?)
        });
        let requested = requested.transpose()?;
        let call = Call::begin(py)?;
        let frame = match &requested {
            None => self.cloned(),
            Some(schema) => call.plan(|| self.cloned().select(self.requested(schema)?))?,
        };
        let stream = runtime::run(&call, frame.execute_stream())?;
        Reader::new(stream.schema(), Stream::running(stream)?).into_capsule(py)
    }
}

impl PyDataFrame {
    fn requested(&self, schema: &Schema) -> Result<Vec<Expr>> {
        let known = self.frame.schema();
        let column = |field: &Arc<_>| {
            let field: &datafusion::arrow::datatypes::Field = field;
            Ok(self.column(field.name()).cast_to(field.data_type(), known)?.alias(field.name()))
        };
        schema.fields().iter().map(column).collect()
    }
}
