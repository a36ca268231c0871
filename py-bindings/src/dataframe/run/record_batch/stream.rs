//! A query that runs as its batches are asked for.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::{mem, process, thread};

use datafusion::arrow::array::RecordBatch;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::execution::SendableRecordBatchStream;
use futures::lock::{Mutex, OwnedMutexGuard};
use futures::{FutureExt, StreamExt};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::Handle;

use crate::host::{error, runtime};

/// A query, from its plan to its last batch.
pub(crate) struct Stream {
    runtime: Handle,
    process: u32,
    progress: Arc<Mutex<Progress>>,
}

/// How far a query has come.
struct Progress {
    state: State,
    /// A result that arrived after its caller had stopped waiting.
    unclaimed: Option<Found>,
}

/// A batch, or the error or the panic in which the query ended.
type Found = thread::Result<Result<RecordBatch>>;

enum State {
    Planned(Box<DataFrame>),
    Running(SendableRecordBatchStream),
    Ended,
}

impl Stream {
    /// A query that begins to run when the first batch is asked for.
    ///
    /// # Errors
    ///
    /// A `RuntimeError` if the interpreter is shutting down.
    pub(crate) fn planned(frame: DataFrame) -> PyResult<Self> {
        Self::new(State::Planned(Box::new(frame)))
    }

    /// A query that is running.
    ///
    /// # Errors
    ///
    /// A `RuntimeError` if the interpreter is shutting down.
    pub(crate) fn running(stream: SendableRecordBatchStream) -> PyResult<Self> {
        Self::new(State::Running(stream))
    }

    fn new(state: State) -> PyResult<Self> {
        let progress = Arc::new(Mutex::new(Progress { state, unclaimed: None }));
        Ok(Self { runtime: runtime::of_process()?, process: process::id(), progress })
    }

    /// The task that runs the query until there is a batch; a caller that stops waiting loses nothing.
    ///
    /// # Errors
    ///
    /// A `RuntimeError` in a process that was forked meanwhile: the threads of the query are not there.
    pub(crate) fn advance(&self) -> PyResult<impl Future<Output = Result<Claim>> + Send + use<>> {
        let here = process::id();
        if here != self.process {
            return Err(PyRuntimeError::new_err(format!(
                "the stream runs in process {}, and this is process {here}, which was forked from it",
                self.process
            )));
        }
        let progress = Arc::clone(&self.progress);
        Ok(async move {
            let mut progress = progress.lock_owned().await;
            let found = match progress.unclaimed.take() {
                Some(found) => Some(found),
                None => progress.state.next().await,
            };
            Ok(Claim { progress, found })
        })
    }
}

impl Drop for Stream {
    // On a thread that holds nothing: what the query has may take locks when it goes.
    fn drop(&mut self) {
        let ended = Arc::new(Mutex::new(Progress { state: State::Ended, unclaimed: None }));
        let progress = mem::replace(&mut self.progress, ended);
        if process::id() == self.process {
            self.runtime.spawn(async move { drop(progress) });
        } else {
            // Its locks may have been copied locked.
            mem::forget(progress);
        }
    }
}

impl State {
    async fn next(&mut self) -> Option<Found> {
        if let Self::Planned(frame) = self {
            match frame.as_ref().clone().execute_stream().await {
                Ok(stream) => *self = Self::Running(stream),
                Err(failure) => return Some(Ok(Err(failure))),
            }
        }
        let Self::Running(stream) = self else { return None };
        let found = AssertUnwindSafe(stream.next()).catch_unwind().await.transpose();
        // Nothing is said of streams that are asked again after their end.
        if !matches!(found, Some(Ok(Ok(_)))) {
            *self = Self::Ended;
        }
        found
    }
}

/// A batch for the caller, or the end; a batch that is not taken goes back to the stream.
///
/// An error is on its way like a batch: if it were lost with the wait that was given up, the next one would
/// find the stream at its end, as if all rows had come.
pub(crate) struct Claim {
    // Kept locked, so that a batch that comes back is still the first.
    progress: OwnedMutexGuard<Progress>,
    found: Option<Found>,
}

impl Claim {
    /// Takes the batch.
    ///
    /// # Errors
    ///
    /// An `ExecutionError` if the query failed.
    pub(crate) fn take(mut self, py: Python<'_>) -> PyResult<Option<RecordBatch>> {
        match self.found.take() {
            None => Ok(None),
            Some(Ok(Ok(batch))) => Ok(Some(batch)),
            Some(Ok(Err(failure))) => Err(error::from_datafusion(py, &failure)),
            Some(Err(panic)) => Err(error::from_panic(py, &*panic)),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.progress.unclaimed = self.found.take();
    }
}
