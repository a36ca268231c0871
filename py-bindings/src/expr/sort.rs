//! Sort expressions: what to order by, and which way.

use datafusion::logical_expr::{Expr, SortExpr, col};
use pyo3::prelude::*;

use crate::expr::{ExprOrName, PyExpr};
use crate::host::shown::shown;

/// An expression to sort by, with its direction.
///
/// Args:
///     expr: The expression, or the name of a column.
///     ascending: Whether the smallest value comes first.
///     nulls_first: Whether nulls come first.
///
/// Raises:
///     TypeError: An argument is of another class.
///
/// Example:
///     >>> from planwire import col
///     >>> col("a").sort(ascending=False)
///     SortExpr(a DESC NULLS LAST)
#[pyclass(module = "planwire.expr", name = "SortExpr", frozen, skip_from_py_object)]
pub(crate) struct PySortExpr {
    sort: SortExpr,
}

#[pymethods]
impl PySortExpr {
    #[new]
    fn new(expr: ExprOrName, ascending: bool, nulls_first: bool) -> Self {
        expr.resolve(|name| col(name)).sort(ascending, nulls_first).into()
    }

    /// Return the expression that is sorted by.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").sort().expr()
    ///     Expr(a)
    fn expr(&self) -> PyExpr {
        self.sort.expr.clone().into()
    }

    /// Return whether the smallest value comes first.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").sort(ascending=False).ascending()
    ///     False
    fn ascending(&self) -> bool {
        self.sort.asc
    }

    /// Return whether nulls come first.
    ///
    /// Example:
    ///     >>> from planwire import col
    ///     >>> col("a").sort().nulls_first()
    ///     False
    fn nulls_first(&self) -> bool {
        self.sort.nulls_first
    }

    fn __repr__(&self) -> String {
        format!("SortExpr({})", shown(&self.sort))
    }
}

impl From<SortExpr> for PySortExpr {
    fn from(sort: SortExpr) -> Self {
        Self { sort }
    }
}

/// An argument that says what to sort by; an expression or a name alone sorts ascending, nulls last.
pub(crate) enum SortKey {
    Directed(SortExpr),
    Plain(ExprOrName),
}

impl FromPyObject<'_, '_> for SortKey {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        match value.cast::<PySortExpr>() {
            Ok(directed) => Ok(Self::Directed(directed.get().sort.clone())),
            Err(_) => value.extract().map(Self::Plain),
        }
    }
}

impl SortKey {
    /// Makes the sort expression, with names turned into columns by `column`.
    pub(crate) fn resolve(self, column: impl Fn(&str) -> Expr) -> SortExpr {
        match self {
            Self::Directed(sort) => sort,
            Self::Plain(plain) => plain.resolve(column).sort(true, false),
        }
    }
}
