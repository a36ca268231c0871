//! Functions that make expressions when they are called: written in Python, or DataFusion's own.

mod aggregate;
mod declare;
mod higher_order;
mod scalar;
mod signature;
mod window;
pub(crate) mod wire;

pub(crate) use aggregate::PyAggregateUdf;
pub(crate) use higher_order::PyHigherOrderUdf;
pub(crate) use scalar::PyScalarUdf;
pub(crate) use window::PyWindowUdf;

use datafusion::logical_expr::Expr;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::expr::ExprOrLiteral;

/// Turns the arguments of a call into expressions.
pub(crate) fn arguments(args: &Bound<'_, PyTuple>) -> PyResult<Vec<Expr>> {
    args.iter().map(|arg| arg.extract().map(|ExprOrLiteral(expr)| expr)).collect()
}
