//! Batches, one by one: of a query that is still running.

mod reader;
mod stream;

use arrow_pyarrow::ToPyArrow;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::common::exec_err;
use datafusion::error::Result;
use planwire_registry::{Limits, ipc_stream, slices};
use pyo3::exceptions::{PyStopAsyncIteration, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

pub(crate) use reader::Reader;
use stream::Claim;
pub(crate) use stream::Stream;

use crate::host::call::Call;
use crate::host::error::taken;
use crate::host::{awaitable, runtime};

/// Some rows of a query's result.
///
/// Libraries that read Arrow data take it as it is.
///
/// Example:
///     >>> import pyarrow as pa
///     >>> from planwire import SessionContext
///     >>> batch = next(SessionContext().from_pydict({"a": [1, 2]}).execute_stream())
///     >>> pa.record_batch(batch).num_rows
///     2
#[pyclass(module = "planwire.record_batch", name = "RecordBatch", frozen, skip_from_py_object)]
pub(crate) struct PyRecordBatch {
    batch: RecordBatch,
}

#[pymethods]
impl PyRecordBatch {
    /// Return the batch as a `pyarrow.RecordBatch`, without copying.
    ///
    /// Raises:
    ///     ExecutionError: pyarrow does not take it, e.g. because a name has a zero byte in it.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> [batch] = SessionContext().from_pydict({"a": [1, 2]})
    ///     >>> batch.to_pyarrow().to_pydict()
    ///     {'a': [1, 2]}
    fn to_pyarrow<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        taken(py, self.batch.to_pyarrow(py))
    }

    /// Export the batch by Arrow's array capsules.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.to_pyarrow(py)?.call_method1("__arrow_c_array__", (requested_schema,))
    }

    /// Pickle the batch's rows as a stream of Arrow's, which another process reads without a session.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let stream = || -> Result<Vec<u8>> {
            let whole = vec![self.batch.clone()];
            let mut writer = StreamWriter::try_new(Vec::new(), &self.batch.schema())?;
            // A receiver must not get the rows around a slice.
            for batch in slices::batches(&whole)?.unwrap_or(whole) {
                writer.write(&batch)?;
            }
            Ok(writer.into_inner()?)
        };
        let stream = Call::begin(py)?.plan(stream)?;
        let restore = py.get_type::<Self>().getattr("_restore")?;
        Ok((restore, (PyBytes::new(py, &stream),)))
    }

    /// Make the batch of a pickle.
    #[staticmethod]
    fn _restore(py: Python<'_>, stream: &[u8]) -> PyResult<Self> {
        ipc_stream::check(stream, &Limits::default())
            .map_err(|fault| PyValueError::new_err(fault.to_string()))?;
        let batch = Call::begin(py)?.plan(|| {
            let mut batches = StreamReader::try_new(stream, None)?;
            let batch = batches.next().transpose()?;
            batch.map_or_else(|| exec_err!("the pickle holds no batch"), Ok)
        })?;
        Ok(Self { batch })
    }

    fn __repr__(&self) -> String {
        format!("RecordBatch({} rows, {} columns)", self.batch.num_rows(), self.batch.num_columns())
    }
}

/// The batches of a query that runs as they are asked for, by `for` or by `async for`.
///
/// Dropping the stream ends the query. It belongs to the process that made it, not to those forked
/// from that one.
///
/// Example:
///     >>> from planwire import SessionContext
///     >>> stream = SessionContext().from_pydict({"a": [1, 2]}).execute_stream()
///     >>> [batch.to_pyarrow().num_rows for batch in stream]
///     [2]
#[pyclass(module = "planwire.record_batch", name = "RecordBatchStream", frozen, skip_from_py_object)]
pub(crate) struct PyRecordBatchStream {
    stream: Stream,
}

impl From<Stream> for PyRecordBatchStream {
    fn from(stream: Stream) -> Self {
        Self { stream }
    }
}

#[pymethods]
impl PyRecordBatchStream {
    /// Return the next batch; `next(stream)` does the same.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran; the stream can go on.
    ///     RuntimeError: The stream was made before this process was forked.
    ///     StopIteration: There are no more.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).execute_stream().next()
    ///     RecordBatch(2 rows, 1 columns)
    #[pyo3(name = "next")]
    fn next_batch(&self, py: Python<'_>) -> PyResult<PyRecordBatch> {
        let batch = self.__next__(py)?;
        batch.ok_or_else(|| pyo3::exceptions::PyStopIteration::new_err("the stream is at its end"))
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<PyRecordBatch>> {
        let claim = runtime::run(&Call::begin(py)?, self.stream.advance()?)?;
        Ok(claim.take(py)?.map(|batch| PyRecordBatch { batch }))
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __aiter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    /// Return a future of asyncio's running loop; cancelling it leaves the batch to the next call.
    fn __anext__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        awaitable::future(&Call::begin(py)?, self.stream.advance()?, |py, claim: Claim| {
            match claim.take(py)? {
                Some(batch) => Ok(Py::new(py, PyRecordBatch { batch })?.into_any()),
                None => Err(PyStopAsyncIteration::new_err(())),
            }
        })
    }
}
