//! Physical plans: how a query runs, and what it did when it ran.

use std::sync::Arc;

use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use pyo3::prelude::*;

use super::runs::Runs;
use super::{PyMetricsSet, PyPhysicalPartitioning, text, tree};
use crate::host::call::Call;
use crate::host::shown::{self, shown};
use crate::host::stack::Deep;
use crate::session::pickle::meaning::Meaning;

/// A physical plan: the operators that run a query, each with its partitions.
///
/// `SessionContext.execute` runs one partition of it, any number of times; the metrics of the last run stay with
/// the plan. Pickling encodes a plan as `to_bytes` does, without its metrics.
///
/// Example:
///     >>> from planwire import SessionContext
///     >>> SessionContext().sql("select 1 as one").execution_plan()
///     ProjectionExec: expr=[1 as one]
///       PlaceholderRowExec
#[pyclass(module = "planwire", name = "ExecutionPlan", frozen, skip_from_py_object)]
pub(crate) struct PyExecutionPlan {
    pub(super) plan: Deep<Arc<dyn ExecutionPlan>>,
    runs: Runs,
    /// The options that it was made under, as far as they are known.
    pub(super) meaning: Option<Meaning>,
}

impl PyExecutionPlan {
    /// A plan with the options that it was made under.
    pub(crate) fn made_under(plan: Arc<dyn ExecutionPlan>, meaning: Option<Meaning>) -> Self {
        Self { meaning, ..Self::from(plan) }
    }

    pub(crate) fn plan(&self) -> &Arc<dyn ExecutionPlan> {
        &self.plan
    }

    /// The plan of which to run a partition; see `Runs`.
    pub(crate) fn to_run(&self, partition: usize) -> datafusion::error::Result<Arc<dyn ExecutionPlan>> {
        self.runs.with(&self.plan, partition)
    }

    /// The plan whose operators have measured something, if any has run.
    fn measured(&self) -> Arc<dyn ExecutionPlan> {
        self.runs.last().unwrap_or_else(|| Arc::clone(&self.plan))
    }
}

impl From<Arc<dyn ExecutionPlan>> for PyExecutionPlan {
    fn from(plan: Arc<dyn ExecutionPlan>) -> Self {
        Self { plan: plan.into(), runs: Runs::of_its_own(), meaning: None }
    }
}

#[pymethods]
impl PyExecutionPlan {
    /// Return the operator at the top, on one line that ends.
    ///
    /// Raises:
    ///     ExecutionError: DataFusion cannot show what a message brought.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1 as one").execution_plan().display()
    ///     'ProjectionExec: expr=[1 as one]\n'
    fn display(&self, py: Python<'_>) -> PyResult<String> {
        Ok(text(py, &tree::Operator(&**self.plan()))? + "\n")
    }

    /// Return all operators, each below the one it feeds and indented, on lines that end.
    ///
    /// Raises:
    ///     ExecutionError: DataFusion cannot show what a message brought.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> print(SessionContext().sql("select 1 as one").execution_plan().display_indent(), end="")
    ///     ProjectionExec: expr=[1 as one]
    ///       PlaceholderRowExec
    fn display_indent(&self, py: Python<'_>) -> PyResult<String> {
        Ok(Call::begin(py)?.plan(|| tree::physical(&**self.plan(), shown::LONGEST_TEXT))? + "\n")
    }

    /// Return the plans that feed the operator at the top.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1 as one").execution_plan().children()
    ///     [PlaceholderRowExec]
    fn children(&self) -> Vec<Self> {
        let part = |plan: &Arc<dyn ExecutionPlan>| Self {
            plan: Arc::clone(plan).into(),
            runs: Runs::of_a_part(),
            meaning: self.meaning.clone(),
        };
        self.measured().children().into_iter().map(part).collect()
    }

    /// The number of partitions that run side by side.
    #[getter]
    fn partition_count(&self) -> usize {
        self.plan.output_partitioning().partition_count()
    }

    /// How rows are spread over the partitions.
    #[getter]
    fn output_partitioning(&self) -> PyPhysicalPartitioning {
        self.plan.output_partitioning().clone().into()
    }

    /// Return the metrics of the operator at the top, if it has any.
    ///
    /// Of a Python function `f` that it calls, these are `f.calls`, `f.rows` and `f.time`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1 as one").execution_plan().metrics().output_rows is None
    ///     True
    fn metrics(&self) -> Option<PyMetricsSet> {
        self.measured().metrics().map(PyMetricsSet::from)
    }

    /// Return the metrics of each operator with its line of `display_indent`, from the top down.
    ///
    /// Operators that have measured nothing are left out; before the plan ran, those are all.
    ///
    /// Raises:
    ///     ExecutionError: DataFusion cannot show what a message brought.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> plan = ctx.sql("select 1 as one").execution_plan()
    ///     >>> plan.collect_metrics()
    ///     []
    ///     >>> rows = list(ctx.execute(plan, 0))
    ///     >>> [(operator, metrics.output_rows) for operator, metrics in plan.collect_metrics()]
    ///     [('ProjectionExec: expr=[1 as one]', 1)]
    fn collect_metrics(&self, py: Python<'_>) -> PyResult<Vec<(String, PyMetricsSet)>> {
        let measured = Call::begin(py)?.plan(|| {
            let (mut measured, plan) = (Vec::new(), self.measured());
            let mut pending = vec![&plan];
            while let Some(plan) = pending.pop() {
                if let Some(set) = plan.metrics()
                    && set.iter().next().is_some()
                {
                    measured.push((shown(tree::Operator(&**plan)).to_string(), set));
                }
                pending.extend(plan.children().into_iter().rev());
            }
            Ok(measured)
        })?;
        Ok(measured.into_iter().map(|(operator, set)| (operator, set.into())).collect())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Call::begin(py)?.plan(|| tree::physical(&**self.plan(), shown::LONGEST))
    }
}
