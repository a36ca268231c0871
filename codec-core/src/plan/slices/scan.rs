//! Tables in memory within physical plans, whose rows DataFusion writes itself.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;

/// Writes the rows of a scan again, if DataFusion wrote more than they show.
pub(crate) fn cut(plan: &Arc<dyn ExecutionPlan>, node: &mut PhysicalPlanNode) -> Result<()> {
    let Some(PhysicalPlanType::MemoryScan(scan)) = &mut node.physical_plan_type else { return Ok(()) };
    let source = plan.downcast_ref::<DataSourceExec>();
    let Some(source) = source.and_then(|exec| exec.data_source().downcast_ref::<MemorySourceConfig>()) else {
        return Ok(());
    };
    for (bytes, partition) in scan.partitions.iter_mut().zip(source.partitions()) {
        if let Some(shown) = super::batches(partition)? {
            *bytes = stream(&shown)?;
        }
    }
    Ok(())
}

/// Batches as DataFusion writes them.
fn stream(batches: &[RecordBatch]) -> Result<Vec<u8>> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let mut writer = StreamWriter::try_new(Vec::new(), &first.schema())?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish()?;
    Ok(writer.into_inner()?)
}
