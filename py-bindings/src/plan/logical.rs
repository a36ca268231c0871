//! Logical plans: what a query means.

use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use pyo3::prelude::*;

use super::{text, tree};
use crate::host::call::Call;
use crate::host::shown::{self, shown};
use crate::host::stack::{self, Deep};
use crate::session::pickle::meaning::{self, Meaning};

/// A logical plan: the operations that a query consists of, before it is planned for execution.
///
/// Plans never change. Pickling encodes a plan as `to_bytes` does.
///
/// Example:
///     >>> from planwire import SessionContext
///     >>> SessionContext().sql("select 1 as one").logical_plan()
///     Projection: Int64(1) AS one
///       EmptyRelation: rows=1
#[pyclass(module = "planwire", name = "LogicalPlan", frozen, skip_from_py_object)]
pub(crate) struct PyLogicalPlan {
    pub(super) plan: Deep<LogicalPlan>,
    /// The options that it was made under, as far as they are known.
    pub(super) meaning: Option<Meaning>,
}

impl PyLogicalPlan {
    pub(crate) fn plan(&self) -> &LogicalPlan {
        &self.plan
    }
}

impl PyLogicalPlan {
    /// A plan with the options that it was made under.
    pub(crate) fn made_under(plan: LogicalPlan, meaning: Option<Meaning>) -> Self {
        Self { plan: plan.into(), meaning }
    }

    /// Whether the plan came with the options that it was made under.
    pub(crate) const fn came(&self) -> bool {
        matches!(self.meaning, Some(Meaning::Came(_)))
    }

    /// The session that runs the plan: the one given, under the options that came with the plan.
    ///
    /// # Errors
    ///
    /// A `DecodeError` that names an option.
    pub(crate) fn meant(&self, py: Python<'_>, state: SessionState) -> PyResult<SessionState> {
        match &self.meaning {
            Some(Meaning::Came(options)) => meaning::meant(py, state, options),
            _ => Ok(state),
        }
    }

    /// The plan, copied with room for the levels of its expressions.
    pub(crate) fn cloned(&self) -> LogicalPlan {
        stack::with_room_for_any(|| self.plan().clone())
    }
}

impl From<LogicalPlan> for PyLogicalPlan {
    fn from(plan: LogicalPlan) -> Self {
        Self { plan: plan.into(), meaning: None }
    }
}

#[pymethods]
impl PyLogicalPlan {
    /// Return the operation at the top, on one line.
    ///
    /// Raises:
    ///     ExecutionError: DataFusion cannot show what a message brought.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1 as one").logical_plan().display()
    ///     'Projection: Int64(1) AS one'
    fn display(&self, py: Python<'_>) -> PyResult<String> {
        text(py, &self.plan.display())
    }

    /// Return all operations, each below the one it feeds and indented.
    ///
    /// Raises:
    ///     ExecutionError: DataFusion cannot show what a message brought.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> print(SessionContext().sql("select 1 as one").logical_plan().display_indent())
    ///     Projection: Int64(1) AS one
    ///       EmptyRelation: rows=1
    fn display_indent(&self, py: Python<'_>) -> PyResult<String> {
        Call::begin(py)?.plan(|| tree::logical(&self.plan, false, shown::LONGEST_TEXT))
    }

    /// Return all operations as `display_indent` does, with the columns that each gives.
    ///
    /// Raises:
    ///     ExecutionError: DataFusion cannot show what a message brought.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> print(SessionContext().sql("select 1 as one").logical_plan().display_indent_schema())
    ///     Projection: Int64(1) AS one [one:Int64]
    ///       EmptyRelation: rows=1 []
    fn display_indent_schema(&self, py: Python<'_>) -> PyResult<String> {
        Call::begin(py)?.plan(|| tree::logical(&self.plan, true, shown::LONGEST_TEXT))
    }

    /// Return a drawing of the plan in the language of Graphviz.
    ///
    /// Raises:
    ///     ExecutionError: DataFusion cannot show what a message brought.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> "digraph" in SessionContext().sql("select 1").logical_plan().display_graphviz()
    ///     True
    fn display_graphviz(&self, py: Python<'_>) -> PyResult<String> {
        Call::begin(py)?.plan(|| Ok(graph(&self.plan.display_graphviz().to_string())))
    }

    /// Return the plans that feed the operation at the top.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1 as one").logical_plan().inputs()
    ///     [EmptyRelation: rows=1]
    fn inputs(&self) -> Vec<Self> {
        let inputs = self.plan.inputs().into_iter().cloned();
        inputs.map(|plan| Self::made_under(plan, self.meaning.clone())).collect()
    }

    fn __eq__(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        Call::begin(py)?.plan(|| Ok(*self.plan == *other.plan))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Call::begin(py)?.plan(|| tree::logical(&self.plan, false, shown::LONGEST))
    }
}

/// A drawing whose labels stay on their lines. DataFusion puts them into quotes, and leaves none within.
fn graph(drawn: &str) -> String {
    let parts = drawn.split('"').enumerate();
    let parts =
        parts.map(|(place, part)| if place % 2 == 0 { part.to_owned() } else { shown(part).to_string() });
    parts.collect::<Vec<_>>().join("\"")
}
