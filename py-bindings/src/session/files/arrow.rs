//! Arrow IPC files.

use datafusion::datasource::file_format::options::{ArrowReadOptions, ReadOptions};
use pyo3::prelude::*;

use crate::dataframe::PyDataFrame;
use crate::session::PySessionContext;
use crate::session::files::file_arguments::{NoObjectStore, OrdersArg, PartitionsArg, PathArg, SchemaArg};
use crate::session::files::{Files, Format};

/// The format, for files in certain orders.
pub(crate) fn format(extension: String, partitions: PartitionsArg, orders: OrdersArg) -> Format {
    Box::new(move |config, options| {
        ArrowReadOptions {
            file_extension: &extension,
            table_partition_cols: partitions.0,
            ..ArrowReadOptions::default()
        }
        .to_listing_options(config, options)
        .with_file_sort_order(orders.0)
    })
}

#[pymethods]
impl PySessionContext {
    /// Read Arrow IPC files.
    ///
    /// Args:
    ///     path: The file, or a directory of files, as a path or an address.
    ///     schema: The columns; without it they are inferred.
    ///     file_extension: What the names of the files end in; others are passed over in a directory, and
    ///         an error if named.
    ///     file_partition_cols: The columns whose values are in the names of directories, as
    ///         `name=value`, each with its type: `"int"`, `"string"` or one of pyarrow's.
    ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, it is not Arrow IPC.
    ///     ValueError: A partition column has no such type.
    ///     TypeError: `object_store` is not `None`.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> path, table = pathlib.Path(tempfile.mkdtemp(), "t.arrow"), pa.table({"a": [1, 2]})
    ///     >>> with pa.ipc.new_file(path, table.schema) as file:
    ///     ...     file.write_table(table)
    ///     >>> SessionContext().read_arrow(path).count()
    ///     2
    #[pyo3(signature = (
        path,
        schema = None,
        file_extension = ".arrow",
        file_partition_cols = None,
        object_store = None,
    ))]
    fn read_arrow(
        &self,
        py: Python<'_>,
        path: PathArg,
        schema: Option<SchemaArg>,
        file_extension: &str,
        file_partition_cols: Option<PartitionsArg>,
        object_store: Option<NoObjectStore>,
    ) -> PyResult<PyDataFrame> {
        let _ = object_store;
        let partitions = file_partition_cols.unwrap_or_default();
        let format = format(file_extension.to_owned(), partitions, OrdersArg::default());
        self.read_files(py, Files::new(path, format, schema))
    }

    /// Register Arrow IPC files as a table.
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
    ///     ExecutionError: There is nothing to read, it is not Arrow IPC, or the name is taken.
    ///     ValueError: A partition column has no such type.
    ///     TypeError: `object_store` is not `None`.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> path, table = pathlib.Path(tempfile.mkdtemp(), "t.arrow"), pa.table({"a": [1, 2]})
    ///     >>> with pa.ipc.new_file(path, table.schema) as file:
    ///     ...     file.write_table(table)
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_arrow("t", path)
    ///     >>> ctx.table("t").count()
    ///     2
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        name,
        path,
        schema = None,
        file_extension = ".arrow",
        table_partition_cols = None,
        object_store = None,
    ))]
    fn register_arrow(
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
