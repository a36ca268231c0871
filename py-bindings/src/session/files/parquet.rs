//! Parquet files.

use datafusion::datasource::file_format::options::ReadOptions;
use datafusion::prelude::ParquetReadOptions;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::session::PySessionContext;
use crate::session::files::file_arguments::{NoObjectStore, OrdersArg, PartitionsArg, PathArg, SchemaArg};
use crate::session::files::{Files, Format};

/// How Parquet files are laid out and read.
pub(crate) struct Layout {
    pub(crate) extension: String,
    pub(crate) partitions: PartitionsArg,
    pub(crate) orders: OrdersArg,
    pub(crate) pruning: Option<bool>,
    pub(crate) skip_metadata: Option<bool>,
}

impl Layout {
    pub(crate) fn format(self) -> Format {
        let Self { extension, partitions, orders, pruning, skip_metadata } = self;
        Box::new(move |config, options| {
            ParquetReadOptions {
                file_extension: &extension,
                table_partition_cols: partitions.0,
                parquet_pruning: pruning,
                skip_metadata,
                file_sort_order: orders.0,
                ..ParquetReadOptions::default()
            }
            .to_listing_options(config, options)
        })
    }
}

#[pymethods]
impl PySessionContext {
    /// Read Parquet files.
    ///
    /// Args:
    ///     path: The file, or a directory of files, as a path or an address.
    ///     table_partition_cols: The columns whose values are in the names of directories, as
    ///         `name=value`, each with its type: `"int"`, `"string"` or one of pyarrow's.
    ///     parquet_pruning: Whether statistics spare reading parts of a file.
    ///     file_extension: What the names of the files end in; others are passed over in a directory, and
    ///         an error if named.
    ///     skip_metadata: Whether to leave out the metadata of the files' own schema.
    ///     schema: The columns; without it they are inferred.
    ///     file_sort_order: Orders that the rows of each file are in; they are believed, and spare sorting.
    ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, it is not Parquet.
    ///     ValueError: A partition column has no such type.
    ///     TypeError: `object_store` is not `None`.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> import pyarrow as pa, pyarrow.parquet
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.parquet")
    ///     >>> pa.parquet.write_table(pa.table({"a": [1, 2]}), path)
    ///     >>> SessionContext().read_parquet(path).count()
    ///     2
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        path,
        table_partition_cols = None,
        parquet_pruning = true,
        file_extension = ".parquet",
        skip_metadata = true,
        schema = None,
        file_sort_order = None,
        object_store = None,
    ))]
    fn read_parquet(
        &self,
        py: Python<'_>,
        path: PathArg,
        table_partition_cols: Option<PartitionsArg>,
        parquet_pruning: bool,
        file_extension: &str,
        skip_metadata: bool,
        schema: Option<SchemaArg>,
        file_sort_order: Option<OrdersArg>,
        object_store: Option<NoObjectStore>,
    ) -> PyResult<PyDataFrame> {
        let _ = object_store;
        let layout = Layout {
            extension: file_extension.to_owned(),
            partitions: table_partition_cols.unwrap_or_default(),
            orders: file_sort_order.unwrap_or_default(),
            pruning: Some(parquet_pruning),
            skip_metadata: Some(skip_metadata),
        };
        self.read_files(py, Files::new(path, layout.format(), schema))
    }

    /// Register Parquet files as a table.
    ///
    /// Args:
    ///     name: The table's name.
    ///     path: The file, or a directory of files, as a path or an address.
    ///     table_partition_cols: The columns whose values are in the names of directories, as
    ///         `name=value`, each with its type: `"int"`, `"string"` or one of pyarrow's.
    ///     parquet_pruning: Whether statistics spare reading parts of a file.
    ///     file_extension: What the names of the files end in; others are passed over in a directory, and
    ///         an error if named.
    ///     skip_metadata: Whether to leave out the metadata of the files' own schema.
    ///     schema: The columns; without it they are inferred.
    ///     file_sort_order: Orders that the rows of each file are in; they are believed, and spare sorting.
    ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, it is not Parquet, or the name is taken.
    ///     ValueError: A partition column has no such type.
    ///     TypeError: `object_store` is not `None`.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> import pyarrow as pa, pyarrow.parquet
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.parquet")
    ///     >>> pa.parquet.write_table(pa.table({"a": [1, 2]}), path)
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_parquet("t", path)
    ///     >>> ctx.sql("select max(a) as m from t").to_pydict()
    ///     {'m': [2]}
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        name,
        path,
        table_partition_cols = None,
        parquet_pruning = true,
        file_extension = ".parquet",
        skip_metadata = true,
        schema = None,
        file_sort_order = None,
        object_store = None,
    ))]
    fn register_parquet(
        &self,
        py: Python<'_>,
        name: String,
        path: PathArg,
        table_partition_cols: Option<PartitionsArg>,
        parquet_pruning: bool,
        file_extension: &str,
        skip_metadata: bool,
        schema: Option<SchemaArg>,
        file_sort_order: Option<OrdersArg>,
        object_store: Option<NoObjectStore>,
    ) -> PyResult<()> {
        let _ = object_store;
        let layout = Layout {
            extension: file_extension.to_owned(),
            partitions: table_partition_cols.unwrap_or_default(),
            orders: file_sort_order.unwrap_or_default(),
            pruning: Some(parquet_pruning),
            skip_metadata: Some(skip_metadata),
        };
        self.register_files(py, name, Files::new(path, layout.format(), schema))
    }
}
