//! Case expressions, built condition by condition.

use datafusion::logical_expr::{Case, Expr};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::{Argument, PyExpr};

/// A case expression that still gets conditions; each method returns another one.
///
/// `planwire.functions.case` compares a value with others, `planwire.functions.when` tests
/// conditions. The first that fits decides.
///
/// Example:
///     >>> from planwire import SessionContext, col, functions as f, lit
///     >>> size = f.when(col("a") > 5, lit("large")).otherwise(lit("small"))
///     >>> SessionContext().from_pydict({"a": [1, 6, 12]}).select(size.alias("size")).to_pydict()
///     {'size': ['small', 'large', 'large']}
#[pyclass(module = "planwire.expr", name = "CaseBuilder", frozen, skip_from_py_object)]
pub(crate) struct PyCaseBuilder {
    compared: Option<Expr>,
    branches: Vec<(Expr, Expr)>,
}

impl PyCaseBuilder {
    /// Begins a case that compares `compared`, or that tests conditions if there is nothing to compare.
    pub(crate) const fn new(compared: Option<Expr>) -> Self {
        Self { compared, branches: Vec::new() }
    }

    fn finish(&self, otherwise: Option<Expr>) -> PyResult<PyExpr> {
        if self.branches.is_empty() {
            return Err(PyValueError::new_err("a case needs at least one `when`"));
        }
        let branches = self.branches.iter().cloned();
        let branches = branches.map(|(when, then)| (Box::new(when), Box::new(then))).collect();
        let compared = self.compared.clone().map(Box::new);
        Ok(Expr::Case(Case::new(compared, branches, otherwise.map(Box::new))).into())
    }
}

#[pymethods]
impl PyCaseBuilder {
    /// Add a branch.
    ///
    /// Args:
    ///     when_expr: The value to compare with, or the condition.
    ///     then_expr: The result where it fits.
    ///
    /// Raises:
    ///     TypeError: An argument is a string, or Arrow has no type for a value.
    ///
    /// Example:
    ///     >>> from planwire import col, functions as f, lit
    ///     >>> f.case(col("a")).when(1, lit("one")).when(2, lit("two")).end()
    ///     Expr(CASE a WHEN Int64(1) THEN Utf8("one") WHEN Int64(2) THEN Utf8("two") END)
    pub(super) fn when(&self, when_expr: Argument, then_expr: Argument) -> Self {
        let mut branches = self.branches.clone();
        branches.push((when_expr.0, then_expr.0));
        Self { compared: self.compared.clone(), branches }
    }

    /// Finish the expression with a result for rows that no branch fits.
    ///
    /// Args:
    ///     else_expr: The result.
    ///
    /// Raises:
    ///     ValueError: There is no branch.
    ///
    /// Example:
    ///     >>> from planwire import col, functions as f, lit
    ///     >>> f.case(col("a")).when(1, lit("one")).otherwise(lit("many"))
    ///     Expr(CASE a WHEN Int64(1) THEN Utf8("one") ELSE Utf8("many") END)
    fn otherwise(&self, else_expr: Argument) -> PyResult<PyExpr> {
        self.finish(Some(else_expr.0))
    }

    /// Finish the expression, with null for rows that no branch fits.
    ///
    /// Raises:
    ///     ValueError: There is no branch.
    ///
    /// Example:
    ///     >>> from planwire import col, functions as f, lit
    ///     >>> f.case(col("a")).end()
    ///     Traceback (most recent call last):
    ///         ...
    ///     ValueError: a case needs at least one `when`
    fn end(&self) -> PyResult<PyExpr> {
        self.finish(None)
    }
}

/// Begin a case expression that compares a value with others.
///
/// Args:
///     expr: The value, usually a column.
///
/// Raises:
///     TypeError: It is a string, or Arrow has no type for the value.
///
/// Example:
///     >>> from planwire import col, functions as f, lit
///     >>> f.case(col("flag")).when(lit("R"), 1).otherwise(0)
///     Expr(CASE flag WHEN Utf8("R") THEN Int64(1) ELSE Int64(0) END)
#[pyfunction]
pub(crate) fn case(expr: Argument) -> PyCaseBuilder {
    PyCaseBuilder::new(Some(expr.0))
}

/// Begin a case expression that tests conditions, with its first branch.
///
/// Args:
///     when: The condition.
///     then: The result where it holds.
///
/// Raises:
///     TypeError: An argument is a string, or Arrow has no type for a value.
///
/// Example:
///     >>> from planwire import col, functions as f, lit
///     >>> f.when(col("a") > 0, lit("positive")).end()
///     Expr(CASE WHEN a > Int64(0) THEN Utf8("positive") END)
#[pyfunction]
pub(crate) fn when(when: Argument, then: Argument) -> PyCaseBuilder {
    PyCaseBuilder::new(None).when(when, then)
}
