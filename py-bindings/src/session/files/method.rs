//! Methods that read and register the files of a format, made of their signatures.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::SortExpr;
use datafusion::prelude::CsvReadOptions;

use crate::session::files::csv::CsvOptionsArg;
use crate::session::files::file_arguments::{CompressionArg, OrdersArg, PartitionsArg, SchemaArg};

/// The arguments of the methods besides paths, for every format; a method leaves the others at their defaults.
pub(crate) struct Given {
    pub(crate) schema: Option<SchemaArg>,
    pub(crate) has_header: bool,
    pub(crate) delimiter: String,
    pub(crate) schema_infer_max_records: usize,
    pub(crate) file_extension: String,
    pub(crate) table_partition_cols: Option<PartitionsArg>,
    /// Its name in `read_arrow` and `read_avro`.
    pub(crate) file_partition_cols: Option<PartitionsArg>,
    pub(crate) file_compression_type: Option<CompressionArg>,
    pub(crate) file_sort_order: Option<OrdersArg>,
    pub(crate) parquet_pruning: Option<bool>,
    pub(crate) skip_metadata: Option<bool>,
    pub(crate) options: Option<CsvOptionsArg>,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            schema: None,
            has_header: true,
            delimiter: ",".to_owned(),
            schema_infer_max_records: CsvReadOptions::default().schema_infer_max_records,
            file_extension: String::new(),
            table_partition_cols: None,
            file_partition_cols: None,
            file_compression_type: None,
            file_sort_order: None,
            parquet_pruning: None,
            skip_metadata: None,
            options: None,
        }
    }
}

impl Given {
    pub(crate) fn partitions(&mut self) -> Vec<(String, DataType)> {
        let columns = self.table_partition_cols.take().or(self.file_partition_cols.take());
        columns.unwrap_or_default().0
    }

    pub(crate) fn orders(&mut self) -> Vec<Vec<SortExpr>> {
        self.file_sort_order.take().unwrap_or_default().0
    }
}

/// The type of an argument and its documentation, by its name.
macro_rules! argument {
    (type has_header) => { bool };
    (type delimiter) => { &str };
    (type schema_infer_max_records) => { usize };
    (type file_extension) => { &str };
    (type parquet_pruning) => { bool };
    (type skip_metadata) => { bool };
    (type schema) => { Option<crate::session::files::file_arguments::SchemaArg> };
    (type table_partition_cols) => { Option<crate::session::files::file_arguments::PartitionsArg> };
    (type file_partition_cols) => { Option<crate::session::files::file_arguments::PartitionsArg> };
    (type file_compression_type) => { Option<crate::session::files::file_arguments::CompressionArg> };
    (type file_sort_order) => { Option<crate::session::files::file_arguments::OrdersArg> };
    (type options) => { Option<crate::session::files::csv::CsvOptionsArg> };

    (about PathArg) => {
        "    path: The file, or a directory of files, as a path or an address."
    };
    (about PathsArg) => {
        "    path: The file, or a directory of files, as a path or an address; or a list of them, of which the
        first tells the columns."
    };
    (about schema) => {
        "    schema: The columns; without it they are inferred."
    };
    (about has_header) => {
        "    has_header: Whether the first line names the columns."
    };
    (about delimiter) => {
        "    delimiter: What separates two values, one ASCII character."
    };
    (about schema_infer_max_records) => {
        "    schema_infer_max_records: How many rows are read to infer the columns."
    };
    (about file_extension) => {
        "    file_extension: What the names of the files end in; others are passed over in a directory, and
        an error if named."
    };
    (about table_partition_cols) => {
        "    table_partition_cols: The columns whose values are in the names of directories, as
        `name=value`, each with its type: `\"int\"`, `\"string\"` or one of pyarrow's."
    };
    (about file_partition_cols) => {
        "    file_partition_cols: The columns whose values are in the names of directories, as
        `name=value`, each with its type: `\"int\"`, `\"string\"` or one of pyarrow's."
    };
    (about file_compression_type) => {
        "    file_compression_type: `\"gzip\"`, `\"bz2\"`, `\"xz\"` or `\"zstd\"`; without it files are plain."
    };
    (about file_sort_order) => {
        "    file_sort_order: Orders that the rows of each file are in; they are believed, and spare sorting."
    };
    (about parquet_pruning) => {
        "    parquet_pruning: Whether statistics spare reading parts of a file."
    };
    (about skip_metadata) => {
        "    skip_metadata: Whether to leave out the metadata of the files' own schema."
    };
    (about options) => {
        "    options: All of the options in one object, which then are used instead of the other arguments."
    };
}

/// Writes the two methods of a format; the function `format` makes the format from their arguments.
macro_rules! files {
    (
        $unless:literal;
        $(#[$read_about:meta])+ $read:ident(path: $path:ident, $($argument:ident = $default:tt),+);
        $(#[$read_raises:meta])+ raises;
        $(#[$read_example:meta])+ example;
        $(#[$register_about:meta])+ $register:ident(name, path, $($registered:ident = $preset:tt),+);
        $(#[$register_raises:meta])+ raises;
        $(#[$register_example:meta])+ example;
    ) => {
        #[pymethods]
        impl crate::session::PySessionContext {
            $(#[$read_about])+
            ///
            /// Args:
            #[doc = argument!(about $path)]
            $(#[doc = argument!(about $argument)])+
            ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
            ///
            /// Raises:
            #[doc = concat!("    ExecutionError: There is nothing to read", $unless, ".")]
            $(#[$read_raises])+
            ///     TypeError: `object_store` is not `None`.
            ///
            /// Example:
            $(#[$read_example])+
            #[allow(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
            #[pyo3(signature = (path, $($argument = $default,)+ object_store = None))]
            fn $read(
                &self,
                py: Python<'_>,
                path: crate::session::files::file_arguments::$path,
                $($argument: argument!(type $argument),)+
                object_store: Option<crate::session::files::file_arguments::NoObjectStore>,
            ) -> PyResult<crate::dataframe::PyDataFrame> {
                let _ = object_store;
                let given = Given { $($argument: $argument.into(),)+ ..Given::default() };
                self.read_files(py, path, format(given)?)
            }

            $(#[$register_about])+
            ///
            /// Args:
            ///     name: The table's name.
            #[doc = argument!(about $path)]
            $(#[doc = argument!(about $registered)])+
            ///     object_store: Has to be `None`; planwire reads the files that this machine sees.
            ///
            /// Raises:
            #[doc = concat!(
                "    ExecutionError: There is nothing to read", $unless, ", or the name is taken."
            )]
            $(#[$register_raises])+
            ///     TypeError: `object_store` is not `None`.
            ///
            /// Example:
            $(#[$register_example])+
            #[allow(clippy::too_many_arguments, reason = "the arguments are datafusion-python's")]
            #[pyo3(signature = (name, path, $($registered = $preset,)+ object_store = None))]
            fn $register(
                &self,
                py: Python<'_>,
                name: String,
                path: crate::session::files::file_arguments::$path,
                $($registered: argument!(type $registered),)+
                object_store: Option<crate::session::files::file_arguments::NoObjectStore>,
            ) -> PyResult<()> {
                let _ = object_store;
                let given = Given { $($registered: $registered.into(),)+ ..Given::default() };
                self.register_files(py, name, path, format(given)?)
            }
        }
    };
}

pub(crate) use {argument, files};
