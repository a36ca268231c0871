//! Functions over the rows around each row.

use datafusion::logical_expr::expr::NullTreatment;
use datafusion::logical_expr::{Expr, SortExpr, WindowFrame, col};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::expr::call::function_call::FunctionCall;
use crate::expr::call::null_treatment::NullTreatmentArg;
use crate::expr::call::window_frame::PyWindowFrame;
use crate::expr::sort::SortKey;
use crate::expr::{ExprOrName, OneOrMany, PyExpr};

/// Which rows are around a row, and how a function sees them.
///
/// Args:
///     partition_by: What the rows of a partition have in common; without it, all rows are one.
///     window_frame: Which rows of the partition count; without it, those up to the current row and
///         its equals where there is an order, else all.
///     order_by: The order of the rows of a partition.
///     null_treatment: Whether nulls count, for functions that look up a value.
///
/// Raises:
///     TypeError: An argument is of another class.
///
/// Example:
///     >>> from planwire import col, functions as f
///     >>> from planwire.expr import Window
///     >>> f.sum(col("v")).over(Window(partition_by="k"))
///     Expr(sum(v) PARTITION BY [k] ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
#[pyclass(module = "planwire.expr", name = "Window", frozen, skip_from_py_object)]
#[derive(Clone, Default)]
pub(crate) struct PyWindow {
    partition_by: Option<Vec<Expr>>,
    frame: Option<WindowFrame>,
    order_by: Option<Vec<SortExpr>>,
    null_treatment: Option<NullTreatment>,
}

#[pymethods]
impl PyWindow {
    #[new]
    #[pyo3(signature = (partition_by = None, window_frame = None, order_by = None, null_treatment = None))]
    fn new(
        partition_by: Option<OneOrMany<ExprOrName>>,
        window_frame: Option<&Bound<'_, PyWindowFrame>>,
        order_by: Option<OneOrMany<SortKey>>,
        null_treatment: Option<NullTreatmentArg>,
    ) -> Self {
        Self {
            partition_by: partition_by.map(|keys| columns(keys.into_vec())),
            frame: window_frame.map(|frame| frame.get().frame().clone()),
            order_by: order_by.map(|keys| sort_keys(keys.into_vec())),
            null_treatment: null_treatment.map(|treatment| treatment.0),
        }
    }
}

#[pymethods]
impl PyExpr {
    /// Evaluate a window or aggregate function over the rows around each row.
    ///
    /// Args:
    ///     window: Which rows those are, as a `planwire.expr.Window`.
    ///     partition_by: What the rows of a partition have in common; without it, all rows are one.
    ///     order_by: The order of the rows of a partition.
    ///     window_frame: Which rows of the partition count.
    ///     null_treatment: Whether nulls count.
    ///
    /// The keywords stand for a window, or change the one that is given. What neither says stays as
    /// the call has it.
    ///
    /// Raises:
    ///     ValueError: The expression is not a call of a window or aggregate function.
    ///     TypeError: An argument is of another class.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext, col, functions as f
    ///     >>> df = SessionContext().from_pydict({"k": ["x", "x", "y"], "v": [1, 2, 5]})
    ///     >>> total = f.sum(col("v")).over(partition_by="k").alias("total")
    ///     >>> df.select("v", total).sort("v").to_pydict()
    ///     {'v': [1, 2, 5], 'total': [3, 3, 5]}
    #[pyo3(signature = (window = None, *, partition_by = None, order_by = None, window_frame = None,
                        null_treatment = None))]
    fn over(
        &self,
        window: Option<&Bound<'_, PyAny>>,
        partition_by: Option<OneOrMany<ExprOrName>>,
        order_by: Option<OneOrMany<SortKey>>,
        window_frame: Option<&Bound<'_, PyWindowFrame>>,
        null_treatment: Option<NullTreatmentArg>,
    ) -> PyResult<Self> {
        let given = match window {
            None => PyWindow::default(),
            Some(window) => window.cast::<PyWindow>().map_err(|_| not_a_window(window))?.get().clone(),
        };
        let keywords = PyWindow::new(partition_by, window_frame, order_by, null_treatment);
        let call = FunctionCall::of(self.expr())?;
        let call = FunctionCall {
            partition_by: keywords.partition_by.or(given.partition_by).unwrap_or(call.partition_by),
            order_by: keywords.order_by.or(given.order_by).unwrap_or(call.order_by),
            frame: keywords.frame.or(given.frame).or(call.frame),
            null_treatment: keywords.null_treatment.or(given.null_treatment).or(call.null_treatment),
            windowed: true,
            ..call
        };
        Ok(call.into_expr().into())
    }
}

fn not_a_window(found: &Bound<'_, PyAny>) -> PyErr {
    let class = found.get_type();
    let class = class.name().map_or_else(|_| "an object".to_owned(), |name| name.to_string());
    PyTypeError::new_err(format!("argument 'window': expected a Window, got {class}"))
}

/// The keys of partitions, with names turned into columns.
pub(crate) fn columns(keys: Vec<ExprOrName>) -> Vec<Expr> {
    keys.into_iter().map(|key| key.resolve(|name| col(name))).collect()
}

/// The keys of an order, with names turned into columns.
pub(crate) fn sort_keys(keys: Vec<SortKey>) -> Vec<SortExpr> {
    keys.into_iter().map(|key| key.resolve(|name| col(name))).collect()
}
