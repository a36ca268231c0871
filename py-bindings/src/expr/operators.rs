//! Python's operators on expressions.

use std::ops::{Neg, Not};
use std::sync::Arc;

use datafusion::functions::math::expr_fn::{abs, power};
use datafusion::logical_expr::Operator;
use pyo3::basic::CompareOp;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use super::tree::Tree;
use super::{ExprOrLiteral, Operand, PyExpr};

impl PyExpr {
    fn joined(&self, operator: Operator, right: Operand) -> Self {
        Self(Arc::new(Tree::joined(Arc::clone(&self.0), operator, right.0)))
    }
}

impl Operand {
    fn joined(self, operator: Operator, right: &PyExpr) -> PyExpr {
        PyExpr(Arc::new(Tree::joined(self.0, operator, Arc::clone(&right.0))))
    }
}

// An operand of which no literal can be made leaves the operator to the other side, as Python wants.
#[pymethods]
impl PyExpr {
    fn __add__(&self, other: Operand) -> Self {
        self.joined(Operator::Plus, other)
    }

    fn __radd__(&self, other: Operand) -> Self {
        other.joined(Operator::Plus, self)
    }

    fn __sub__(&self, other: Operand) -> Self {
        self.joined(Operator::Minus, other)
    }

    fn __rsub__(&self, other: Operand) -> Self {
        other.joined(Operator::Minus, self)
    }

    fn __mul__(&self, other: Operand) -> Self {
        self.joined(Operator::Multiply, other)
    }

    fn __rmul__(&self, other: Operand) -> Self {
        other.joined(Operator::Multiply, self)
    }

    fn __truediv__(&self, other: Operand) -> Self {
        self.joined(Operator::Divide, other)
    }

    fn __rtruediv__(&self, other: Operand) -> Self {
        other.joined(Operator::Divide, self)
    }

    fn __mod__(&self, other: Operand) -> Self {
        self.joined(Operator::Modulo, other)
    }

    fn __rmod__(&self, other: Operand) -> Self {
        other.joined(Operator::Modulo, self)
    }

    fn __pow__(&self, other: ExprOrLiteral, _modulo: Option<&Bound<'_, PyAny>>) -> Self {
        power(self.cloned(), other.0).into()
    }

    fn __rpow__(&self, other: ExprOrLiteral, _modulo: Option<&Bound<'_, PyAny>>) -> Self {
        power(other.0, self.cloned()).into()
    }

    fn __and__(&self, other: Operand) -> Self {
        self.joined(Operator::And, other)
    }

    fn __rand__(&self, other: Operand) -> Self {
        other.joined(Operator::And, self)
    }

    fn __or__(&self, other: Operand) -> Self {
        self.joined(Operator::Or, other)
    }

    fn __ror__(&self, other: Operand) -> Self {
        other.joined(Operator::Or, self)
    }

    fn __xor__(&self, other: Operand) -> Self {
        self.joined(Operator::BitwiseXor, other)
    }

    fn __rxor__(&self, other: Operand) -> Self {
        other.joined(Operator::BitwiseXor, self)
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
        Ok(self.joined(operator, other.extract()?))
    }

    // `and`, `or`, `not`, `in` and chained comparisons would silently pick one side.
    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err(
            "an expression has no truth value before it runs: use & for and, | for or, ~ for not",
        ))
    }
}
