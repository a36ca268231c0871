//! How Parquet files are written, as `ParquetWriterOptions` say it.

use std::collections::HashMap;

use datafusion::common::config::{ParquetColumnOptions, ParquetOptions, TableParquetOptions};
use datafusion::common::file_options::parquet_writer::parse_compression_string;
use datafusion::error::DataFusionError;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

/// The attributes of a Python `ParquetWriterOptions`.
#[derive(FromPyObject)]
pub(super) struct WriterOptions {
    data_pagesize_limit: usize,
    write_batch_size: usize,
    writer_version: String,
    skip_arrow_metadata: bool,
    compression: Option<String>,
    dictionary_enabled: Option<bool>,
    dictionary_page_size_limit: usize,
    statistics_enabled: Option<String>,
    max_row_group_size: usize,
    created_by: String,
    column_index_truncate_length: Option<usize>,
    statistics_truncate_length: Option<usize>,
    data_page_row_count_limit: usize,
    encoding: Option<String>,
    bloom_filter_on_write: bool,
    bloom_filter_fpp: Option<f64>,
    bloom_filter_ndv: Option<u64>,
    allow_single_file_parallelism: bool,
    maximum_parallel_row_group_writers: usize,
    maximum_buffered_record_batches_per_stream: usize,
    column_specific_options: Option<HashMap<String, ColumnOptions>>,
}

/// The attributes of a Python `ParquetColumnOptions`.
#[derive(FromPyObject)]
struct ColumnOptions {
    encoding: Option<String>,
    dictionary_enabled: Option<bool>,
    compression: Option<String>,
    statistics_enabled: Option<String>,
    bloom_filter_enabled: Option<bool>,
    bloom_filter_fpp: Option<f64>,
    bloom_filter_ndv: Option<u64>,
}

impl WriterOptions {
    /// Makes DataFusion's options of them.
    ///
    /// # Errors
    ///
    /// A `ValueError` for a version or compression that there is not.
    pub(super) fn into_datafusion(self) -> PyResult<TableParquetOptions> {
        let Self { column_specific_options, .. } = &self;
        let columns = column_specific_options.iter().flatten();
        let compressions = columns.filter_map(|(_, column)| column.compression.as_ref());
        for compression in compressions.chain(&self.compression) {
            parse_compression_string(compression).map_err(|error| refused(&error))?;
        }
        let mut options = TableParquetOptions { global: self.global()?, ..TableParquetOptions::default() };
        for (name, column) in self.column_specific_options.into_iter().flatten() {
            options.column_specific_options.insert(name, column.into_datafusion());
        }
        Ok(options)
    }

    // What Python says nothing of is for reading.
    fn global(&self) -> PyResult<ParquetOptions> {
        Ok(ParquetOptions {
            data_pagesize_limit: self.data_pagesize_limit,
            write_batch_size: self.write_batch_size,
            writer_version: self.writer_version.parse().map_err(|error| refused(&error))?,
            skip_arrow_metadata: self.skip_arrow_metadata,
            compression: self.compression.clone(),
            dictionary_enabled: self.dictionary_enabled,
            dictionary_page_size_limit: self.dictionary_page_size_limit,
            statistics_enabled: self.statistics_enabled.clone(),
            max_row_group_size: self.max_row_group_size,
            created_by: self.created_by.clone(),
            column_index_truncate_length: self.column_index_truncate_length,
            statistics_truncate_length: self.statistics_truncate_length,
            data_page_row_count_limit: self.data_page_row_count_limit,
            encoding: self.encoding.clone(),
            bloom_filter_on_write: self.bloom_filter_on_write,
            bloom_filter_fpp: self.bloom_filter_fpp,
            bloom_filter_ndv: self.bloom_filter_ndv,
            allow_single_file_parallelism: self.allow_single_file_parallelism,
            maximum_parallel_row_group_writers: self.maximum_parallel_row_group_writers,
            maximum_buffered_record_batches_per_stream: self.maximum_buffered_record_batches_per_stream,
            ..ParquetOptions::default()
        })
    }
}

impl ColumnOptions {
    fn into_datafusion(self) -> ParquetColumnOptions {
        let Self {
            encoding,
            dictionary_enabled,
            compression,
            statistics_enabled,
            bloom_filter_enabled,
            bloom_filter_fpp,
            bloom_filter_ndv,
        } = self;
        ParquetColumnOptions {
            bloom_filter_enabled,
            encoding,
            dictionary_enabled,
            compression,
            statistics_enabled,
            bloom_filter_fpp,
            bloom_filter_ndv,
        }
    }
}

/// The options that say nothing but the compression: a `Compression`, or the name of one.
///
/// # Errors
///
/// A `ValueError` if there is no such compression or level.
pub(super) fn compressed(
    writing: &Bound<'_, PyModule>,
    given: Option<&Bound<'_, PyAny>>,
    level: Option<i64>,
) -> PyResult<TableParquetOptions> {
    let compressions = writing.getattr("Compression")?;
    let compression = match given {
        None => compressions.getattr("ZSTD")?,
        Some(name) if name.is_instance_of::<PyString>() => compressions.call_method1("from_str", (name,))?,
        Some(compression) if compression.is_instance(&compressions)? => compression.clone(),
        Some(other) => {
            let class = other.get_type();
            return Err(PyTypeError::new_err(format!("{} is no compression", class.name()?)));
        }
    };
    let level = match level {
        Some(level) => Some(level),
        None => compression.call_method0("get_default_level")?.extract()?,
    };
    let name: String = compression.getattr("value")?.extract()?;
    let compression = level.map_or_else(|| name.clone(), |level| format!("{name}({level})"));
    parse_compression_string(&compression).map_err(|error| refused(&error))?;
    let mut options = TableParquetOptions::default();
    options.global.compression = Some(compression);
    Ok(options)
}

fn refused(error: &DataFusionError) -> PyErr {
    PyValueError::new_err(error.to_string())
}
