//! CSV files, and the options object that tells how they are laid out.

use datafusion::datasource::file_format::options::ReadOptions;
use datafusion::prelude::CsvReadOptions;
use pyo3::prelude::*;

use crate::session::files::Described;
use crate::session::files::file_arguments::{CompressionArg, OrdersArg, PartitionsArg, SchemaArg, ascii};
use crate::session::files::method::{Given, argument, files};

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

impl From<Given> for CsvOptionsArg {
    fn from(given: Given) -> Self {
        Self {
            has_header: given.has_header,
            delimiter: given.delimiter,
            quote: "\"".to_owned(),
            terminator: None,
            escape: None,
            comment: None,
            newlines_in_values: false,
            schema: given.schema,
            schema_infer_max_records: given.schema_infer_max_records,
            file_extension: given.file_extension,
            table_partition_cols: given.table_partition_cols.unwrap_or_default(),
            file_compression_type: given.file_compression_type.unwrap_or_default(),
            file_sort_order: given.file_sort_order.unwrap_or_default(),
            null_regex: None,
            truncated_rows: false,
        }
    }
}

/// The format, for files that are laid out so.
///
/// # Errors
///
/// A `ValueError` for an argument that is not one ASCII character.
pub(crate) fn format(mut given: Given) -> PyResult<Described> {
    let csv = given.options.take().unwrap_or_else(|| given.into());
    let optional = |what, text: Option<String>| text.map(|text| ascii(what, &text)).transpose();
    let (delimiter, quote) = (ascii("delimiter", &csv.delimiter)?, ascii("quote", &csv.quote)?);
    let terminator = optional("terminator", csv.terminator)?;
    let (escape, comment) = (optional("escape", csv.escape)?, optional("comment", csv.comment)?);
    let format = move |config: &_, options| {
        CsvReadOptions {
            has_header: csv.has_header,
            delimiter,
            quote,
            terminator,
            escape,
            comment,
            newlines_in_values: csv.newlines_in_values,
            schema: None,
            schema_infer_max_records: csv.schema_infer_max_records,
            file_extension: &csv.file_extension,
            table_partition_cols: csv.table_partition_cols.0,
            file_compression_type: csv.file_compression_type.0,
            file_sort_order: csv.file_sort_order.0,
            null_regex: csv.null_regex,
            truncated_rows: csv.truncated_rows,
        }
        .to_listing_options(config, options)
    };
    Ok((Box::new(format), csv.schema))
}

files! {
    "";
    /// Read CSV files.
    read_csv(
        path: PathsArg, schema = None, has_header = true, delimiter = ",", schema_infer_max_records = 1000,
        file_extension = ".csv", table_partition_cols = None, file_compression_type = None, options = None
    );
    ///     ValueError: The delimiter is not one ASCII character, or there is no such compression, or
    ///         no such type of a partition column.
    raises;
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.csv")
    ///     >>> _ = path.write_text("a;b\n1;x\n")
    ///     >>> SessionContext().read_csv(path, delimiter=";").to_pydict()
    ///     {'a': [1], 'b': ['x']}
    example;
    /// Register CSV files as a table.
    register_csv(
        name, path, schema = None, has_header = true, delimiter = ",", schema_infer_max_records = 1000,
        file_extension = ".csv", file_compression_type = None, options = None
    );
    ///     ValueError: The delimiter is not one ASCII character, or there is no such compression.
    raises;
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.csv")
    ///     >>> _ = path.write_text("a;b\n1;x\n")
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_csv("t", path, delimiter=";")
    ///     >>> ctx.table("t").count()
    ///     1
    example;
}
