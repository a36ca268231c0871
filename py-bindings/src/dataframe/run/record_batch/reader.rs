//! A running query as a reader of another library, by Arrow's stream capsule.

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use datafusion::arrow::array::{RecordBatch, RecordBatchReader};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::Stream;
use crate::host::call::Call;
use crate::host::error::bounded;
use crate::host::runtime;

/// A stream with its schema; each batch is computed when it is asked for.
pub(crate) struct Reader {
    schema: SchemaRef,
    stream: Stream,
}

impl Reader {
    pub(crate) const fn new(schema: SchemaRef, stream: Stream) -> Self {
        Self { schema, stream }
    }

    /// Hands the reader over to the taker of the capsule.
    ///
    /// # Errors
    ///
    /// Whatever Python raises for want of memory.
    pub(crate) fn into_capsule(self, py: Python<'_>) -> PyResult<Bound<'_, PyCapsule>> {
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(self)), c"arrow_array_stream")
    }
}

impl Iterator for Reader {
    type Item = Result<RecordBatch, ArrowError>;

    // Attached, because a reader that holds the interpreter would keep functions from running.
    fn next(&mut self) -> Option<Self::Item> {
        let next = |py: Python<'_>| {
            let call = Call::begin(py)?;
            runtime::run(&call, self.stream.advance()?)?.take(py)
        };
        match Python::try_attach(|py| next(py).map_err(|error| described(py, &error))) {
            Some(next) => next.transpose(),
            None => Some(Err(ArrowError::ExternalError("the interpreter is shutting down".into()))),
        }
    }
}

impl RecordBatchReader for Reader {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// The text of an exception, which is all that can pass.
fn described(py: Python<'_>, error: &PyErr) -> ArrowError {
    let text = bounded(error);
    if error.is_instance_of::<PyKeyboardInterrupt>(py)
        && let Ok(thread) = py.import("_thread")
    {
        // Last, because Python raises it again at its next step, which has to be the reader's.
        let _ = thread.call_method0("interrupt_main");
    }
    ArrowError::ExternalError(text.into())
}
