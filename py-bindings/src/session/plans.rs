//! Sessions and plans: running what was planned, or decoded.

use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlanProperties;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::PySessionContext;
use crate::dataframe::PyDataFrame;
use crate::dataframe::run::record_batch::{PyRecordBatchStream, Stream};
use crate::host::call::Call;
use crate::host::runtime;
use crate::plan::{PyExecutionPlan, PyLogicalPlan};

#[pymethods]
impl PySessionContext {
    /// Make the query that a logical plan describes, without running anything.
    ///
    /// Args:
    ///     plan: The plan.
    ///
    /// Raises:
    ///     TypeError: `plan` is not a `LogicalPlan`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> plan = ctx.sql("select 1 as one").logical_plan()
    ///     >>> ctx.create_dataframe_from_logical_plan(plan).to_pydict()
    ///     {'one': [1]}
    // Detached, because a thread that plans may hold the session's lock while it waits for the interpreter.
    fn create_dataframe_from_logical_plan(
        &self,
        py: Python<'_>,
        plan: &PyLogicalPlan,
    ) -> PyResult<PyDataFrame> {
        let state = plan.meant(py, py.detach(|| self.ctx.state()))?;
        Ok(py.detach(|| DataFrame::new(state, plan.cloned())).into())
    }

    /// Make the query that a logical plan describes; a statement, e.g. to create a table, runs at once.
    ///
    /// Args:
    ///     plan: The plan.
    ///
    /// Raises:
    ///     ExecutionError: A statement failed.
    ///     TypeError: `plan` is not a `LogicalPlan`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> plan = ctx.sql("select 1 as one").logical_plan()
    ///     >>> ctx.execute_logical_plan(plan).to_pydict()
    ///     {'one': [1]}
    fn execute_logical_plan(&self, py: Python<'_>, plan: &PyLogicalPlan) -> PyResult<PyDataFrame> {
        let runs_at_once = matches!(plan.plan(), LogicalPlan::Ddl(_) | LogicalPlan::Statement(_));
        if plan.came() && !runs_at_once {
            return self.create_dataframe_from_logical_plan(py, plan);
        }
        let (ctx, executed) = (Arc::clone(&self.ctx), plan.cloned());
        let query = async move { ctx.execute_logical_plan(executed).await };
        let frame = runtime::run(&Call::begin(py)?, query).map(PyDataFrame::from)?;
        self.origin.prepared.note(plan.plan());
        Ok(frame)
    }

    /// Start one partition of a physical plan and return its batches as they are computed.
    ///
    /// A partition that was asked for before starts another run of the plan, which gives the same rows again.
    /// The metrics of the operators stay with the plan until another run starts; scans add up those of all runs.
    ///
    /// Args:
    ///     plan: The plan.
    ///     partition: The partition, from zero.
    ///
    /// Raises:
    ///     ValueError: The plan has fewer partitions.
    ///     ExecutionError: The plan cannot be run; if a Python function raised, that is the cause.
    ///     TypeError: `plan` is not an `ExecutionPlan`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> plan = ctx.sql("select 1 as one").execution_plan()
    ///     >>> [batch.to_pyarrow().to_pydict() for batch in ctx.execute(plan, 0)]
    ///     [{'one': [1]}]
    fn execute(
        &self,
        py: Python<'_>,
        plan: &PyExecutionPlan,
        partition: usize,
    ) -> PyResult<PyRecordBatchStream> {
        let partitions = plan.plan().output_partitioning().partition_count();
        if partition >= partitions {
            return Err(PyValueError::new_err(format!(
                "there is no partition {partition}: the plan has {partitions}, counted from zero"
            )));
        }
        // On a thread of the runtime, because some operators start tasks at once.
        let call = Call::begin(py)?;
        let (ctx, plan) = (Arc::clone(&self.ctx), call.plan(|| plan.to_run(partition))?);
        let start = async move { plan.execute(partition, ctx.task_ctx()) };
        let stream = runtime::run(&call, start)?;
        Stream::running(stream).map(PyRecordBatchStream::from)
    }
}
