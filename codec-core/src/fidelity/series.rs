//! Series of numbers and times: DataFusion's protobuf loses the column where a query only counts its rows.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::memory::LazyMemoryExec;
use datafusion_proto::protobuf::PhysicalPlanNode;
use datafusion_proto::protobuf::generate_series_node::Args;
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;

/// Says that no column of a series is asked for.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct NoColumns {}

/// Puts the column of a series into its message, if the query has left it out.
pub(super) fn lost(series: &LazyMemoryExec, node: &mut PhysicalPlanNode) -> Result<Option<NoColumns>> {
    let Some(PhysicalPlanType::GenerateSeries(node)) = &mut node.physical_plan_type else {
        return Ok(None);
    };
    if !series.schema().fields().is_empty() {
        return Ok(None);
    }
    let of = match &node.args {
        Some(Args::Int64Args(_)) => DataType::Int64,
        Some(Args::TimestampArgs(args)) => {
            DataType::Timestamp(TimeUnit::Nanosecond, args.tz.as_deref().map(Arc::from))
        }
        Some(Args::DateArgs(_)) => DataType::Timestamp(TimeUnit::Nanosecond, None),
        Some(Args::ContainsNull(_)) | None => {
            return Err(super::lost("a series without columns that starts, ends or steps at NULL"));
        }
    };
    let schema = Schema::new([Arc::new(Field::new("value", of, false))]);
    node.schema = Some((&schema).try_into()?);
    Ok(Some(NoColumns {}))
}

/// Leaves the column of a series out again; nothing if the node is none.
pub(super) fn restored(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(series) = plan.downcast_ref::<LazyMemoryExec>() else { return Ok(None) };
    let whole = LazyMemoryExec::try_new(series.schema(), series.generators().clone())?;
    Ok(Some(Arc::new(whole.with_projection(Some(Vec::new())))))
}
