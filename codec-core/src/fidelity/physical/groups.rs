//! Groups: DataFusion's protobuf writes grouping sets one after the other, so empty ones leave no trace.

use std::sync::Arc;

use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, PhysicalGroupBy};

/// The part of an aggregate without group expressions that its message has lost.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct EmptySets {
    #[prost(uint32, tag = "1")]
    count: u32,
}

/// More than anyone writes by hand, and few enough to be cheap.
const MOST: u32 = 1024;

/// The part of an aggregate that its message loses.
pub(crate) fn lost(aggregate: &AggregateExec) -> Result<Option<EmptySets>> {
    let by = aggregate.group_expr();
    if !by.has_grouping_set() || !by.expr().is_empty() {
        return Ok(None);
    }
    match u32::try_from(by.groups().len()) {
        Ok(count) if count <= MOST => Ok(Some(EmptySets { count })),
        _ => Err(crate::fidelity::lost(format!("there are {} empty grouping sets", by.groups().len()))),
    }
}

/// Restores the part of an aggregate that its message has lost; `None` for any other node.
pub(crate) fn restored(
    kept: &EmptySets,
    plan: &Arc<dyn ExecutionPlan>,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let aggregate = plan.downcast_ref::<AggregateExec>();
    let Some(aggregate) = aggregate.filter(|found| found.group_expr().expr().is_empty()) else {
        return Ok(None);
    };
    if kept.count > MOST {
        return exec_err!("there are {} empty grouping sets, the limit is {MOST}", kept.count);
    }
    let sets = vec![Vec::new(); kept.count as usize];
    let restored = AggregateExec::try_new(
        *aggregate.mode(),
        PhysicalGroupBy::new(Vec::new(), Vec::new(), sets, true),
        aggregate.aggr_expr().to_vec(),
        aggregate.filter_expr().to_vec(),
        Arc::clone(aggregate.input()),
        aggregate.input_schema(),
    )?;
    Ok(Some(Arc::new(restored.with_limit_options(aggregate.limit_options()))))
}
