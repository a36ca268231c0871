//! The layout of CSV files, and the options object that tells it.

use datafusion::datasource::file_format::options::ReadOptions;
use datafusion::prelude::CsvReadOptions;
use pyo3::prelude::*;

use crate::session::files::Format;
use crate::session::files::file_arguments::{CompressionArg, OrdersArg, PartitionsArg, SchemaArg, ascii};

/// How CSV files are laid out and read.
pub(crate) struct Layout {
    pub(crate) extension: String,
    pub(crate) partitions: PartitionsArg,
    pub(crate) orders: OrdersArg,
    pub(crate) has_header: bool,
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
    pub(crate) terminator: Option<u8>,
    pub(crate) escape: Option<u8>,
    pub(crate) comment: Option<u8>,
    pub(crate) newlines_in_values: bool,
    pub(crate) infer_rows: usize,
    pub(crate) compression: CompressionArg,
    pub(crate) null_regex: Option<String>,
    pub(crate) truncated_rows: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            extension: ".csv".to_owned(),
            partitions: PartitionsArg::default(),
            orders: OrdersArg::default(),
            has_header: true,
            delimiter: b',',
            quote: b'"',
            terminator: None,
            escape: None,
            comment: None,
            newlines_in_values: false,
            infer_rows: CsvReadOptions::default().schema_infer_max_records,
            compression: CompressionArg::default(),
            null_regex: None,
            truncated_rows: false,
        }
    }
}

impl Layout {
    pub(crate) fn format(self) -> Format {
        Box::new(move |config, options| {
            CsvReadOptions {
                has_header: self.has_header,
                delimiter: self.delimiter,
                quote: self.quote,
                terminator: self.terminator,
                escape: self.escape,
                comment: self.comment,
                newlines_in_values: self.newlines_in_values,
                schema: None,
                schema_infer_max_records: self.infer_rows,
                file_extension: &self.extension,
                table_partition_cols: self.partitions.0,
                file_compression_type: self.compression.0,
                file_sort_order: self.orders.0,
                null_regex: self.null_regex,
                truncated_rows: self.truncated_rows,
            }
            .to_listing_options(config, options)
        })
    }
}

/// An argument that is a `planwire.options.CsvReadOptions`, or has its attributes.
#[derive(FromPyObject)]
pub(crate) struct CsvOptionsArg {
    has_header: bool,
    delimiter: String,
    quote: String,
    terminator: Option<String>,
    escape: Option<String>,
    comment: Option<String>,
    newlines_in_values: bool,
    schema: Option<SchemaArg>,
    schema_infer_max_records: usize,
    file_extension: String,
    table_partition_cols: PartitionsArg,
    file_compression_type: CompressionArg,
    file_sort_order: OrdersArg,
    null_regex: Option<String>,
    truncated_rows: bool,
}

impl CsvOptionsArg {
    /// Splits the options into the layout and the schema.
    ///
    /// # Errors
    ///
    /// A `ValueError` for what has to be one ASCII character and is not.
    pub(crate) fn into_layout(self) -> PyResult<(Layout, Option<SchemaArg>)> {
        let optional = |what, text: Option<String>| text.map(|text| ascii(what, &text)).transpose();
        let layout = Layout {
            extension: self.file_extension,
            partitions: self.table_partition_cols,
            orders: self.file_sort_order,
            has_header: self.has_header,
            delimiter: ascii("delimiter", &self.delimiter)?,
            quote: ascii("quote", &self.quote)?,
            terminator: optional("terminator", self.terminator)?,
            escape: optional("escape", self.escape)?,
            comment: optional("comment", self.comment)?,
            newlines_in_values: self.newlines_in_values,
            infer_rows: self.schema_infer_max_records,
            compression: self.file_compression_type,
            null_regex: self.null_regex,
            truncated_rows: self.truncated_rows,
        };
        Ok((layout, self.schema))
    }
}
