//! Plans: what a query is to do, before and after it was planned for execution.

mod counted;
mod logical;
mod metrics;
mod output;
mod partitioning;
mod physical;
mod runs;
mod tree;
mod wire;

pub(crate) use counted::{counted, counted_in_metrics};
pub(crate) use logical::PyLogicalPlan;
pub(crate) use metrics::{PyMetric, PyMetricsSet};
pub(crate) use output::Output;
pub(crate) use partitioning::PyPhysicalPartitioning;
pub(crate) use physical::PyExecutionPlan;

use std::fmt;

use planwire_registry::error::OneLine;
use pyo3::prelude::*;

use crate::host::call::Call;
use crate::host::shown::LONGEST_TEXT;

/// The text of one of DataFusion's objects, on one line; DataFusion may panic over objects from a message.
fn text(py: Python<'_>, shown: &(impl fmt::Display + Sync)) -> PyResult<String> {
    Call::begin(py)?.plan(|| Ok(OneLine::new(shown, LONGEST_TEXT).to_string()))
}
