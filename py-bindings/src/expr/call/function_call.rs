//! Calls of aggregate and window functions, taken apart so that their clauses can be set.

use std::sync::Arc;

use datafusion::logical_expr::expr::{
    AggregateFunction, AggregateFunctionParams, NullTreatment, WindowFunction, WindowFunctionParams,
};
use datafusion::logical_expr::{AggregateUDF, Expr, SortExpr, WindowFrame, WindowFunctionDefinition};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::host::shown::shown;

/// A call and its clauses. An aggregate becomes a window function by `windowed`.
#[derive(Clone)]
pub(crate) struct FunctionCall {
    pub(crate) function: WindowFunctionDefinition,
    pub(crate) args: Vec<Expr>,
    pub(crate) distinct: bool,
    pub(crate) filter: Option<Box<Expr>>,
    pub(crate) order_by: Vec<SortExpr>,
    pub(crate) null_treatment: Option<NullTreatment>,
    pub(crate) partition_by: Vec<Expr>,
    /// The frame that was asked for; without one, SQL's own.
    pub(crate) frame: Option<WindowFrame>,
    pub(crate) windowed: bool,
}

impl FunctionCall {
    /// Takes a call apart.
    ///
    /// # Errors
    ///
    /// A `ValueError` if the expression is something else.
    pub(crate) fn of(expr: &Expr) -> PyResult<Self> {
        match expr.clone() {
            Expr::AggregateFunction(AggregateFunction { func, params }) => {
                let AggregateFunctionParams { args, distinct, filter, order_by, null_treatment } = params;
                let function = WindowFunctionDefinition::AggregateUDF(func);
                Ok(Self {
                    function,
                    args,
                    distinct,
                    filter,
                    order_by,
                    null_treatment,
                    partition_by: Vec::new(),
                    frame: None,
                    windowed: false,
                })
            }
            Expr::WindowFunction(window) => {
                let WindowFunction { fun: function, params } = *window;
                let WindowFunctionParams {
                    args,
                    partition_by,
                    order_by,
                    window_frame,
                    filter,
                    null_treatment,
                    distinct,
                } = params;
                let frame = (window_frame != default_frame(&order_by)).then_some(window_frame);
                Ok(Self {
                    function,
                    args,
                    distinct,
                    filter,
                    order_by,
                    null_treatment,
                    partition_by,
                    frame,
                    windowed: true,
                })
            }
            other => Err(PyValueError::new_err(format!(
                "only a call of a window or aggregate function has rows around it, not {}",
                shown(other)
            ))),
        }
    }

    /// Puts the call together again.
    pub(crate) fn into_expr(self) -> Expr {
        let Self {
            function,
            args,
            distinct,
            filter,
            order_by,
            null_treatment,
            partition_by,
            frame,
            windowed,
        } = self;
        match function {
            WindowFunctionDefinition::AggregateUDF(func) if !windowed => {
                aggregate(func, AggregateFunctionParams { args, distinct, filter, order_by, null_treatment })
            }
            fun => {
                let window_frame = frame.unwrap_or_else(|| default_frame(&order_by));
                let params = WindowFunctionParams {
                    args,
                    partition_by,
                    order_by,
                    window_frame,
                    filter,
                    null_treatment,
                    distinct,
                };
                Expr::from(WindowFunction { fun, params })
            }
        }
    }
}

fn aggregate(func: Arc<AggregateUDF>, params: AggregateFunctionParams) -> Expr {
    Expr::AggregateFunction(AggregateFunction { func, params })
}

/// SQL's own frame: up to the current row where there is an order, else the whole partition.
fn default_frame(order_by: &[SortExpr]) -> WindowFrame {
    WindowFrame::new((!order_by.is_empty()).then_some(false))
}
