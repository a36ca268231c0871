//! The clauses of a call of an aggregate or window function, set one after the other.

use pyo3::prelude::*;

use crate::expr::call::function_call::FunctionCall;
use crate::expr::call::null_treatment::NullTreatmentArg;
use crate::expr::call::window::{columns, sort_keys};
use crate::expr::call::window_frame::PyWindowFrame;
use crate::expr::sort::SortKey;
use crate::expr::{ExprOrName, PyExpr};
use crate::host::shown::shown;

/// A call of an aggregate or window function that still gets clauses; each method returns another one.
///
/// The methods are those of `Expr`, and `build` makes the expression. What the call had before stays,
/// unless the same clause is set again. `partition_by` and `window_frame` make a window function of
/// an aggregate.
///
/// Example:
///     >>> from planwire import col, functions as f
///     >>> f.sum(col("a")).distinct().filter(col("a") > 1).build()
///     Expr(sum(DISTINCT a) FILTER (WHERE a > Int64(1)))
#[pyclass(module = "planwire.expr", name = "ExprFuncBuilder", frozen, skip_from_py_object)]
pub(crate) struct PyExprFuncBuilder {
    call: FunctionCall,
}

impl PyExpr {
    fn call(&self) -> PyResult<FunctionCall> {
        FunctionCall::of(self.expr())
    }
}

impl PyExprFuncBuilder {
    // Cannot fail, but reads as the expression's own does.
    fn call(&self) -> PyResult<FunctionCall> {
        Ok(self.call.clone())
    }
}

/// Writes the methods that set clauses, once for expressions and once for the builder.
macro_rules! clauses {
    ($class:ty) => {
        #[pymethods]
        impl $class {
            /// Set the order in which the function sees rows.
            ///
            /// Args:
            ///     exprs: What to sort by, the most important first.
            ///
            /// Raises:
            ///     ValueError: The expression is not a call of a window or aggregate function.
            ///     TypeError: An argument is neither an expression nor the name of a column.
            ///
            /// Example:
            ///     >>> from planwire import col, functions as f
            ///     >>> f.array_agg(col("a")).order_by("b").build()
            ///     Expr(array_agg(a) ORDER BY [b ASC NULLS LAST])
            #[pyo3(signature = (*exprs))]
            fn order_by(&self, exprs: Vec<SortKey>) -> PyResult<PyExprFuncBuilder> {
                Ok(FunctionCall { order_by: sort_keys(exprs), ..self.call()? }.into())
            }

            /// Let the function see some rows only.
            ///
            /// Args:
            ///     filter: The condition that they meet.
            ///
            /// Raises:
            ///     ValueError: The expression is not a call of a window or aggregate function.
            ///     TypeError: The condition is not an expression.
            ///
            /// Example:
            ///     >>> from planwire import col, functions as f
            ///     >>> f.sum(col("a")).filter(col("b") > 1).build()
            ///     Expr(sum(a) FILTER (WHERE b > Int64(1)))
            fn filter(&self, filter: &Bound<'_, PyExpr>) -> PyResult<PyExprFuncBuilder> {
                let filter = Some(Box::new(filter.get().cloned()));
                Ok(FunctionCall { filter, ..self.call()? }.into())
            }

            /// Let the function see equal values once.
            ///
            /// Raises:
            ///     ValueError: The expression is not a call of a window or aggregate function.
            ///
            /// Example:
            ///     >>> from planwire import col, functions as f
            ///     >>> f.count(col("a")).distinct().build()
            ///     Expr(count(DISTINCT a))
            fn distinct(&self) -> PyResult<PyExprFuncBuilder> {
                Ok(FunctionCall { distinct: true, ..self.call()? }.into())
            }

            /// Set whether nulls count, for a function that looks up a value.
            ///
            /// Args:
            ///     null_treatment: A `planwire.NullTreatment`.
            ///
            /// Raises:
            ///     ValueError: There is no such treatment, or the expression is not a call of a window
            ///         or aggregate function.
            ///
            /// Example:
            ///     >>> from planwire import NullTreatment, col, functions as f
            ///     >>> f.first_value(col("a")).null_treatment(NullTreatment.IGNORE_NULLS).build()
            ///     Expr(first_value(a) IGNORE NULLS)
            fn null_treatment(&self, null_treatment: NullTreatmentArg) -> PyResult<PyExprFuncBuilder> {
                Ok(FunctionCall { null_treatment: Some(null_treatment.0), ..self.call()? }.into())
            }

            /// Evaluate the function over the rows of a row's partition.
            ///
            /// Args:
            ///     partition_by: The values that the rows of a partition share.
            ///
            /// Raises:
            ///     ValueError: The expression is not a call of a window or aggregate function.
            ///     TypeError: An argument is neither an expression nor the name of a column.
            ///
            /// Example:
            ///     >>> from planwire import col, functions as f
            ///     >>> f.row_number().partition_by(col("k")).order_by(col("v")).build().variant_name()
            ///     'WindowFunction'
            #[pyo3(signature = (*partition_by))]
            fn partition_by(&self, partition_by: Vec<ExprOrName>) -> PyResult<PyExprFuncBuilder> {
                let partition_by = columns(partition_by);
                Ok(FunctionCall { partition_by, windowed: true, ..self.call()? }.into())
            }

            /// Evaluate the function over some of the rows around a row.
            ///
            /// Args:
            ///     window_frame: Which rows.
            ///
            /// Raises:
            ///     ValueError: The expression is not a call of a window or aggregate function.
            ///
            /// Example:
            ///     >>> from planwire import WindowFrame, col, functions as f
            ///     >>> f.sum(col("v")).order_by("v").window_frame(WindowFrame("rows", 1, 0)).build()
            ///     Expr(sum(v) ORDER BY [v ASC NULLS LAST] ROWS BETWEEN 1 PRECEDING AND 0 FOLLOWING)
            fn window_frame(&self, window_frame: &Bound<'_, PyWindowFrame>) -> PyResult<PyExprFuncBuilder> {
                let frame = Some(window_frame.get().frame().clone());
                Ok(FunctionCall { frame, windowed: true, ..self.call()? }.into())
            }
        }
    };
}

clauses!(PyExpr);
clauses!(PyExprFuncBuilder);

#[pymethods]
impl PyExprFuncBuilder {
    /// Make the expression.
    ///
    /// Example:
    ///     >>> from planwire import col, functions as f
    ///     >>> f.count(col("a")).distinct().build()
    ///     Expr(count(DISTINCT a))
    fn build(&self) -> PyExpr {
        self.call.clone().into_expr().into()
    }

    fn __repr__(&self) -> String {
        format!("ExprFuncBuilder({})", shown(self.call.clone().into_expr()))
    }
}

impl From<FunctionCall> for PyExprFuncBuilder {
    fn from(call: FunctionCall) -> Self {
        Self { call }
    }
}
