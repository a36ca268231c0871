//! The options of a session that decide about rows, their types or the files that are written.
//!
//! Everything else, such as batch sizes, partitions, memory and caches, is the receiver's to decide.

pub(super) const ZONE: &str = "datafusion.execution.time_zone";
pub(super) const FOLDERS: &str = "datafusion.execution.listing_table_ignore_subdirectory";
pub(super) const HEADER: &str = "datafusion.catalog.has_header";
pub(super) const LINE_BREAKS: &str = "datafusion.catalog.newlines_in_values";
pub(super) const PARTITION_COLUMNS: &str = "datafusion.execution.keep_partition_by_columns";
pub(super) const VIEWS: &str = "datafusion.optimizer.expand_views_at_output";
pub(super) const EXPLAIN: &str = "datafusion.explain.";
pub(super) const PARQUET: &str = "datafusion.execution.parquet.";

/// How Parquet is written, but for what decides only how fast it is.
pub(super) const WRITTEN: [&str; 17] = [
    "datafusion.execution.parquet.bloom_filter_fpp",
    "datafusion.execution.parquet.bloom_filter_ndv",
    "datafusion.execution.parquet.bloom_filter_on_write",
    "datafusion.execution.parquet.column_index_truncate_length",
    "datafusion.execution.parquet.compression",
    "datafusion.execution.parquet.created_by",
    "datafusion.execution.parquet.data_page_row_count_limit",
    "datafusion.execution.parquet.data_pagesize_limit",
    "datafusion.execution.parquet.dictionary_enabled",
    "datafusion.execution.parquet.dictionary_page_size_limit",
    "datafusion.execution.parquet.encoding",
    "datafusion.execution.parquet.max_row_group_size",
    "datafusion.execution.parquet.skip_arrow_metadata",
    "datafusion.execution.parquet.statistics_enabled",
    "datafusion.execution.parquet.statistics_truncate_length",
    "datafusion.execution.parquet.write_batch_size",
    "datafusion.execution.parquet.writer_version",
];

/// The others that decide, by name or, with a dot at the end, by group.
const OTHERS: [&str; 18] = [
    "datafusion.execution.enable_ansi_mode",
    "datafusion.execution.listing_table_factory_infer_partitions",
    "datafusion.execution.parquet.binary_as_string",
    "datafusion.execution.parquet.coerce_int96",
    "datafusion.execution.parquet.coerce_int96_tz",
    "datafusion.execution.parquet.schema_force_view_types",
    "datafusion.execution.parquet.skip_metadata",
    "datafusion.execution.skip_physical_aggregate_schema_check",
    "datafusion.format.",
    "datafusion.spark.",
    "datafusion.sql_parser.",
    EXPLAIN,
    FOLDERS,
    HEADER,
    LINE_BREAKS,
    PARTITION_COLUMNS,
    VIEWS,
    ZONE,
];

/// The options in those groups that protect the receiver.
const PROTECTING: [&str; 1] = ["datafusion.sql_parser.recursion_limit"];

/// Whether an option decides about rows, their types or the files that are written.
#[must_use]
pub fn option_decides(option: &str) -> bool {
    let named = |name: &&str| option == *name || (name.ends_with('.') && option.starts_with(*name));
    WRITTEN.iter().chain(&OTHERS).any(named) && !PROTECTING.contains(&option)
}
