//! Progress: what a query that runs has done so far, told to who waits for it.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Instant;

use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;
use planwire_ballista::{OperatorProgress, QueryProgress, StageProgress as ClusterStage, Watch, known_rows};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyTuple};

use crate::host::call::Call;
use crate::host::runtime;
use crate::plan::Output;
use crate::session::planner::{self, Planned};

/// The module of the classes of Python's side.
const MODULE: &str = "planwire._progress";

/// Runs a query to its end, and tells `progress` of it meanwhile, if anybody is to be told.
///
/// # Errors
///
/// As [`runtime::run`], or the exception of the callback; the query is then abandoned.
pub(crate) fn run<T, Q>(
    call: &Call<'_>,
    frame: DataFrame,
    progress: Option<&Bound<'_, PyAny>>,
    query: impl FnOnce(DataFrame) -> Q,
) -> PyResult<T>
where
    T: Send + 'static,
    Q: Future<Output = Result<T>> + Send + 'static,
{
    let Some(callback) = callback(progress)? else { return runtime::run(call, query(frame)) };
    let (frame, planned) = planner::watched(frame);
    let reports = Reports { call, callback, planned, cluster: RefCell::default(), start: Instant::now() };
    let mut has_failed = false;
    let outcome = runtime::watch(call, query(frame), |py| {
        // One that is interrupted has not failed itself, and hears of the end.
        let failed = |error: &PyErr| has_failed = error.is_instance_of::<PyException>(py);
        reports.tell(Stage::Running).inspect_err(failed)
    });
    match outcome {
        Ok(result) => reports.tell(Stage::Done).map(|()| result),
        Err(error) => {
            if !has_failed && let Err(another) = reports.tell(Stage::Failed) {
                // One exception at a time; that of the query says more.
                another.write_unraisable(call.py(), Some(&reports.callback));
            }
            Err(error)
        }
    }
}

/// The callback for a user's argument: a function, or a bar for `True`.
fn callback<'py>(given: Option<&Bound<'py, PyAny>>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Some(given) = given else { return Ok(None) };
    if let Ok(wanted) = given.cast::<PyBool>() {
        let bar = || given.py().import(MODULE)?.getattr("Bar")?.call0();
        return wanted.is_true().then(bar).transpose();
    }
    if given.is_callable() {
        return Ok(Some(given.clone()));
    }
    let class = given.get_type();
    Err(PyTypeError::new_err(format!("progress is {}, neither True nor a function", class.name()?)))
}

struct Reports<'a, 'py> {
    call: &'a Call<'py>,
    callback: Bound<'py, PyAny>,
    planned: Arc<Planned>,
    cluster: RefCell<Option<Watched>>,
    start: Instant,
}

/// A query on a cluster, and how far it was when the scheduler last told.
struct Watched {
    watch: Arc<Watch>,
    progress: QueryProgress,
}

/// How far a query is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    Done,
    Failed,
}

impl Reports<'_, '_> {
    fn tell(&self, stage: Stage) -> PyResult<()> {
        let py = self.callback.py();
        let module = py.import(MODULE)?;
        let class = |name: &str| module.getattr(name);
        let (stages, operators) = self.so_far()?;
        let (of_stage, of_operator) = (class("StageProgress")?, class("OperatorProgress")?);
        let stages = stages.into_iter().map(|stage| {
            let ClusterStage { stage, partitions, partitions_done } = stage;
            of_stage.call1((stage, partitions, partitions_done))
        });
        let operators = operators.into_iter().map(|operator| {
            let OperatorProgress { name, depth, rows, batches, expected_rows } = operator;
            of_operator.call1((name, depth, rows, batches, expected_rows))
        });
        let stages = PyTuple::new(py, stages.collect::<PyResult<Vec<_>>>()?)?;
        let operators = PyTuple::new(py, operators.collect::<PyResult<Vec<_>>>()?)?;
        let seconds = self.start.elapsed().as_secs_f64();
        let (is_done, has_failed) = (stage != Stage::Running, stage == Stage::Failed);
        let progress = class("Progress")?.call1((seconds, operators, is_done, has_failed, stages))?;
        self.callback.call1((progress,)).map(drop)
    }

    /// The stages, which only a query on a cluster has, and the operators.
    ///
    /// # Errors
    ///
    /// The exception of a signal handler.
    fn so_far(&self) -> PyResult<(Vec<ClusterStage>, Vec<OperatorProgress>)> {
        let Some(plan) = self.planned.plan() else { return Ok((Vec::new(), Vec::new())) };
        let mut cluster = self.cluster.borrow_mut();
        if cluster.is_none() {
            let watched = |watch| Watched { watch: Arc::new(watch), progress: QueryProgress::default() };
            *cluster = Watch::of(&plan).map(watched);
        }
        let Some(Watched { watch, progress }) = &mut *cluster else {
            return Ok((Vec::new(), operators(&plan)));
        };
        let watch = Arc::clone(watch);
        if let Some(news) = runtime::run(self.call, async move { Ok(watch.progress().await) })? {
            *progress = news;
        }
        Ok((progress.stages.clone(), progress.operators.clone()))
    }
}

/// The operators of a plan from the top down, as `display_indent` has them.
fn operators(plan: &Arc<dyn ExecutionPlan>) -> Vec<OperatorProgress> {
    let (mut operators, mut pending) = (Vec::new(), vec![(plan, 0)]);
    while let Some((plan, depth)) = pending.pop() {
        let (children, output) = (plan.children(), Output::of(plan));
        operators.push(OperatorProgress {
            name: plan.name().to_owned(),
            depth,
            rows: output.map_or(0, Output::rows) as u64,
            batches: output.map_or(0, Output::batches) as u64,
            expected_rows: if children.is_empty() { known_rows(&**plan) } else { None },
        });
        pending.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
    }
    operators
}
