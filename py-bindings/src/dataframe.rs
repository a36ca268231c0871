//! Data frames: queries that have not run yet.

mod names;
mod plans;
pub(crate) mod run;
mod same_named;
pub(crate) mod show;
pub(crate) mod verb;

use datafusion::common::Column;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use pyo3::prelude::*;

use crate::expr::{ExprOrName, OneOrMany, resolved};
use crate::host::call::Call;
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
        Call::begin(py)?.plan(|| verb(self.cloned()).and_then(resolved)).map(Self::from)
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

impl From<DataFrame> for PyDataFrame {
    fn from(frame: DataFrame) -> Self {
        Self { frame: frame.into() }
    }
}
