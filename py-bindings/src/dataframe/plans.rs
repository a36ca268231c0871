//! The plans of a query, and the query of a plan.

use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};

use crate::wire::parcel;

use super::PyDataFrame;
use crate::host::call::Call;
use crate::host::{runtime, stack};
use crate::plan::{PyExecutionPlan, PyLogicalPlan};
use crate::session::PySessionContext;
use crate::session::pickle::meaning::Meaning;
use crate::wire::current_session::{self, Role};
use crate::wire::unopened::{opened, or_unopened};

impl PyDataFrame {
    /// The session that the query was made in, as it was then.
    fn meaning(&self) -> Meaning {
        Meaning::Made(Arc::new(self.frame.task_ctx()))
    }
}

#[pymethods]
impl PyDataFrame {
    /// Return the plan of the query as it was put together.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1 + 1 as two").logical_plan()
    ///     Projection: Int64(1) + Int64(1) AS two
    ///       EmptyRelation: rows=1
    pub(crate) fn logical_plan(&self) -> PyLogicalPlan {
        let plan = stack::with_room_for_any(|| self.frame.logical_plan().clone());
        PyLogicalPlan::made_under(plan, Some(self.meaning()))
    }

    /// Return the plan of the query after the optimizer's rules.
    ///
    /// Raises:
    ///     ExecutionError: A rule failed; if a Python function raised, that is the cause.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1 + 1 as two").optimized_logical_plan()
    ///     Projection: Int64(2) AS two
    ///       EmptyRelation: rows=1
    fn optimized_logical_plan(&self, py: Python<'_>) -> PyResult<PyLogicalPlan> {
        let frame = self.cloned();
        let plan = Call::begin(py)?.plan(|| frame.into_optimized_plan())?;
        Ok(PyLogicalPlan::made_under(plan, Some(self.meaning())))
    }

    /// Return the plan by which the query would run.
    ///
    /// Raises:
    ///     ExecutionError: The query cannot be planned; if a Python function raised, that is the cause.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1 + 1 as two").execution_plan()
    ///     ProjectionExec: expr=[2 as two]
    ///       PlaceholderRowExec
    fn execution_plan(&self, py: Python<'_>) -> PyResult<PyExecutionPlan> {
        let frame = self.cloned();
        let plan = runtime::run(&Call::begin(py)?, async move { frame.create_physical_plan().await })?;
        Ok(PyExecutionPlan::made_under(plan, Some(self.meaning())))
    }

    /// Make the query that a plan describes.
    ///
    /// Args:
    ///     plan: The plan.
    ///     ctx: The session that runs the query; without it the worker context of `planwire.ipc`, and
    ///         without that one a session of the process's own.
    ///
    /// Raises:
    ///     TypeError: `plan` is not a `LogicalPlan`.
    ///
    /// Example:
    ///     >>> from planwire import DataFrame, SessionContext
    ///     >>> plan = SessionContext().sql("select 1 as one").logical_plan()
    ///     >>> DataFrame.from_logical_plan(plan).to_pydict()
    ///     {'one': [1]}
    #[classmethod]
    #[pyo3(signature = (plan, ctx = None))]
    fn from_logical_plan<'py>(
        cls: &Bound<'py, PyType>,
        plan: &PyLogicalPlan,
        ctx: Option<&Bound<'py, PySessionContext>>,
    ) -> PyResult<Self> {
        let session = current_session::session(cls.py(), ctx, Role::Worker)?;
        let state = plan.meant(cls.py(), session.get().ctx().state())?;
        Ok(DataFrame::new(state, plan.cloned()).into())
    }

    /// Encode the query as a parcel: its plan, with the Python functions it needs, and the options of its
    /// session that decide what it means.
    ///
    /// Args:
    ///     ctx: The session whose modes hold, as for `planwire.pack`.
    ///
    /// Raises:
    ///     EncodeError: Something in the plan cannot be carried.
    ///
    /// Example:
    ///     >>> from planwire import DataFrame, SessionContext
    ///     >>> message = SessionContext().sql("select 1 as one").to_bytes()
    ///     >>> DataFrame.from_bytes(message).to_pydict()
    ///     {'one': [1]}
    #[pyo3(signature = (ctx = None))]
    fn to_bytes<'py>(
        slf: &Bound<'py, Self>,
        ctx: Option<&Bound<'py, PySessionContext>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        parcel::packed(slf.as_any(), ctx)
    }

    /// Decode a query, which runs in the session that decodes it.
    ///
    /// Args:
    ///     data: The result of `to_bytes`, in any object that has the buffer protocol.
    ///     ctx: The session whose modes hold and in which the query runs; without it the worker context
    ///         of `planwire.ipc`.
    ///
    /// Raises:
    ///     MalformedFrame: The bytes are not a query.
    ///     DecodeError: As for `LogicalPlan.from_bytes`, or an option cannot be used here.
    ///     TypeError: `data` is not a buffer.
    ///
    /// Example:
    ///     >>> from planwire import DataFrame, SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> DataFrame.from_bytes(ctx.sql("select 2 as two").to_bytes(), ctx).to_pydict()
    ///     {'two': [2]}
    #[classmethod]
    #[pyo3(signature = (data, ctx = None))]
    fn from_bytes<'py>(
        cls: &Bound<'py, PyType>,
        data: &Bound<'py, PyAny>,
        ctx: Option<&Bound<'py, PySessionContext>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        parcel::opened_as(cls, "query", data, ctx)
    }

    // The plan is pickled with it, under the sender context, and unpickled under the worker context.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (PyLogicalPlan,))> {
        Ok((slf.get_type().getattr("_restore")?, (slf.get().logical_plan(),)))
    }

    /// Makes a query of an unpickled plan, under the worker context.
    #[classmethod]
    fn _restore<'py>(cls: &Bound<'py, PyType>, plan: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let made = || {
            opened(plan)?;
            Self::from_logical_plan(cls, plan.cast::<PyLogicalPlan>()?.get(), None)
        };
        or_unopened(made(), cls, "_restore", (plan,))
    }

    // Queries never change, so a copy is the query itself, whatever the sender context says.
    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}
