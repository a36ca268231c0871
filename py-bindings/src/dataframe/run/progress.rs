//! Progress: what a query that runs has done so far, told to who waits for it.

use std::sync::Arc;
use std::time::Instant;

use datafusion::common::stats::Precision;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::physical_plan::{ExecutionPlan, StatisticsArgs};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::intern;
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
    let reports = Reports { callback, planned, start: Instant::now() };
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

struct Reports<'py> {
    callback: Bound<'py, PyAny>,
    planned: Arc<Planned>,
    start: Instant,
}

/// How far a query is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    Done,
    Failed,
}

impl Reports<'_> {
    fn tell(&self, stage: Stage) -> PyResult<()> {
        let py = self.callback.py();
        let module = py.import(MODULE)?;
        let class = module.getattr(intern!(py, "OperatorProgress"))?;
        let operators = match self.planned.plan() {
            Some(plan) => operators(&plan),
            None => Vec::new(),
        };
        let operators = operators
            .into_iter()
            .map(|operator| {
                let Operator { name, depth, rows, batches, expected_rows } = operator;
                class.call1((name, depth, rows, batches, expected_rows))
            })
            .collect::<PyResult<Vec<_>>>()?;
        let (seconds, operators) = (self.start.elapsed().as_secs_f64(), PyTuple::new(py, operators)?);
        let (is_done, has_failed) = (stage != Stage::Running, stage == Stage::Failed);
        let progress = module.getattr(intern!(py, "Progress"))?;
        let progress = progress.call1((seconds, operators, is_done, has_failed))?;
        self.callback.call1((progress,)).map(drop)
    }
}

/// The progress of one operator.
struct Operator {
    name: String,
    depth: usize,
    rows: usize,
    batches: usize,
    expected_rows: Option<usize>,
}

/// The operators of a plan from the top down, as `display_indent` has them.
fn operators(plan: &Arc<dyn ExecutionPlan>) -> Vec<Operator> {
    let (mut operators, mut pending) = (Vec::new(), vec![(plan, 0)]);
    while let Some((plan, depth)) = pending.pop() {
        let (children, output) = (plan.children(), Output::of(plan));
        operators.push(Operator {
            name: plan.name().to_owned(),
            depth,
            rows: output.map_or(0, Output::rows),
            batches: output.map_or(0, Output::batches),
            expected_rows: if children.is_empty() { known_rows(&**plan) } else { None },
        });
        pending.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
    }
    operators
}

/// The rows that a source gives, where it knows them before it has read them.
fn known_rows(source: &dyn ExecutionPlan) -> Option<usize> {
    match source.statistics_from_inputs(&[], &StatisticsArgs::new()).ok()?.num_rows {
        Precision::Exact(rows) => Some(rows),
        Precision::Inexact(_) | Precision::Absent => None,
    }
}
