//! CSV files.

use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::session::PySessionContext;
use crate::session::files::Files;
use crate::session::files::csv_layout::{CsvOptionsArg, Layout};
use crate::session::files::file_arguments::{
    CompressionArg, NoObjectStore, PartitionsArg, PathsArg, SchemaArg, ascii,
};

#[pymethods]
impl PySessionContext {
    /// Read CSV files.
    ///
    /// Args:
    ///     path: The file, or a directory of files, as a path or an address; or a list of them, of which the
    ///         first tells the columns.
    ///     schema: The columns; without it they are inferred.
    ///     has_header: Whether the first line names the columns.
    ///     delimiter: What separates two values, one ASCII character.
    ///     schema_infer_max_records: How many rows are read to infer the columns.
    ///     file_extension: What the names of the files end in; others are passed over in a directory, and
    ///         an error if named.
    ///     table_partition_cols: The columns whose values are in the names of directories, as
    ///         `name=value`, each with its type: `"int"`, `"string"` or one of pyarrow's.
    ///     file_compression_type: `"gzip"`, `"bz2"`, `"xz"` or `"zstd"`; without it files are plain.
    ///     options: All of the options in one object, which then are used instead of the other arguments.
    ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read.
    ///     ValueError: The delimiter is not one ASCII character, or there is no such compression, or
    ///         no such type of a partition column.
    ///     TypeError: `object_store` is not `None`.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.csv")
    ///     >>> _ = path.write_text("a;b\n1;x\n")
    ///     >>> SessionContext().read_csv(path, delimiter=";").to_pydict()
    ///     {'a': [1], 'b': ['x']}
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        path,
        schema = None,
        has_header = true,
        delimiter = ",",
        schema_infer_max_records = 1000,
        file_extension = ".csv",
        table_partition_cols = None,
        file_compression_type = None,
        options = None,
        object_store = None,
    ))]
    fn read_csv(
        &self,
        py: Python<'_>,
        path: PathsArg,
        schema: Option<SchemaArg>,
        has_header: bool,
        delimiter: &str,
        schema_infer_max_records: usize,
        file_extension: &str,
        table_partition_cols: Option<PartitionsArg>,
        file_compression_type: Option<CompressionArg>,
        options: Option<CsvOptionsArg>,
        object_store: Option<NoObjectStore>,
    ) -> PyResult<PyDataFrame> {
        let _ = object_store;
        let (layout, schema) = match options {
            Some(options) => options.into_layout()?,
            None => {
                let layout = Layout {
                    extension: file_extension.to_owned(),
                    partitions: table_partition_cols.unwrap_or_default(),
                    has_header,
                    delimiter: ascii("delimiter", delimiter)?,
                    infer_rows: schema_infer_max_records,
                    compression: file_compression_type.unwrap_or_default(),
                    ..Layout::default()
                };
                (layout, schema)
            }
        };
        self.read_files(py, Files::new(path, layout.format(), schema))
    }

    /// Register CSV files as a table.
    ///
    /// Args:
    ///     name: The table's name.
    ///     path: The file, or a directory of files, as a path or an address; or a list of them, of which the
    ///         first tells the columns.
    ///     schema: The columns; without it they are inferred.
    ///     has_header: Whether the first line names the columns.
    ///     delimiter: What separates two values, one ASCII character.
    ///     schema_infer_max_records: How many rows are read to infer the columns.
    ///     file_extension: What the names of the files end in; others are passed over in a directory, and
    ///         an error if named.
    ///     file_compression_type: `"gzip"`, `"bz2"`, `"xz"` or `"zstd"`; without it files are plain.
    ///     options: All of the options in one object, which then are used instead of the other arguments.
    ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, or the name is taken.
    ///     ValueError: The delimiter is not one ASCII character, or there is no such compression.
    ///     TypeError: `object_store` is not `None`.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.csv")
    ///     >>> _ = path.write_text("a;b\n1;x\n")
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_csv("t", path, delimiter=";")
    ///     >>> ctx.table("t").count()
    ///     1
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        name,
        path,
        schema = None,
        has_header = true,
        delimiter = ",",
        schema_infer_max_records = 1000,
        file_extension = ".csv",
        file_compression_type = None,
        options = None,
        object_store = None,
    ))]
    fn register_csv(
        &self,
        py: Python<'_>,
        name: String,
        path: PathsArg,
        schema: Option<SchemaArg>,
        has_header: bool,
        delimiter: &str,
        schema_infer_max_records: usize,
        file_extension: &str,
        file_compression_type: Option<CompressionArg>,
        options: Option<CsvOptionsArg>,
        object_store: Option<NoObjectStore>,
    ) -> PyResult<()> {
        let _ = object_store;
        let (layout, schema) = match options {
            Some(options) => options.into_layout()?,
            None => {
                let layout = Layout {
                    extension: file_extension.to_owned(),
                    has_header,
                    delimiter: ascii("delimiter", delimiter)?,
                    infer_rows: schema_infer_max_records,
                    compression: file_compression_type.unwrap_or_default(),
                    ..Layout::default()
                };
                (layout, schema)
            }
        };
        self.register_files(py, name, Files::new(path, layout.format(), schema))
    }
}
