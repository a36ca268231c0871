//! Arrow IPC files.

use datafusion::datasource::file_format::options::{ArrowReadOptions, ReadOptions};
use pyo3::prelude::*;

use crate::session::files::Described;
use crate::session::files::method::{Given, argument, files};

/// The format, for files in certain orders.
pub(crate) fn format(mut given: Given) -> PyResult<Described> {
    let (partitions, orders) = (given.partitions(), given.orders());
    let format = move |config: &_, options| {
        ArrowReadOptions {
            file_extension: &given.file_extension,
            table_partition_cols: partitions,
            ..ArrowReadOptions::default()
        }
        .to_listing_options(config, options)
        .with_file_sort_order(orders)
    };
    Ok((Box::new(format), given.schema))
}

files! {
    ", it is not Arrow IPC";
    /// Read Arrow IPC files.
    read_arrow(path: PathArg, schema = None, file_extension = ".arrow", file_partition_cols = None);
    ///     ValueError: A partition column has no such type.
    raises;
    ///     >>> import pathlib, tempfile
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> path, table = pathlib.Path(tempfile.mkdtemp(), "t.arrow"), pa.table({"a": [1, 2]})
    ///     >>> with pa.ipc.new_file(path, table.schema) as file:
    ///     ...     file.write_table(table)
    ///     >>> SessionContext().read_arrow(path).count()
    ///     2
    example;
    /// Register Arrow IPC files as a table.
    register_arrow(name, path, schema = None, file_extension = ".arrow", table_partition_cols = None);
    ///     ValueError: A partition column has no such type.
    raises;
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
    example;
}
