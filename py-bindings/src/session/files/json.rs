//! JSON files, one object a line.

use datafusion::datasource::file_format::options::ReadOptions;
use datafusion::prelude::JsonReadOptions;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::session::PySessionContext;
use crate::session::files::file_arguments::{
    CompressionArg, NoObjectStore, OrdersArg, PartitionsArg, PathArg, SchemaArg,
};
use crate::session::files::{Files, Format};

/// How JSON files are laid out and read.
pub(crate) struct Layout {
    pub(crate) extension: String,
    pub(crate) partitions: PartitionsArg,
    pub(crate) orders: OrdersArg,
    pub(crate) infer_rows: usize,
    pub(crate) compression: CompressionArg,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            extension: ".json".to_owned(),
            partitions: PartitionsArg::default(),
            orders: OrdersArg::default(),
            infer_rows: JsonReadOptions::default().schema_infer_max_records,
            compression: CompressionArg::default(),
        }
    }
}

impl Layout {
    pub(crate) fn format(self) -> Format {
        let Self { extension, partitions, orders, infer_rows, compression } = self;
        Box::new(move |config, options| {
            JsonReadOptions {
                file_extension: &extension,
                table_partition_cols: partitions.0,
                file_sort_order: orders.0,
                schema_infer_max_records: infer_rows,
                file_compression_type: compression.0,
                ..JsonReadOptions::default()
            }
            .to_listing_options(config, options)
        })
    }
}

#[pymethods]
impl PySessionContext {
    /// Read JSON files, which have one object a line.
    ///
    /// Args:
    ///     path: The file, or a directory of files, as a path or an address.
    ///     schema: The columns; without it they are inferred.
    ///     schema_infer_max_records: How many rows are read to infer the columns.
    ///     file_extension: What the names of the files end in; others are passed over in a directory, and
    ///         an error if named.
    ///     table_partition_cols: The columns whose values are in the names of directories, as
    ///         `name=value`, each with its type: `"int"`, `"string"` or one of pyarrow's.
    ///     file_compression_type: `"gzip"`, `"bz2"`, `"xz"` or `"zstd"`; without it files are plain.
    ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, it is not JSON.
    ///     ValueError: There is no such compression, or a partition column has no such type.
    ///     TypeError: `object_store` is not `None`.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.json")
    ///     >>> _ = path.write_text('{"a": 1}\n{"a": 2}\n')
    ///     >>> SessionContext().read_json(path).to_pydict()
    ///     {'a': [1, 2]}
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        path,
        schema = None,
        schema_infer_max_records = 1000,
        file_extension = ".json",
        table_partition_cols = None,
        file_compression_type = None,
        object_store = None,
    ))]
    fn read_json(
        &self,
        py: Python<'_>,
        path: PathArg,
        schema: Option<SchemaArg>,
        schema_infer_max_records: usize,
        file_extension: &str,
        table_partition_cols: Option<PartitionsArg>,
        file_compression_type: Option<CompressionArg>,
        object_store: Option<NoObjectStore>,
    ) -> PyResult<PyDataFrame> {
        let _ = object_store;
        let layout = Layout {
            extension: file_extension.to_owned(),
            partitions: table_partition_cols.unwrap_or_default(),
            orders: OrdersArg::default(),
            infer_rows: schema_infer_max_records,
            compression: file_compression_type.unwrap_or_default(),
        };
        self.read_files(py, Files::new(path, layout.format(), schema))
    }

    /// Register JSON files as a table.
    ///
    /// Args:
    ///     name: The table's name.
    ///     path: The file, or a directory of files, as a path or an address.
    ///     schema: The columns; without it they are inferred.
    ///     schema_infer_max_records: How many rows are read to infer the columns.
    ///     file_extension: What the names of the files end in; others are passed over in a directory, and
    ///         an error if named.
    ///     table_partition_cols: The columns whose values are in the names of directories, as
    ///         `name=value`, each with its type: `"int"`, `"string"` or one of pyarrow's.
    ///     file_compression_type: `"gzip"`, `"bz2"`, `"xz"` or `"zstd"`; without it files are plain.
    ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, it is not JSON, or the name is taken.
    ///     ValueError: There is no such compression, or a partition column has no such type.
    ///     TypeError: `object_store` is not `None`.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.json")
    ///     >>> _ = path.write_text('{"a": 1}\n{"a": 2}\n')
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_json("t", path)
    ///     >>> ctx.sql("select sum(a) as s from t").to_pydict()
    ///     {'s': [3]}
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        name,
        path,
        schema = None,
        schema_infer_max_records = 1000,
        file_extension = ".json",
        table_partition_cols = None,
        file_compression_type = None,
        object_store = None,
    ))]
    fn register_json(
        &self,
        py: Python<'_>,
        name: String,
        path: PathArg,
        schema: Option<SchemaArg>,
        schema_infer_max_records: usize,
        file_extension: &str,
        table_partition_cols: Option<PartitionsArg>,
        file_compression_type: Option<CompressionArg>,
        object_store: Option<NoObjectStore>,
    ) -> PyResult<()> {
        let _ = object_store;
        let layout = Layout {
            extension: file_extension.to_owned(),
            partitions: table_partition_cols.unwrap_or_default(),
            orders: OrdersArg::default(),
            infer_rows: schema_infer_max_records,
            compression: file_compression_type.unwrap_or_default(),
        };
        self.register_files(py, name, Files::new(path, layout.format(), schema))
    }
}
