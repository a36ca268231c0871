//! Avro files.

use datafusion::datasource::file_format::options::ReadOptions;
use datafusion::prelude::AvroReadOptions;
use pyo3::prelude::*;

use crate::session::files::Described;
use crate::session::files::method::{Given, argument, files};

/// The format, for files in certain orders.
pub(crate) fn format(mut given: Given) -> PyResult<Described> {
    let (partitions, orders) = (given.partitions(), given.orders());
    let format = move |config: &_, options| {
        AvroReadOptions {
            file_extension: &given.file_extension,
            table_partition_cols: partitions,
            ..AvroReadOptions::default()
        }
        .to_listing_options(config, options)
        .with_file_sort_order(orders)
    };
    Ok((Box::new(format), given.schema))
}

files! {
    ", it is not Avro";
    /// Read Avro files.
    read_avro(path: PathArg, schema = None, file_partition_cols = None, file_extension = ".avro");
    ///     ValueError: A partition column has no such type.
    raises;
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().read_avro("missing.avro")
    ///     Traceback (most recent call last):
    ///         ...
    ///     planwire.errors.ExecutionError: Error during planning: No files found at ...
    example;
    /// Register Avro files as a table.
    register_avro(name, path, schema = None, file_extension = ".avro", table_partition_cols = None);
    ///     ValueError: A partition column has no such type.
    raises;
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().register_avro("t", "missing.avro")
    ///     Traceback (most recent call last):
    ///         ...
    ///     planwire.errors.ExecutionError: Error during planning: No files found at ...
    example;
}
