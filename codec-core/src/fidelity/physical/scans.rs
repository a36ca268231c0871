//! Scans of files: DataFusion's protobuf carries only the common options of their formats.

use std::sync::Arc;

use datafusion::common::config::TableParquetOptions;
use datafusion::common::exec_err;
use datafusion::common::parsers::CompressionTypeVariant;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    ArrowSource, CsvSource, FileGroup, FileScanConfig, FileSource, JsonSource, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::object_store::memory::InMemory;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;

use crate::fidelity::refused::check_url;

/// The part of a scan that its message has lost.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Scan {
    /// How the files are compressed, by DataFusion's word for it.
    #[prost(string, optional, tag = "1")]
    compression: Option<String>,
    /// The limit on rows, if it does not fit into 32 bits.
    #[prost(uint64, optional, tag = "2")]
    limit: Option<u64>,
    /// The byte that ends a line of CSV.
    #[prost(uint32, optional, tag = "3")]
    terminator: Option<u32>,
    /// Whether each file is one JSON array, rather than one object per line.
    #[prost(bool, tag = "4")]
    json_array: bool,
    /// Whether the files are Arrow IPC streams, rather than Arrow IPC files.
    #[prost(bool, tag = "5")]
    arrow_stream: bool,
}

/// The part of a scan that its message loses.
///
/// # Errors
///
/// If the part cannot exist in another process.
pub(crate) fn lost(scan: &FileScanConfig, node: &PhysicalPlanNode) -> Result<Option<Scan>> {
    refuse_what_stays(scan, node)?;
    let source = scan.file_source();
    let lost = Scan {
        compression: scan.file_compression_type.is_compressed().then(|| variant(scan).to_string()),
        limit: scan.limit.map(|limit| limit as u64).filter(|limit| u32::try_from(*limit).is_err()),
        terminator: source.downcast_ref::<CsvSource>().and_then(CsvSource::terminator).map(u32::from),
        json_array: source.is::<JsonSource>() && reads_arrays(scan)?,
        arrow_stream: source.is::<ArrowSource>() && source.file_type() == STREAM,
    };
    Ok((lost != Scan::default()).then_some(lost))
}

/// DataFusion's name for the source of streams.
const STREAM: &str = "arrow_stream";

fn variant(scan: &FileScanConfig) -> CompressionTypeVariant {
    *scan.file_compression_type.get_variant()
}

fn refuse_what_stays(scan: &FileScanConfig, node: &PhysicalPlanNode) -> Result<()> {
    check_url(scan.object_store_url.as_str())?;
    if scan.expr_adapter_factory.is_some() {
        return Err(crate::fidelity::lost(
            "the scan adapts files to its schema by code of its own (expr_adapter_factory), which does not travel",
        ));
    }
    let mut files = scan.file_groups.iter().flat_map(FileGroup::files);
    if let Some(file) = files.find(|file| !file.extensions.is_empty()) {
        return Err(crate::fidelity::lost(format!(
            "the file {} has extensions, which do not travel",
            file.object_meta.location
        )));
    }
    let parquet = scan.file_source().downcast_ref::<ParquetSource>();
    if let (Some(parquet), Some(PhysicalPlanType::ParquetScan(node))) = (parquet, &node.physical_plan_type)
        && let Some(options) = &node.parquet_options
        && TableParquetOptions::try_from(options)? != *parquet.table_parquet_options()
    {
        return Err(crate::fidelity::lost(
            "options of the Parquet files do not travel (their encryption, for example)",
        ));
    }
    Ok(())
}

/// Whether a JSON source reads arrays. It does not say so, but then refuses to read a part of a file.
fn reads_arrays(scan: &FileScanConfig) -> Result<bool> {
    let source = scan.file_source().with_batch_size(1);
    let opener = source.create_file_opener(Arc::new(InMemory::new()), scan, 0)?;
    Ok(opener.open(PartitionedFile::new_with_range("part".to_owned(), 2, 0, 1)).is_err())
}

/// Restores the part of a scan that its message has lost; `None` for any other node.
pub(crate) fn restored(kept: &Scan, plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let source = plan.downcast_ref::<DataSourceExec>().map(DataSourceExec::data_source);
    let Some(scan) = source.and_then(|source| source.downcast_ref::<FileScanConfig>()) else {
        return Ok(None);
    };
    let mut scan = scan.clone();
    if let Some(compression) = &kept.compression {
        scan.file_compression_type = compression.parse::<FileCompressionType>()?;
    }
    if let Some(limit) = kept.limit {
        scan.limit = usize::try_from(limit).ok();
    }
    if let Some(source) = restored_source(kept, scan.file_source())? {
        scan.file_source = source;
    }
    Ok(Some(DataSourceExec::from_data_source(scan)))
}

fn restored_source(kept: &Scan, source: &Arc<dyn FileSource>) -> Result<Option<Arc<dyn FileSource>>> {
    if let Some(terminator) = kept.terminator {
        let (Some(csv), Ok(terminator)) = (source.downcast_ref::<CsvSource>(), u8::try_from(terminator))
        else {
            return exec_err!("a line ends with the byte {terminator} in files that are no CSV");
        };
        return Ok(Some(Arc::new(csv.with_terminator(Some(terminator)))));
    }
    if kept.json_array {
        let Some(json) = source.downcast_ref::<JsonSource>() else {
            return exec_err!("files that are no JSON hold arrays of JSON");
        };
        return Ok(Some(Arc::new(json.clone().with_newline_delimited(false))));
    }
    if kept.arrow_stream {
        let stream = ArrowSource::new_stream_file_source(source.table_schema().clone());
        let projected = source.projection().map(|projection| stream.try_pushdown_projection(projection));
        return Ok(match projected.transpose()?.flatten() {
            Some(projected) => Some(projected),
            None => Some(Arc::new(stream)),
        });
    }
    Ok(None)
}
