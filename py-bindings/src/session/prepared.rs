//! Statements that are prepared in a session, which does not list them itself.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::logical_expr::{LogicalPlan, Statement};

/// Their names; clones are of one session.
#[derive(Debug, Clone, Default)]
pub(super) struct Prepared(Arc<Mutex<BTreeSet<String>>>);

impl Prepared {
    /// Records the effect of a plan that has run.
    pub(super) fn note(&self, ran: &LogicalPlan) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match ran {
            LogicalPlan::Statement(Statement::Prepare(prepare)) => {
                names.insert(prepare.name.clone());
            }
            LogicalPlan::Statement(Statement::Deallocate(deallocate)) => {
                names.remove(&deallocate.name);
            }
            _ => {}
        }
    }

    /// The first of them, by name.
    pub(super) fn first(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).first().cloned()
    }
}
