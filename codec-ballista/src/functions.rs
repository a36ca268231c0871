//! The functions in a node of Ballista's, which its own codec would write by name.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use ballista_core::execution_plans::{PartitionedBoundedWindowAggExec, PrefixMergeExec, WindowApply};
use datafusion::common::plan_err;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::expr::{
    AggregateFunction, HigherOrderFunction, ScalarFunction, WindowFunction,
};
use datafusion::logical_expr::{
    AggregateUDF, Expr, HigherOrderUDF, ScalarUDF, WindowFunctionDefinition, WindowUDF,
};
use datafusion::physical_expr::window::{
    PlainAggregateWindowExpr, SlidingAggregateWindowExpr, StandardWindowExpr, WindowExpr,
};
use datafusion::physical_expr::{HigherOrderFunctionExpr, Partitioning, PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_plan::windows::WindowUDFExpr;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use planwire_registry::WireError;

/// Functions by their names, as Ballista looks them up when it decodes a node.
#[derive(Debug, Default)]
pub(crate) struct Functions {
    scalar: BTreeMap<String, Arc<ScalarUDF>>,
    higher_order: BTreeMap<String, Arc<HigherOrderUDF>>,
    aggregate: BTreeMap<String, Arc<AggregateUDF>>,
    window: BTreeMap<String, Arc<WindowUDF>>,
}

impl Functions {
    /// The functions in a node's own expressions, without those of its inputs.
    ///
    /// # Errors
    ///
    /// [`WireError::Lost`] if Ballista would run another function on the other side.
    pub(crate) fn of(plan: &dyn ExecutionPlan) -> Result<Self, WireError> {
        Self::found(plan)
            .map_err(|error| WireError::Lost { detail: format!("{}: {}", plan.name(), error.message()) })
    }

    fn found(plan: &dyn ExecutionPlan) -> Result<Self> {
        let mut functions = Self::default();
        plan.apply_expressions(&mut |expr| functions.find(expr).map(|()| TreeNodeRecursion::Continue))?;
        // What reads a shuffle tells how its rows were distributed, and does not count that as its expressions.
        if let ([], Partitioning::Hash(exprs, _)) = (plan.children().as_slice(), plan.output_partitioning()) {
            exprs.iter().try_for_each(|expr| functions.find(expr))?;
        }
        if let Some(windows) = plan.downcast_ref::<PartitionedBoundedWindowAggExec>() {
            windows.window_expr().iter().try_for_each(|expr| functions.find_window(expr.as_ref()))?;
        }
        if let Some(merge) = plan.downcast_ref::<PrefixMergeExec>() {
            for apply in merge.applies() {
                if let WindowApply::Aggregate { udf, .. } = apply {
                    add(&mut functions.aggregate, udf.name(), udf)?;
                }
            }
        }
        Ok(functions)
    }

    fn find(&mut self, expr: &Arc<dyn PhysicalExpr>) -> Result<()> {
        expr.apply(|expr| {
            if let Some(call) = expr.downcast_ref::<ScalarFunctionExpr>() {
                add(&mut self.scalar, call.fun().name(), &Arc::new(call.fun().clone()))?;
            } else if let Some(call) = expr.downcast_ref::<HigherOrderFunctionExpr>() {
                add(&mut self.higher_order, call.fun().name(), &Arc::new(call.fun().clone()))?;
            }
            Ok(TreeNodeRecursion::Continue)
        })
        .map(drop)
    }

    fn find_window(&mut self, expr: &dyn WindowExpr) -> Result<()> {
        let expr = expr.as_any();
        let plain = expr.downcast_ref().map(|expr: &PlainAggregateWindowExpr| expr.get_aggregate_expr());
        let sliding =
            || expr.downcast_ref().map(|expr: &SlidingAggregateWindowExpr| expr.get_aggregate_expr());
        if let Some(aggregate) = plain.or_else(sliding) {
            let fun = aggregate.fun();
            return add(&mut self.aggregate, fun.name(), &Arc::new(fun.clone()));
        }
        let standard = expr.downcast_ref().map(|expr: &StandardWindowExpr| expr.get_standard_func_expr());
        match standard.and_then(|function| function.as_any().downcast_ref::<WindowUDFExpr>()) {
            Some(call) => add(&mut self.window, call.fun().name(), call.fun()),
            None => plan_err!("a window function of an unknown sort cannot be sent to an executor"),
        }
    }

    /// Calls of the functions, with no arguments, in the order of their names.
    pub(crate) fn calls(&self) -> impl Iterator<Item = Expr> + '_ {
        let scalar = self
            .scalar
            .values()
            .map(|udf| Expr::ScalarFunction(ScalarFunction::new_udf(Arc::clone(udf), Vec::new())));
        let higher_order = self
            .higher_order
            .values()
            .map(|udf| Expr::HigherOrderFunction(HigherOrderFunction::new(Arc::clone(udf), Vec::new())));
        let aggregate = self.aggregate.values().map(|udf| {
            let udf = Arc::clone(udf);
            Expr::AggregateFunction(AggregateFunction::new_udf(
                udf,
                Vec::new(),
                false,
                None,
                Vec::new(),
                None,
            ))
        });
        let window = self.window.values().map(|udf| {
            let function = WindowFunctionDefinition::WindowUDF(Arc::clone(udf));
            Expr::WindowFunction(Box::new(WindowFunction::new(function, Vec::new())))
        });
        scalar.chain(higher_order).chain(aggregate).chain(window)
    }

    /// Adds the function of a call, under its own name.
    pub(crate) fn add_called(&mut self, call: Expr) -> Result<()> {
        match call {
            Expr::ScalarFunction(call) => add(&mut self.scalar, call.func.name(), &call.func),
            Expr::HigherOrderFunction(call) => add(&mut self.higher_order, call.func.name(), &call.func),
            Expr::AggregateFunction(call) => add(&mut self.aggregate, call.func.name(), &call.func),
            Expr::WindowFunction(call) => match &call.fun {
                WindowFunctionDefinition::WindowUDF(udf) => add(&mut self.window, udf.name(), udf),
                WindowFunctionDefinition::AggregateUDF(udf) => add(&mut self.aggregate, udf.name(), udf),
            },
            _ => plan_err!("one of the node's functions is no call of a function"),
        }
    }

    /// The task with these functions, which go before those that it has already.
    pub(crate) fn before(self, task: &TaskContext) -> TaskContext {
        let mut scalar = task.scalar_functions().clone();
        let mut higher_order = task.higher_order_functions().clone();
        let mut aggregate = task.aggregate_functions().clone();
        let mut window = task.window_functions().clone();
        scalar.extend(self.scalar);
        higher_order.extend(self.higher_order);
        aggregate.extend(self.aggregate);
        window.extend(self.window);
        TaskContext::new(
            task.task_id(),
            task.session_id(),
            task.session_config().clone(),
            scalar,
            higher_order,
            aggregate,
            window,
            task.runtime_env(),
        )
    }
}

/// Adds a function, unless another one has its name: Ballista would run one of them in the place of both.
fn add<F: PartialEq>(functions: &mut BTreeMap<String, Arc<F>>, name: &str, function: &Arc<F>) -> Result<()> {
    match functions.entry(name.to_owned()) {
        Entry::Vacant(free) => {
            free.insert(Arc::clone(function));
            Ok(())
        }
        Entry::Occupied(taken) if taken.get() == function => Ok(()),
        Entry::Occupied(_) => plan_err!(
            "it calls two functions named '{name}', and Ballista would run one of them in the place of both; \
             give one of them another name"
        ),
    }
}
