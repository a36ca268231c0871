//! Python's operators on expressions.

use std::ops::{Add, Div, Mul, Neg, Not, Rem, Sub};

use datafusion::functions::math::expr_fn::{abs, power};
use datafusion::logical_expr::{Operator, and, binary_expr, or};
use pyo3::basic::CompareOp;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::{ExprOrLiteral, PyExpr};

// An operand of which no literal can be made leaves the operator to the other side, as Python wants.
#[pymethods]
impl PyExpr {
    fn __add__(&self, other: ExprOrLiteral) -> Self {
        Add::add(self.cloned(), other.0).into()
    }

    fn __radd__(&self, other: ExprOrLiteral) -> Self {
        Add::add(other.0, self.cloned()).into()
    }

    fn __sub__(&self, other: ExprOrLiteral) -> Self {
        Sub::sub(self.cloned(), other.0).into()
    }

    fn __rsub__(&self, other: ExprOrLiteral) -> Self {
        Sub::sub(other.0, self.cloned()).into()
    }

    fn __mul__(&self, other: ExprOrLiteral) -> Self {
        Mul::mul(self.cloned(), other.0).into()
    }

    fn __rmul__(&self, other: ExprOrLiteral) -> Self {
        Mul::mul(other.0, self.cloned()).into()
    }

    fn __truediv__(&self, other: ExprOrLiteral) -> Self {
        Div::div(self.cloned(), other.0).into()
    }

    fn __rtruediv__(&self, other: ExprOrLiteral) -> Self {
        Div::div(other.0, self.cloned()).into()
    }

    fn __mod__(&self, other: ExprOrLiteral) -> Self {
        Rem::rem(self.cloned(), other.0).into()
    }

    fn __rmod__(&self, other: ExprOrLiteral) -> Self {
        Rem::rem(other.0, self.cloned()).into()
    }

    fn __pow__(&self, other: ExprOrLiteral, _modulo: Option<&Bound<'_, PyAny>>) -> Self {
        power(self.cloned(), other.0).into()
    }

    fn __rpow__(&self, other: ExprOrLiteral, _modulo: Option<&Bound<'_, PyAny>>) -> Self {
        power(other.0, self.cloned()).into()
    }

    fn __and__(&self, other: ExprOrLiteral) -> Self {
        and(self.cloned(), other.0).into()
    }

    fn __rand__(&self, other: ExprOrLiteral) -> Self {
        and(other.0, self.cloned()).into()
    }

    fn __or__(&self, other: ExprOrLiteral) -> Self {
        or(self.cloned(), other.0).into()
    }

    fn __ror__(&self, other: ExprOrLiteral) -> Self {
        or(other.0, self.cloned()).into()
    }

    fn __xor__(&self, other: ExprOrLiteral) -> Self {
        binary_expr(self.cloned(), Operator::BitwiseXor, other.0).into()
    }

    fn __rxor__(&self, other: ExprOrLiteral) -> Self {
        binary_expr(other.0, Operator::BitwiseXor, self.cloned()).into()
    }
}

#[pymethods]
impl PyExpr {
    /// Tells numpy to leave operators between its values and an expression to the expression.
    #[classattr]
    fn __array_ufunc__() -> Option<bool> {
        None
    }

    fn __neg__(&self) -> Self {
        self.cloned().neg().into()
    }

    fn __abs__(&self) -> Self {
        abs(self.cloned()).into()
    }

    fn __pos__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __invert__(&self) -> Self {
        self.cloned().not().into()
    }

    // Taken as an object, because Python would answer an operand it cannot extract by comparing addresses.
    fn __richcmp__(&self, other: &Bound<'_, PyAny>, comparison: CompareOp) -> PyResult<Self> {
        let operator = match comparison {
            CompareOp::Lt => Operator::Lt,
            CompareOp::Le => Operator::LtEq,
            CompareOp::Eq => Operator::Eq,
            CompareOp::Ne => Operator::NotEq,
            CompareOp::Gt => Operator::Gt,
            CompareOp::Ge => Operator::GtEq,
        };
        let ExprOrLiteral(other) = other.extract()?;
        Ok(binary_expr(self.cloned(), operator, other).into())
    }

    // `and`, `or`, `not`, `in` and chained comparisons would silently pick one side.
    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err(
            "an expression has no truth value before it runs: use & for and, | for or, ~ for not",
        ))
    }
}
