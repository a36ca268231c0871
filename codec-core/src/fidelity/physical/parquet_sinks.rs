//! Parquet sinks: the metadata of the files and their declared order.

use std::sync::Arc;

use datafusion::common::config::TableParquetOptions;
use datafusion::datasource::file_format::parquet::ParquetSink;
use datafusion::datasource::physical_plan::FileSink as _;
use datafusion::datasource::sink::DataSinkExec;
use datafusion::error::Result;
use datafusion::parquet::file::metadata::SortingColumn;
use datafusion::physical_expr::PhysicalSortExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;

use crate::fidelity::physical::sinks;

/// The part of a Parquet sink that its message has lost. It does not say that the files are sorted: the order
/// of the sink does, and that travels.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Parquet {
    /// The metadata of each file, by key.
    #[prost(message, repeated, tag = "1")]
    metadata: Vec<Pair>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Pair {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, optional, tag = "2")]
    value: Option<String>,
}

/// The part of a sink that its message loses.
///
/// # Errors
///
/// For encryption options, which cannot be kept.
pub(crate) fn lost(
    exec: &DataSinkExec,
    sink: &ParquetSink,
    node: &PhysicalPlanNode,
) -> Result<Option<Parquet>> {
    let Some(PhysicalPlanType::ParquetSink(node)) = &node.physical_plan_type else { return Ok(None) };
    let Some(arriving) = node.sink.as_ref().and_then(|sink| sink.parquet_options.as_ref()) else {
        return Ok(None);
    };
    let options = sink.parquet_options();
    let mut arriving = TableParquetOptions::try_from(arriving)?;
    arriving.key_value_metadata.clone_from(&options.key_value_metadata);
    if arriving != *options {
        return Err(crate::fidelity::lost(
            "options of the Parquet files to be written do not travel: those of encryption. \
             Set them where the plan runs",
        ));
    }
    let pair = |(key, value): (&String, &Option<String>)| Pair { key: key.clone(), value: value.clone() };
    let mut metadata: Vec<_> = options.key_value_metadata.iter().map(pair).collect();
    metadata.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    let nothing = metadata.is_empty() && sorting_columns(exec, sink).is_none();
    Ok((!nothing).then_some(Parquet { metadata }))
}

/// Restores the part of a sink that its message has lost; `None` for anything but a Parquet sink.
pub(crate) fn restored(kept: &Parquet, plan: &Arc<dyn ExecutionPlan>) -> Option<Arc<dyn ExecutionPlan>> {
    let (exec, sink) = sinks::sink::<ParquetSink>(plan)?;
    let mut options = sink.parquet_options().clone();
    let pairs = kept.metadata.iter().map(|pair| (pair.key.clone(), pair.value.clone()));
    options.key_value_metadata = pairs.collect();
    Some(anew(exec, sink, options))
}

/// A sink as it was before it wrote.
pub(crate) fn anew(
    exec: &DataSinkExec,
    sink: &ParquetSink,
    options: TableParquetOptions,
) -> Arc<dyn ExecutionPlan> {
    let anew = ParquetSink::new(sink.config().clone(), options);
    sinks::exchanged(exec, anew.with_sorting_columns(sorting_columns(exec, sink)))
}

/// The columns by which the files are sorted, as DataFusion writes them: none if the order has anything but
/// columns.
fn sorting_columns(exec: &DataSinkExec, sink: &ParquetSink) -> Option<Vec<SortingColumn>> {
    let config = sink.config();
    let input = config.output_schema();
    let is_partition = |name: &str| config.table_partition_cols.iter().any(|(column, _)| column == name);
    let written: Vec<&String> = input
        .fields()
        .iter()
        .map(|field| field.name())
        .filter(|name| config.keep_partition_by_columns || !is_partition(name))
        .collect();
    let mut columns = Vec::new();
    for requirement in exec.sort_order().as_ref()? {
        let sort = PhysicalSortExpr::from(requirement.clone());
        let name = input.fields().get(sort.expr.downcast_ref::<Column>()?.index())?.name();
        // A partition's column is in the name of the folder rather than in the file.
        let Some(at) = written.iter().position(|column| *column == name) else { continue };
        columns.push(SortingColumn {
            column_idx: i32::try_from(at).ok()?,
            descending: sort.options.descending,
            nulls_first: sort.options.nulls_first,
        });
    }
    (!columns.is_empty()).then_some(columns)
}
