//! Dynamic filters: bounds that an operator finds while it runs and passes to a scan in the same process.
//!
//! They are dropped when a plan is sent, since operators in different processes cannot share them, and when
//! it runs again, since they hold the results of the first run.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::datasource::file_format::parquet::ParquetSink;
use datafusion::datasource::physical_plan::{FileScanConfig, FileSource as _, ParquetSource};
use datafusion::datasource::sink::DataSinkExec;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{DynamicFilterPhysicalExpr, lit};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};
use datafusion_proto::protobuf::PhysicalPlanNode;
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;

use crate::fidelity::physical::parquet_sinks;

/// Whether an expression is a dynamic filter.
pub(crate) fn is_dynamic(expr: &Arc<dyn PhysicalExpr>) -> bool {
    expr.is::<DynamicFilterPhysicalExpr>()
}

/// The message of a node without its dynamic filter.
pub(crate) fn without_filter(mut node: PhysicalPlanNode) -> PhysicalPlanNode {
    match &mut node.physical_plan_type {
        Some(PhysicalPlanType::HashJoin(join)) => join.dynamic_filter = None,
        Some(PhysicalPlanType::Sort(sort)) => sort.dynamic_filter = None,
        Some(PhysicalPlanType::Aggregate(aggregate)) => aggregate.dynamic_filter = None,
        _ => {}
    }
    node
}

/// Returns a plan as it was before it ran, so that it gives its rows again.
///
/// The files left to read, the rows that a join has loaded and the dynamic filters stay with `plan`.
///
/// # Errors
///
/// If an operator cannot be rebuilt.
pub fn fresh(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    reset_plan_states(plan)?.transform_up(unused).data()
}

/// An operator as it was before it ran.
fn unused(plan: Arc<dyn ExecutionPlan>) -> Result<Transformed<Arc<dyn ExecutionPlan>>> {
    if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        let predicate = without_dynamic(filter.predicate())?;
        if predicate.transformed {
            let builder = FilterExecBuilder::from(filter).with_predicate(predicate.data);
            return Ok(Transformed::yes(Arc::new(builder.build()?)));
        }
    }
    if let Some(exec) = plan.downcast_ref::<DataSinkExec>()
        && let Some(sink) = exec.sink().downcast_ref::<ParquetSink>()
    {
        // It remembers the files that it has written.
        return Ok(Transformed::yes(parquet_sinks::anew(exec, sink, sink.parquet_options().clone())));
    }
    let source = plan.downcast_ref::<DataSourceExec>().map(DataSourceExec::data_source);
    let Some(scan) = source.and_then(|source| source.downcast_ref::<FileScanConfig>()) else {
        return Ok(Transformed::no(plan));
    };
    let parquet = scan.file_source().downcast_ref::<ParquetSource>();
    if let Some((parquet, predicate)) = parquet.and_then(|found| Some((found, found.filter()?))) {
        let predicate = without_dynamic(&predicate)?;
        if predicate.transformed {
            let mut scan = scan.clone();
            scan.file_source = Arc::new(parquet.with_predicate(predicate.data));
            return Ok(Transformed::yes(DataSourceExec::from_data_source(scan)));
        }
    }
    Ok(Transformed::no(plan))
}

fn without_dynamic(predicate: &Arc<dyn PhysicalExpr>) -> Result<Transformed<Arc<dyn PhysicalExpr>>> {
    Arc::clone(predicate).transform_up(|expr| {
        Ok(if is_dynamic(&expr) { Transformed::yes(lit(true)) } else { Transformed::no(expr) })
    })
}
