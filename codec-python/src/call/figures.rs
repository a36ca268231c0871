//! Figures: the number of calls of Python functions by an operator, with their rows and their time.
//!
//! DataFusion does not tell a function which operator runs it. So the code that runs an operator names it as
//! the thread's caller for as long as it works, and a function adds its calls to the figures that it finds
//! there. Where there are no figures, it counts for nobody.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use datafusion::physical_plan::metrics::{
    Count, ExecutionPlanMetricsSet, MetricBuilder, MetricCategory, MetricType, MetricsSet, Time,
};
use planwire_registry::error::Escaped;
use tokio::task;

thread_local! {
    /// The caller that runs on this thread.
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
    /// The calls and rows of the function that runs on this thread.
    static TALLY: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// The functions that one operator calls, in all of its partitions.
#[derive(Default)]
pub struct Figures {
    set: ExecutionPlanMetricsSet,
    functions: Mutex<HashMap<(usize, String), Function>>,
}

/// The figures of one function in one partition.
#[derive(Clone)]
struct Function {
    calls: Count,
    rows: Count,
    time: Time,
}

/// One partition of an operator, on whose behalf functions are called.
#[derive(Clone)]
pub struct Caller {
    figures: Arc<Figures>,
    partition: usize,
}

/// A caller, until the thread runs another task.
struct Running {
    caller: Caller,
    task: Option<task::Id>,
}

impl Figures {
    /// The figures so far: for a function `f`, `f.calls`, `f.rows` and `f.time` of each partition.
    #[must_use]
    pub fn metrics(&self) -> MetricsSet {
        self.set.clone_inner()
    }

    fn of(&self, name: &str, partition: usize) -> Function {
        // A panic in between leaves the table as it was.
        let mut functions = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        functions.entry((partition, name.to_owned())).or_insert_with(|| self.begin(name, partition)).clone()
    }

    fn begin(&self, name: &str, partition: usize) -> Function {
        let name = Escaped(name);
        let metric = |category| {
            let metric = MetricBuilder::new(&self.set).with_type(MetricType::Summary).with_category(category);
            metric.with_new_label("function", name.to_string())
        };
        Function {
            calls: metric(MetricCategory::Rows).counter(format!("{name}.calls"), partition),
            rows: metric(MetricCategory::Rows).counter(format!("{name}.rows"), partition),
            time: metric(MetricCategory::Timing).subset_time(format!("{name}.time"), partition),
        }
    }
}

impl fmt::Debug for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Figures").field(&self.set).finish()
    }
}

impl Caller {
    /// Makes a partition of the operator that has the figures.
    #[must_use]
    pub const fn new(figures: Arc<Figures>, partition: usize) -> Self {
        Self { figures, partition }
    }

    /// Does work on behalf of this caller. In a task that ran for nobody, `next` is the caller afterwards.
    ///
    /// An operator may have a task run its input, and works on each batch in that task right after it came.
    pub fn run<T>(&self, next: Option<&Self>, work: impl FnOnce() -> T) -> T {
        let task = task::try_id();
        let running = |caller: &Self| Running { caller: caller.clone(), task };
        let before = RUNNING.replace(Some(running(self)));
        let _after = match before {
            Some(outer) if outer.task == task => After(Some(outer)),
            _ => After(next.filter(|_| task.is_some()).map(running)),
        };
        work()
    }
}

/// The caller on this thread from the time when this is dropped, even if the work panics.
struct After(Option<Running>);

impl Drop for After {
    fn drop(&mut self) {
        RUNNING.set(self.0.take());
    }
}

/// The counts of the enclosing function, which are restored when this is dropped.
struct Outer((usize, usize));

impl Drop for Outer {
    fn drop(&mut self) {
        TALLY.set(self.0);
    }
}

/// Runs a function, and adds its calls, rows and time to the figures of the operator that runs on this thread.
pub(crate) fn measured<T>(name: &str, work: impl FnOnce() -> T) -> T {
    // The function may plan a query itself, whose calls belong neither to it nor to its caller.
    let (outer, running) = (Outer(TALLY.replace((0, 0))), RUNNING.take());
    let caller = running.as_ref().filter(|running| running.task == task::try_id());
    let caller = caller.map(|running| running.caller.clone());
    let _after = After(running);
    let start = caller.as_ref().map(|_| Instant::now());
    let done = work();
    let (calls, rows) = TALLY.get();
    drop(outer);
    if let (Some(caller), Some(start)) = (caller, start) {
        let figures = caller.figures.of(name, caller.partition);
        figures.calls.add(calls);
        figures.rows.add(rows);
        figures.time.add_duration(start.elapsed());
    }
    done
}

/// Counts a call of code written in Python.
pub(crate) fn add_call() {
    let (calls, rows) = TALLY.get();
    TALLY.set((calls.wrapping_add(1), rows));
}

/// Counts rows that are handed to code written in Python.
pub(crate) fn add_rows(more: usize) {
    let (calls, rows) = TALLY.get();
    TALLY.set((calls, rows.wrapping_add(more)));
}
