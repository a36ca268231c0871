//! Data frames: queries that have not run yet.

mod names;
mod plans;
pub(crate) mod run;
mod same_named;
pub(crate) mod show;
pub(crate) mod verb;

use datafusion::common::{Column, plan_err};
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::logical_expr::utils::find_aggregate_exprs;
use datafusion::logical_expr::{Expr, LogicalPlan};
use pyo3::prelude::*;

use crate::expr::{ExprOrName, OneOrMany, resolved};
use crate::host::call::Call;
use crate::host::shown::shown;
use crate::host::stack::{self, Deep};

/// A query; its methods return larger queries, and some run it.
///
/// Where a method takes columns, the name of one will do: as the schema spells it, or as SQL would.
///
/// Example:
///     >>> from planwire import SessionContext, col
///     >>> df = SessionContext().from_pydict({"a": [1, 2, 3]})
///     >>> df.filter(col("a") > 1).with_column("b", col("a") * 10).to_pydict()
///     {'a': [2, 3], 'b': [20, 30]}
#[pyclass(module = "planwire", name = "DataFrame", frozen, skip_from_py_object)]
pub(crate) struct PyDataFrame {
    frame: Deep<DataFrame>,
}

impl PyDataFrame {
    pub(crate) fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// The query, copied with room for the levels of its expressions.
    pub(crate) fn cloned(&self) -> DataFrame {
        stack::with_room_for_any(|| self.frame().clone())
    }

    /// Makes a larger query.
    fn plan(
        &self,
        py: Python<'_>,
        verb: impl FnOnce(DataFrame) -> Result<DataFrame> + Send,
    ) -> PyResult<Self> {
        let larger = || verb(self.cloned()).and_then(resolved).and_then(without_aggregates);
        Call::begin(py)?.plan(larger).map(Self::from)
    }

    /// The column that a name from a user means: one that the schema spells so, else as SQL reads it.
    fn named(&self, name: &str) -> Column {
        if self.frame.schema().has_column_with_unqualified_name(name) {
            Column::new_unqualified(name)
        } else {
            Column::from_qualified_name(name)
        }
    }

    fn column(&self, name: &str) -> Expr {
        Expr::Column(self.named(name))
    }

    /// The columns that expressions and names mean.
    fn columns(&self, exprs: impl IntoIterator<Item = ExprOrName>) -> Vec<Expr> {
        exprs.into_iter().map(|expr| expr.resolve(|name| self.column(name))).collect()
    }

    fn columns_of(&self, exprs: Option<OneOrMany<ExprOrName>>) -> Vec<Expr> {
        self.columns(exprs.map_or_else(Vec::new, OneOrMany::into_vec))
    }

    /// What an expression computes, given as one, as the name of a column, or as SQL.
    fn computed(&self, expr: ExprOrName) -> Result<Expr> {
        match expr {
            ExprOrName::Expr(expr) => Ok(expr),
            ExprOrName::Name(name) if self.frame.schema().has_column_with_unqualified_name(&name) => {
                Ok(Expr::Column(Column::new_unqualified(name)))
            }
            ExprOrName::Name(sql) => self.frame.parse_sql_expr(&sql),
        }
    }
}

#[pymethods]
impl PyDataFrame {
    // Only names that nothing has arrive here.
    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let is_column = self.frame.schema().has_column_with_unqualified_name(name);
        let missing = py.import("planwire._base.missing")?.call_method1("of_frame", (name, is_column))?;
        Err(PyErr::from_value(missing))
    }
}

/// Refuses a call of an aggregate function where rows are computed one by one; DataFusion would say so only
/// when the query runs, and as something that it has not implemented.
fn without_aggregates(frame: DataFrame) -> Result<DataFrame> {
    let plan = frame.logical_plan();
    if matches!(plan, LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::Sort(_))
        && let Some(call) = find_aggregate_exprs(&plan.expressions()).first()
    {
        return plan_err!(
            "{} is computed over many rows, and here over each row: use aggregate(group_by, aggs), or over() \
             for its value beside each row",
            shown(call)
        );
    }
    Ok(frame)
}

impl From<DataFrame> for PyDataFrame {
    fn from(frame: DataFrame) -> Self {
        Self { frame: frame.into() }
    }
}
