//! JSON files, one object a line.

use datafusion::datasource::file_format::options::ReadOptions;
use datafusion::prelude::JsonReadOptions;
use pyo3::prelude::*;

use crate::session::files::Described;
use crate::session::files::method::{Given, argument, files};

/// The format, for files that are laid out so.
pub(crate) fn format(mut given: Given) -> PyResult<Described> {
    let (partitions, orders) = (given.partitions(), given.orders());
    let format = move |config: &_, options| {
        JsonReadOptions {
            file_extension: &given.file_extension,
            table_partition_cols: partitions,
            file_sort_order: orders,
            schema_infer_max_records: given.schema_infer_max_records,
            file_compression_type: given.file_compression_type.unwrap_or_default().0,
            ..JsonReadOptions::default()
        }
        .to_listing_options(config, options)
    };
    Ok((Box::new(format), given.schema))
}

files! {
    ", it is not JSON";
    /// Read JSON files, which have one object a line.
    read_json(
        path: PathArg, schema = None, schema_infer_max_records = 1000, file_extension = ".json",
        table_partition_cols = None, file_compression_type = None
    );
    ///     ValueError: There is no such compression, or a partition column has no such type.
    raises;
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.json")
    ///     >>> _ = path.write_text('{"a": 1}\n{"a": 2}\n')
    ///     >>> SessionContext().read_json(path).to_pydict()
    ///     {'a': [1, 2]}
    example;
    /// Register JSON files as a table.
    register_json(
        name, path, schema = None, schema_infer_max_records = 1000, file_extension = ".json",
        table_partition_cols = None, file_compression_type = None
    );
    ///     ValueError: There is no such compression, or a partition column has no such type.
    raises;
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.json")
    ///     >>> _ = path.write_text('{"a": 1}\n{"a": 2}\n')
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_json("t", path)
    ///     >>> ctx.sql("select sum(a) as s from t").to_pydict()
    ///     {'s': [3]}
    example;
}
