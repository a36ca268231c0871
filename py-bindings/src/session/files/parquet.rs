//! Parquet files.

use datafusion::datasource::file_format::options::ReadOptions;
use datafusion::prelude::ParquetReadOptions;
use pyo3::prelude::*;

use crate::session::files::Described;
use crate::session::files::method::{Given, argument, files};

/// The format, for files that are read so.
pub(crate) fn format(mut given: Given) -> PyResult<Described> {
    let (partitions, orders) = (given.partitions(), given.orders());
    let format = move |config: &_, options| {
        ParquetReadOptions {
            file_extension: &given.file_extension,
            table_partition_cols: partitions,
            parquet_pruning: given.parquet_pruning,
            skip_metadata: given.skip_metadata,
            file_sort_order: orders,
            ..ParquetReadOptions::default()
        }
        .to_listing_options(config, options)
    };
    Ok((Box::new(format), given.schema))
}

files! {
    ", it is not Parquet";
    /// Read Parquet files.
    read_parquet(
        path: PathArg, table_partition_cols = None, parquet_pruning = true, file_extension = ".parquet",
        skip_metadata = true, schema = None, file_sort_order = None
    );
    ///     ValueError: A partition column has no such type.
    raises;
    ///     >>> import pathlib, tempfile
    ///     >>> import pyarrow as pa, pyarrow.parquet
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.parquet")
    ///     >>> pa.parquet.write_table(pa.table({"a": [1, 2]}), path)
    ///     >>> SessionContext().read_parquet(path).count()
    ///     2
    example;
    /// Register Parquet files as a table.
    register_parquet(
        name, path, table_partition_cols = None, parquet_pruning = true, file_extension = ".parquet",
        skip_metadata = true, schema = None, file_sort_order = None
    );
    ///     ValueError: A partition column has no such type.
    raises;
    ///     >>> import pathlib, tempfile
    ///     >>> import pyarrow as pa, pyarrow.parquet
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.parquet")
    ///     >>> pa.parquet.write_table(pa.table({"a": [1, 2]}), path)
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_parquet("t", path)
    ///     >>> ctx.sql("select max(a) as m from t").to_pydict()
    ///     {'m': [2]}
    example;
}
