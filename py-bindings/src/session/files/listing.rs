//! Listing tables: files of any format that DataFusion reads, told by their names.

use pyo3::prelude::*;

use crate::session::PySessionContext;
use crate::session::files::file_arguments::{OrdersArg, PartitionsArg, PathArg, SchemaArg};
use crate::session::files::method::Given;
use crate::session::files::{arrow, avro, csv, json, parquet};

#[pymethods]
impl PySessionContext {
    /// Register files as a table.
    ///
    /// Args:
    ///     name: The table's name.
    ///     path: The file, or a directory of files, as a path or an address.
    ///     table_partition_cols: The columns whose values are in the names of directories, as
    ///         `name=value`, each with its type: `"int"`, `"string"` or one of pyarrow's.
    ///     file_extension: The ending of the files' names, which decides their format: `.csv`, `.json`,
    ///         `.avro` and `.arrow` are read as such, everything else as Parquet.
    ///     schema: The columns; without it they are inferred.
    ///     file_sort_order: Orders that the rows of each file are in; they are believed, and spare sorting.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, it is not of the format, or the name is taken.
    ///     ValueError: A partition column has no such type.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> year = pathlib.Path(tempfile.mkdtemp(), "year=2024")
    ///     >>> year.mkdir()
    ///     >>> _ = (year / "t.csv").write_text("a\n1\n")
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_listing_table("t", year.parent, [("year", "int")], ".csv")
    ///     >>> ctx.table("t").to_pydict()
    ///     {'a': [1], 'year': [2024]}
    #[expect(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
    #[pyo3(signature = (
        name,
        path,
        table_partition_cols = None,
        file_extension = ".parquet",
        schema = None,
        file_sort_order = None,
    ))]
    fn register_listing_table(
        &self,
        py: Python<'_>,
        name: String,
        path: PathArg,
        table_partition_cols: Option<PartitionsArg>,
        file_extension: &str,
        schema: Option<SchemaArg>,
        file_sort_order: Option<OrdersArg>,
    ) -> PyResult<()> {
        let format = match file_extension.rsplit('.').next() {
            Some("csv") => csv::format,
            Some("json") => json::format,
            Some("avro") => avro::format,
            Some("arrow") => arrow::format,
            _ => parquet::format,
        };
        let file_extension = file_extension.to_owned();
        let given =
            Given { schema, file_extension, table_partition_cols, file_sort_order, ..Given::default() };
        self.register_files(py, name, path, format(given)?)
    }
}
