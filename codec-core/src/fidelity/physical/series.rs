//! Series of numbers and times: DataFusion's protobuf loses the column if a query only counts the rows, and
//! the order of the rows otherwise.

use std::sync::Arc;

use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalSortExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::memory::LazyMemoryExec;
use datafusion_proto::protobuf::PhysicalPlanNode;
use datafusion_proto::protobuf::generate_series_node::Args;
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;

/// The part of a series that its message has lost: the order of its column, or `None` if the column is not
/// read.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Series {
    #[prost(message, optional, tag = "1")]
    order: Option<Order>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Order {
    #[prost(bool, tag = "1")]
    descending: bool,
    #[prost(bool, tag = "2")]
    nulls_first: bool,
}

/// The part of a series that its message loses. If the query has left out the column, the message gets it.
pub(crate) fn lost(series: &LazyMemoryExec, node: &mut PhysicalPlanNode) -> Result<Option<Series>> {
    let Some(PhysicalPlanType::GenerateSeries(node)) = &mut node.physical_plan_type else {
        return Ok(None);
    };
    if !series.schema().fields().is_empty() {
        // The series says that it is sorted; only its properties say in which direction.
        let ordering = series.properties().equivalence_properties().output_ordering();
        let sorted = ordering.map(|ordering| ordering.first().options);
        return Ok(sorted.map(|SortOptions { descending, nulls_first }| Series {
            order: Some(Order { descending, nulls_first }),
        }));
    }
    let of = match &node.args {
        Some(Args::Int64Args(_)) => DataType::Int64,
        Some(Args::TimestampArgs(args)) => {
            DataType::Timestamp(TimeUnit::Nanosecond, args.tz.as_deref().map(Arc::from))
        }
        Some(Args::DateArgs(_)) => DataType::Timestamp(TimeUnit::Nanosecond, None),
        Some(Args::ContainsNull(_)) | None => {
            return Err(crate::fidelity::lost("a series without columns that starts, ends or steps at NULL"));
        }
    };
    let schema = Schema::new([Arc::new(Field::new("value", of, false))]);
    node.schema = Some((&schema).try_into()?);
    Ok(Some(Series { order: None }))
}

/// Restores the order of a series, or leaves out its column again; `None` for any other node.
pub(crate) fn restored(
    kept: &Series,
    plan: &Arc<dyn ExecutionPlan>,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(series) = plan.downcast_ref::<LazyMemoryExec>() else { return Ok(None) };
    let mut whole = LazyMemoryExec::try_new(series.schema(), series.generators().clone())?;
    let Some(Order { descending, nulls_first }) = kept.order else {
        return Ok(Some(Arc::new(whole.with_projection(Some(Vec::new())))));
    };
    let schema = series.schema();
    let Some(field) = schema.fields().first() else {
        return exec_err!("a series without columns has no order");
    };
    let options = SortOptions { descending, nulls_first };
    whole.add_ordering([PhysicalSortExpr::new(Arc::new(Column::new(field.name(), 0)), options)]);
    Ok(Some(Arc::new(whole)))
}
