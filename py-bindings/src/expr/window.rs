//! Functions over the rows around each row.

use datafusion::logical_expr::expr::{
    AggregateFunction, AggregateFunctionParams, WindowFunction, WindowFunctionParams,
};
use datafusion::logical_expr::{Expr, WindowFrame, col};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::{ExprOrName, OneOrMany, PyExpr};
use crate::sort::SortKey;

#[pymethods]
impl PyExpr {
    /// Evaluate a window or aggregate function over the rows around each row.
    ///
    /// Args:
    ///     partition_by: What the rows of a partition have in common; without it, all rows are one.
    ///     order_by: The order of the rows of a partition.
    ///
    /// Raises:
    ///     ValueError: The expression is not a call of a window or aggregate function.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col, functions as f
    ///     >>> df = SessionContext().from_pydict({"k": ["x", "x", "y"], "v": [1, 2, 5]})
    ///     >>> total = f.sum(col("v")).over(partition_by="k").alias("total")
    ///     >>> df.select("v", total).sort("v").to_pydict()
    ///     {'v': [1, 2, 5], 'total': [3, 3, 5]}
    #[pyo3(signature = (*, partition_by = None, order_by = None))]
    fn over(
        &self,
        partition_by: Option<OneOrMany<ExprOrName>>,
        order_by: Option<OneOrMany<SortKey>>,
    ) -> PyResult<Self> {
        let Some(WindowFunction { fun, mut params }) = windowed(&self.expr) else {
            return Err(PyValueError::new_err(format!(
                "only a call of a window or aggregate function has rows around it, not {}",
                self.expr
            )));
        };
        params.partition_by = resolved(partition_by, |by| by.resolve(|name| col(name)));
        params.order_by = resolved(order_by, |key| key.resolve(|name| col(name)));
        // SQL's own: up to the current row where there is an order, else the whole partition.
        params.window_frame = WindowFrame::new((!params.order_by.is_empty()).then_some(false));
        Ok(Expr::from(WindowFunction { fun, params }).into())
    }
}

/// The function call as one over a window; an aggregate keeps what it has besides its arguments.
fn windowed(call: &Expr) -> Option<WindowFunction> {
    match call.clone() {
        Expr::WindowFunction(window) => Some(*window),
        Expr::AggregateFunction(AggregateFunction { func, params }) => {
            let AggregateFunctionParams { args, distinct, filter, order_by: _, null_treatment } = params;
            let WindowFunction { fun, params } = WindowFunction::new(func, args);
            let params = WindowFunctionParams { distinct, filter, null_treatment, ..params };
            Some(WindowFunction { fun, params })
        }
        _ => None,
    }
}

fn resolved<T, R>(keys: Option<OneOrMany<T>>, resolve: impl Fn(T) -> R) -> Vec<R> {
    keys.map_or_else(Vec::new, |keys| keys.into_vec().into_iter().map(resolve).collect())
}
