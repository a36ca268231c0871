//! Expressions, and the arguments that stand for one.

mod builder;
pub(crate) mod call;
mod case_builder;
mod constant;
pub(crate) mod data_type;
mod element;
mod lambda;
pub(crate) mod literal;
mod operators;
pub(crate) mod sort;
mod tree;
mod wire;

pub(crate) use call::clauses::PyExprFuncBuilder;
pub(crate) use call::window::PyWindow;
pub(crate) use call::window_frame::{PyWindowFrame, PyWindowFrameBound};
pub(crate) use case_builder::{PyCaseBuilder, case, when};
pub(crate) use lambda::{lambda_, lambda_var, resolved};

use std::sync::Arc;

use datafusion::logical_expr::{self as df, Expr};
use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PySequence, PyString};

use planwire_registry::error::OneLine;

use crate::expr::tree::Tree;
use crate::wire::unopened::opened;

/// The size limit of a text that an error repeats, in bytes.
const LONGEST_TEXT_NAMED: usize = 256;

/// An expression of columns, literals and functions.
///
/// Operators build larger expressions, with Python values on either side; `&`, `|` and `~` stand for
/// SQL's `AND`, `OR` and `NOT`. Pickling encodes the expression as `to_bytes` does.
///
/// Example:
///     >>> from planwire import col
///     >>> (2 * col("a") + 1 > col("b")).alias("big")
///     Expr(Int64(2) * a + Int64(1) > b AS big)
#[pyclass(module = "planwire", name = "Expr", frozen, mapping, skip_from_py_object)]
pub(crate) struct PyExpr(Arc<Tree>);

impl PyExpr {
    fn expr(&self) -> &Expr {
        self.0.expr()
    }

    fn cloned(&self) -> Expr {
        self.0.cloned()
    }
}

impl From<Expr> for PyExpr {
    fn from(expr: Expr) -> Self {
        Self(Arc::new(expr.into()))
    }
}

/// Make an expression of a column's name.
///
/// An unquoted name is read in lower case, as SQL reads it; quote it to keep its case.
///
/// Args:
///     name: The name, qualified by a table's or not.
///
/// Example:
///     >>> from planwire import col
///     >>> col("lineitem.l_tax"), col('"Mixed"')
///     (Expr(lineitem.l_tax), Expr(Mixed))
#[pyfunction]
pub(crate) fn col(name: &str) -> PyExpr {
    df::col(name).into()
}

/// Make an expression of a constant.
///
/// Args:
///     value: A Python value that Arrow has a type for, or a `pyarrow.Scalar`.
///
/// Raises:
///     TypeError: Arrow has no type for the value.
///
/// Example:
///     >>> from planwire import lit
///     >>> lit(1), lit("one"), lit(None)
///     (Expr(Int64(1)), Expr(Utf8("one")), Expr(NULL))
#[pyfunction]
pub(crate) fn lit(value: &Bound<'_, PyAny>) -> PyResult<PyExpr> {
    ExprOrLiteral::extract(value.as_borrowed()).map(|ExprOrLiteral(expr)| expr.into())
}

/// An argument that is an expression, or a value that becomes a literal.
pub(crate) struct ExprOrLiteral(pub(crate) Expr);

impl FromPyObject<'_, '_> for ExprOrLiteral {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(expr) = value.cast::<PyExpr>() {
            return Ok(Self(expr.get().cloned()));
        }
        opened(&value)?;
        literal::scalar(&value).map(|value| Self(Expr::Literal(value, None)))
    }
}

/// An argument of a function's call: an expression, or a value that becomes a literal, but no text.
///
/// A text alone would be a column's name to some and a constant to others.
pub(crate) struct Argument(pub(crate) Expr);

impl FromPyObject<'_, '_> for Argument {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(text) = value.cast::<PyString>() {
            let text = text.repr()?.to_string();
            let text = OneLine::new(&text, LONGEST_TEXT_NAMED);
            return Err(PyTypeError::new_err(format!(
                "a string could be a column or a constant here: use col({text}) or lit({text})"
            )));
        }
        value.extract().map(|ExprOrLiteral(expr)| Self(expr))
    }
}

/// Make an expression of an argument of a function's call.
///
/// Args:
///     value: An expression, or a value that becomes a literal, but no string.
///
/// Raises:
///     TypeError: It is a string, or Arrow has no type for the value.
///
/// Example:
///     >>> from planwire import _internal
///     >>> _internal.argument(1)
///     Expr(Int64(1))
///     >>> _internal.argument("b")
///     Traceback (most recent call last):
///         ...
///     TypeError: a string could be a column or a constant here: use col('b') or lit('b')
#[pyfunction]
pub(crate) fn argument(value: Argument) -> PyExpr {
    value.0.into()
}

/// An operand that is an expression, or a value that becomes a literal.
struct Operand(Arc<Tree>);

impl FromPyObject<'_, '_> for Operand {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(expr) = value.cast::<PyExpr>() {
            return Ok(Self(Arc::clone(&expr.get().0)));
        }
        value.extract().map(|ExprOrLiteral(literal)| Self(Arc::new(literal.into())))
    }
}

/// An argument that is an expression, or the name of a column.
pub(crate) enum ExprOrName {
    Expr(Expr),
    Name(String),
}

impl FromPyObject<'_, '_> for ExprOrName {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(expr) = value.cast::<PyExpr>() {
            return Ok(Self::Expr(expr.get().cloned()));
        }
        opened(&value)?;
        value.extract().map(Self::Name).map_err(|_| {
            let class = value.get_type();
            let class = class.name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
            PyTypeError::new_err(format!("expected an expression or the name of a column, got {class}"))
        })
    }
}

impl ExprOrName {
    /// Makes the expression, with a name turned into a column by `column`.
    pub(crate) fn resolve(self, column: impl Fn(&str) -> Expr) -> Expr {
        match self {
            Self::Expr(expr) => expr,
            Self::Name(name) => column(&name),
        }
    }
}

/// An argument that is one thing, or a sequence of them.
pub(crate) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<'a, 'py, T: FromPyObjectOwned<'py, Error = PyErr>> FromPyObject<'a, 'py> for OneOrMany<T> {
    type Error = PyErr;

    // Asked of `collections.abc`, where Arrow's struct types and schemas are no sequences of fields.
    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if value.cast::<PySequence>().is_ok() && !value.is_instance_of::<PyString>() {
            value.extract().map(Self::Many)
        } else {
            value.extract().map(Self::One)
        }
    }
}

impl<T> OneOrMany<T> {
    pub(crate) fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}
