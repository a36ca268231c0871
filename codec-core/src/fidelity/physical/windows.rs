//! Window expressions of physical plans: DataFusion's protobuf loses FILTER, IGNORE NULLS and the direction.
//!
//! None of the three has a getter, so they are parsed from the end of the expression's `Debug` text.

use std::sync::Arc;

use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ReversedUDWF;
use datafusion::physical_expr::window::{
    PlainAggregateWindowExpr, SlidingAggregateWindowExpr, StandardWindowExpr, WindowExpr,
};
use datafusion::physical_plan::windows::{
    BoundedWindowAggExec, WindowAggExec, WindowUDFExpr, create_udwf_window_expr,
};
use datafusion::physical_plan::{ExecutionPlan, InputOrderMode};

/// The parts of an operator's window expressions that its message has lost, one for each expression.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Windows {
    #[prost(message, repeated, tag = "1")]
    exprs: Vec<Window>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Window {
    #[prost(bool, tag = "1")]
    ignore_nulls: bool,
    /// Whether the function runs against the order of its rows.
    #[prost(bool, tag = "2")]
    reversed: bool,
}

/// The parts of an operator's window expressions that its message loses.
///
/// # Errors
///
/// For a FILTER, which has no getter.
pub(crate) fn lost(exprs: &[Arc<dyn WindowExpr>]) -> Result<Option<Windows>> {
    let exprs = exprs.iter().map(|expr| lost_of(&**expr)).collect::<Result<Vec<_>>>()?;
    Ok(exprs.iter().any(|lost| *lost != Window::default()).then_some(Windows { exprs }))
}

fn lost_of(expr: &dyn WindowExpr) -> Result<Window> {
    if let Some(function) = window_function(expr) {
        let text = format!("{function:?}");
        let is = |reversed, ignore_nulls| {
            text.ends_with(&format!("is_reversed: {reversed}, ignore_nulls: {ignore_nulls} }}"))
        };
        let all = [(false, false), (false, true), (true, false), (true, true)];
        let found = all.into_iter().find(|(reversed, ignore_nulls)| is(*reversed, *ignore_nulls));
        return match found {
            Some((reversed, ignore_nulls)) => Ok(Window { ignore_nulls, reversed }),
            None => Err(crate::fidelity::lost(format!("IGNORE NULLS of {} may be lost", expr.name()))),
        };
    }
    let any = expr.as_any();
    let text = match (any.downcast_ref(), any.downcast_ref()) {
        (Some(plain), _) => format!("{:?}", plain as &PlainAggregateWindowExpr),
        (_, Some(sliding)) => format!("{:?}", sliding as &SlidingAggregateWindowExpr),
        // DataFusion refuses any other.
        _ => return Ok(Window::default()),
    };
    if !text.ends_with("filter: None }") {
        return Err(crate::fidelity::lost(format!(
            "the FILTER of the window aggregate {} does not travel in a physical plan: send the logical plan, \
             or aggregate CASE WHEN .. THEN .. END",
            expr.name()
        )));
    }
    Ok(Window::default())
}

fn window_function(expr: &dyn WindowExpr) -> Option<&WindowUDFExpr> {
    let expr = expr.as_any().downcast_ref::<StandardWindowExpr>()?;
    expr.get_standard_func_expr().as_any().downcast_ref()
}

/// Restores the parts of window expressions that their message has lost; `None` for any other operator.
pub(crate) fn restored(
    kept: &Windows,
    plan: &Arc<dyn ExecutionPlan>,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(window) = plan.downcast_ref::<BoundedWindowAggExec>() {
        let exprs = with_kept(kept, window.window_expr(), window.input())?;
        let (input, keys) = (Arc::clone(window.input()), !window.partition_keys().is_empty());
        let mode: InputOrderMode = window.input_order_mode.clone();
        return Ok(Some(Arc::new(BoundedWindowAggExec::try_new(exprs, input, mode, keys)?)));
    }
    if let Some(window) = plan.downcast_ref::<WindowAggExec>() {
        let exprs = with_kept(kept, window.window_expr(), window.input())?;
        let (input, keys) = (Arc::clone(window.input()), !window.partition_keys().is_empty());
        return Ok(Some(Arc::new(WindowAggExec::try_new(exprs, input, keys)?)));
    }
    Ok(None)
}

fn with_kept(
    kept: &Windows,
    exprs: &[Arc<dyn WindowExpr>],
    input: &Arc<dyn ExecutionPlan>,
) -> Result<Vec<Arc<dyn WindowExpr>>> {
    if kept.exprs.len() != exprs.len() {
        return exec_err!("{} window expressions are kept for {}", kept.exprs.len(), exprs.len());
    }
    kept.exprs.iter().zip(exprs).map(|(kept, expr)| one_with_kept(kept, expr, input)).collect()
}

fn one_with_kept(
    kept: &Window,
    expr: &Arc<dyn WindowExpr>,
    input: &Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn WindowExpr>> {
    if *kept == Window::default() {
        return Ok(Arc::clone(expr));
    }
    let Some(function) = window_function(&**expr) else {
        return exec_err!("IGNORE NULLS is kept for {}, which is no window function", expr.name());
    };
    let make = |fun| {
        let name = expr.name().to_owned();
        create_udwf_window_expr(fun, function.args(), &input.schema(), name, kept.ignore_nulls)
    };
    let made = if kept.reversed {
        // Reversed twice, because only a function made by a reversal knows its direction.
        let ReversedUDWF::Reversed(forwards) = function.fun().reverse_expr() else {
            return exec_err!("{} is kept reversed, and has no reverse", expr.name());
        };
        make(&forwards)?.reverse_expr()
    } else {
        Some(make(function.fun())?)
    };
    let Some(made) = made else { return exec_err!("{} cannot be reversed", expr.name()) };
    let (keys, order, frame) = (expr.partition_by(), expr.order_by(), Arc::clone(expr.get_window_frame()));
    Ok(Arc::new(StandardWindowExpr::new(made, keys, order, frame)))
}
