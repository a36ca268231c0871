//! Sources: tables of other libraries, taken over by Arrow's capsules.

use arrow_array::ffi_stream::ArrowArrayStreamReader;
use arrow_pyarrow::FromPyArrow;
use datafusion::arrow::array::{RecordBatch, RecordBatchReader};
use datafusion::datasource::MemTable;
use datafusion::error::Result;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// The Arrow data that an object exports.
pub(crate) enum Source {
    /// Batches that are still to be read.
    Stream(ArrowArrayStreamReader),
    /// One batch.
    Batch(RecordBatch),
}

impl Source {
    /// Asks an object for its stream, else for its one batch.
    ///
    /// # Errors
    ///
    /// A `TypeError` if it has neither.
    pub(crate) fn from_python(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        if value.hasattr("__arrow_c_stream__")? {
            ArrowArrayStreamReader::from_pyarrow_bound(value).map(Self::Stream)
        } else if value.hasattr("__arrow_c_array__")? {
            RecordBatch::from_pyarrow_bound(value).map(Self::Batch)
        } else {
            let class = value.get_type();
            Err(PyTypeError::new_err(format!(
                "{} has neither __arrow_c_stream__ nor __arrow_c_array__",
                class.name()?
            )))
        }
    }

    /// Reads to the end and makes a table in memory.
    ///
    /// # Errors
    ///
    /// Whatever the stream reports.
    pub(crate) fn into_table(self) -> Result<MemTable> {
        let (schema, batches) = match self {
            Self::Stream(stream) => (stream.schema(), stream.collect::<std::result::Result<Vec<_>, _>>()?),
            Self::Batch(batch) => (batch.schema(), vec![batch]),
        };
        MemTable::try_new(schema, vec![batches])
    }
}
