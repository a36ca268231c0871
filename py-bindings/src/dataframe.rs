//! Data frames: queries that have not run yet.

mod apart;
mod output;
mod plans;
mod verbs;

use datafusion::common::Column;
use datafusion::dataframe::DataFrame;
use datafusion::logical_expr::{Expr, col};
use pyo3::prelude::*;

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
    frame: DataFrame,
}

impl PyDataFrame {
    pub(crate) const fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// The column of a name that a user gave.
    fn column(&self, name: &str) -> Expr {
        if self.frame.schema().has_column_with_unqualified_name(name) {
            Expr::Column(Column::new_unqualified(name))
        } else {
            col(name)
        }
    }
}

impl From<DataFrame> for PyDataFrame {
    fn from(frame: DataFrame) -> Self {
        Self { frame }
    }
}
