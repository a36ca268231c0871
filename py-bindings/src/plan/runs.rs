//! The runs of a physical plan: within one, each partition gives its rows once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;

use planwire_registry::{fresh, independent};

use super::counted;
use crate::host::stack::Deep;

/// The runs of a plan so far.
///
/// Operators hold what their run has found out, so a plan that is to give its rows again is one that has
/// not run.
pub(super) struct Runs {
    /// Whether nothing but these runs has run the plan.
    unshared: bool,
    last: Mutex<Option<Run>>,
}

struct Run {
    plan: Deep<Arc<dyn ExecutionPlan>>,
    started: HashSet<usize>,
}

impl Runs {
    /// Of a plan that nobody else has.
    pub(super) fn of_its_own() -> Self {
        Self { unshared: true, last: Mutex::default() }
    }

    /// Of a plan that may run as a part of another one.
    pub(super) fn of_a_part() -> Self {
        Self { unshared: false, ..Self::of_its_own() }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Run>> {
        // A panic in between leaves the last run as it was.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan whose operators have measured the last run.
    pub(super) fn last(&self) -> Option<Arc<dyn ExecutionPlan>> {
        self.lock().as_ref().map(|run| Arc::clone(&run.plan))
    }

    /// The plan of which to run a partition: that of the last run, if it has not given that partition yet.
    pub(super) fn with(
        &self,
        plan: &Arc<dyn ExecutionPlan>,
        partition: usize,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut last = self.lock();
        if let Some(run) = &mut *last
            && run.started.insert(partition)
        {
            return Ok(Arc::clone(&run.plan));
        }
        let is_first = self.unshared && last.is_none();
        let begun = if is_first { Arc::clone(plan) } else { fresh(Arc::clone(plan))? };
        let plan = counted(independent(begun)?)?;
        *last = Some(Run { plan: Arc::clone(&plan).into(), started: HashSet::from([partition]) });
        Ok(plan)
    }
}
