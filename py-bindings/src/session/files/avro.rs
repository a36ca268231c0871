//! Avro files.

use datafusion::datasource::file_format::options::ReadOptions;
use datafusion::prelude::AvroReadOptions;
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::session::PySessionContext;
use crate::session::files::file_arguments::{NoObjectStore, OrdersArg, PartitionsArg, PathArg, SchemaArg};
use crate::session::files::{Files, Format};

/// The format, for files in certain orders.
pub(crate) fn format(extension: String, partitions: PartitionsArg, orders: OrdersArg) -> Format {
    Box::new(move |config, options| {
        AvroReadOptions {
            file_extension: &extension,
            table_partition_cols: partitions.0,
            ..AvroReadOptions::default()
        }
        .to_listing_options(config, options)
        .with_file_sort_order(orders.0)
    })
}

#[pymethods]
impl PySessionContext {
    /// Read Avro files.
    ///
    /// Args:
    ///     path: The file, or a directory of files, as a path or an address.
    ///     schema: The columns; without it they are inferred.
    ///     file_partition_cols: The columns whose values are in the names of directories, as
    ///         `name=value`, each with its type: `"int"`, `"string"` or one of pyarrow's.
    ///     file_extension: What the names of the files end in; others are passed over in a directory, and
    ///         an error if named.
    ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, it is not Avro.
    ///     ValueError: A partition column has no such type.
    ///     TypeError: `object_store` is not `None`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().read_avro("missing.avro")
    ///     Traceback (most recent call last):
    ///         ...
    ///     planwire.errors.ExecutionError: Error during planning: No files found at ...
    #[pyo3(signature = (
        path,
        schema = None,
        file_partition_cols = None,
        file_extension = ".avro",
        object_store = None,
    ))]
    fn read_avro(
        &self,
        py: Python<'_>,
        path: PathArg,
        schema: Option<SchemaArg>,
        file_partition_cols: Option<PartitionsArg>,
        file_extension: &str,
        object_store: Option<NoObjectStore>,
    ) -> PyResult<PyDataFrame> {
        let _ = object_store;
        let partitions = file_partition_cols.unwrap_or_default();
        let format = format(file_extension.to_owned(), partitions, OrdersArg::default());
        self.read_files(py, Files::new(path, format, schema))
    }

    /// Register Avro files as a table.
    ///
    /// Args:
    ///     name: The table's name.
    ///     path: The file, or a directory of files, as a path or an address.
    ///     schema: The columns; without it they are inferred.
    ///     file_extension: What the names of the files end in; others are passed over in a directory, and
    ///         an error if named.
    ///     table_partition_cols: The columns whose values are in the names of directories, as
    ///         `name=value`, each with its type: `"int"`, `"string"` or one of pyarrow's.
    ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, it is not Avro, or the name is taken.
    ///     ValueError: A partition column has no such type.
    ///     TypeError: `object_store` is not `None`.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().register_avro("t", "missing.avro")
    ///     Traceback (most recent call last):
    ///         ...
    ///     planwire.errors.ExecutionError: Error during planning: No files found at ...
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        name,
        path,
        schema = None,
        file_extension = ".avro",
        table_partition_cols = None,
        object_store = None,
    ))]
    fn register_avro(
        &self,
        py: Python<'_>,
        name: String,
        path: PathArg,
        schema: Option<SchemaArg>,
        file_extension: &str,
        table_partition_cols: Option<PartitionsArg>,
        object_store: Option<NoObjectStore>,
    ) -> PyResult<()> {
        let _ = object_store;
        let partitions = table_partition_cols.unwrap_or_default();
        let format = format(file_extension.to_owned(), partitions, OrdersArg::default());
        self.register_files(py, name, Files::new(path, format, schema))
    }
}
