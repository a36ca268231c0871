//! Sessions and plans: running what was planned, or decoded.

use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use pyo3::prelude::*;

use super::PySessionContext;
use crate::call::Call;
use crate::dataframe::PyDataFrame;
use crate::plan::PyLogicalPlan;
use crate::runtime;

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
    fn create_dataframe_from_logical_plan(&self, py: Python<'_>, plan: &PyLogicalPlan) -> PyDataFrame {
        py.detach(|| DataFrame::new(self.ctx.state(), plan.plan().clone())).into()
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
        let (ctx, plan) = (Arc::clone(&self.ctx), plan.plan().clone());
        let query = async move { ctx.execute_logical_plan(plan).await };
        runtime::run(&Call::begin(py)?, query).map(PyDataFrame::from)
    }
}
