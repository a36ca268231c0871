//! Writing a query's result to files and tables.

mod options;
mod parquet;

use std::path::PathBuf;

use datafusion::common::config::{CsvOptions, TableParquetOptions};
use datafusion::dataframe::DataFrame;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use self::options::{Options, WriteOptions};
use self::parquet::{WriterOptions, compressed};
use crate::dataframe::PyDataFrame;
use crate::dataframe::run::progress;
use crate::host::call::Call;

#[pymethods]
impl PyDataFrame {
    /// Run the query and write its rows as CSV.
    ///
    /// Args:
    ///     path: The file if the path has an extension, else a directory of files; also an address.
    ///     with_header: Whether the first line of a file names the columns.
    ///     write_options: How to write it, see `DataFrameWriteOptions`.
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed, or the path cannot be written.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.csv")
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).write_csv(path, with_header=True)
    ///     >>> path.read_text()
    ///     'a\n1\n2\n'
    #[pyo3(signature = (path, with_header = false, write_options = None, *, progress = None))]
    fn write_csv(
        &self,
        py: Python<'_>,
        path: PathBuf,
        with_header: bool,
        write_options: Option<Options<WriteOptions>>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let (frame, path) = (self.cloned(), text(path)?);
        let options = self.options(write_options);
        let csv = CsvOptions::default().with_has_header(with_header);
        let write = |frame: DataFrame| async move { frame.write_csv(&path, options, Some(csv)).await };
        progress::run(&Call::begin(py)?, frame, progress, write).map(drop)
    }

    /// Run the query and write its rows as JSON, one a line.
    ///
    /// Args:
    ///     path: The file if the path has an extension, else a directory of files; also an address.
    ///     write_options: How to write it, see `DataFrameWriteOptions`.
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed, or the path cannot be written.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.json")
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).write_json(path)
    ///     >>> path.read_text()
    ///     '{"a":1}\n{"a":2}\n'
    #[pyo3(signature = (path, write_options = None, *, progress = None))]
    fn write_json(
        &self,
        py: Python<'_>,
        path: PathBuf,
        write_options: Option<Options<WriteOptions>>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let (frame, path) = (self.cloned(), text(path)?);
        let options = self.options(write_options);
        let write = |frame: DataFrame| async move { frame.write_json(&path, options, None).await };
        progress::run(&Call::begin(py)?, frame, progress, write).map(drop)
    }

    /// Run the query and write its rows as Parquet.
    ///
    /// Args:
    ///     path: The file if the path has an extension, else a directory of files; also an address.
    ///     compression: A `Compression` or its name, `"zstd"` if left out; or `ParquetWriterOptions`,
    ///         which say all there is to say.
    ///     compression_level: The compression's level.
    ///     write_options: How to write it, see `DataFrameWriteOptions`.
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed, or the path cannot be written.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///     ValueError: There is no such compression or level, or a level is given besides
    ///         `ParquetWriterOptions`.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> import pyarrow.parquet
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.parquet")
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).write_parquet(path, "gzip", 9)
    ///     >>> pyarrow.parquet.read_metadata(path).num_rows
    ///     2
    #[pyo3(signature = (path, compression = None, compression_level = None, write_options = None, *, progress = None))]
    #[pyo3(
        text_signature = "($self, path, compression=..., compression_level=None, write_options=None, *, progress=None)"
    )]
    fn write_parquet(
        &self,
        py: Python<'_>,
        path: PathBuf,
        compression: Option<&Bound<'_, PyAny>>,
        compression_level: Option<i64>,
        write_options: Option<Options<WriteOptions>>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let writing = py.import("planwire._writing")?;
        let parquet = match compression {
            Some(options) if options.is_instance(&writing.getattr("ParquetWriterOptions")?)? => {
                if compression_level.is_some() {
                    return Err(PyValueError::new_err(
                        "compression_level cannot be given together with ParquetWriterOptions, which have a level of their own",
                    ));
                }
                options.extract::<WriterOptions>()?.into_datafusion()?
            }
            given => compressed(&writing, given, compression_level)?,
        };
        self.parquet(py, path, parquet, write_options, progress)
    }

    /// Run the query and write its rows as Parquet, with everything said of how.
    ///
    /// Args:
    ///     path: The file if the path has an extension, else a directory of files; also an address.
    ///     options: How to write the files, see `ParquetWriterOptions`.
    ///     write_options: Where to write them, see `DataFrameWriteOptions`.
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed, the path cannot be written, or an option is not known.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///     ValueError: There is no such compression or level.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> import pyarrow.parquet
    ///     >>> from planwire import ParquetWriterOptions, SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.parquet")
    ///     >>> df = SessionContext().from_pydict({"a": [1, 2]})
    ///     >>> df.write_parquet_with_options(path, ParquetWriterOptions(created_by="me"))
    ///     >>> pyarrow.parquet.read_metadata(path).created_by
    ///     'me'
    #[pyo3(signature = (path, options, write_options = None, *, progress = None))]
    fn write_parquet_with_options(
        &self,
        py: Python<'_>,
        path: PathBuf,
        options: Options<WriterOptions>,
        write_options: Option<Options<WriteOptions>>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        self.parquet(py, path, options.0.into_datafusion()?, write_options, progress)
    }

    /// Run the query and write its rows into a registered table.
    ///
    /// Args:
    ///     table_name: The table's name.
    ///     write_options: The treatment of existing rows, see `DataFrameWriteOptions`.
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed, there is no such table, or it cannot be written to.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> df = ctx.from_pydict({"a": [1, 2]}, name="t")
    ///     >>> ctx.from_pydict({"a": [3]}).write_table("t")
    ///     >>> ctx.table("t").count()
    ///     3
    #[pyo3(signature = (table_name, write_options = None, *, progress = None))]
    fn write_table(
        &self,
        py: Python<'_>,
        table_name: String,
        write_options: Option<Options<WriteOptions>>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let frame = self.cloned();
        let options = self.options(write_options);
        let write = |frame: DataFrame| async move { frame.write_table(&table_name, options).await };
        progress::run(&Call::begin(py)?, frame, progress, write).map(drop)
    }
}

impl PyDataFrame {
    fn parquet(
        &self,
        py: Python<'_>,
        path: PathBuf,
        parquet: TableParquetOptions,
        write_options: Option<Options<WriteOptions>>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let (frame, path) = (self.cloned(), text(path)?);
        let options = self.options(write_options);
        let write =
            |frame: DataFrame| async move { frame.write_parquet(&path, options, Some(parquet)).await };
        progress::run(&Call::begin(py)?, frame, progress, write).map(drop)
    }
}

fn text(path: PathBuf) -> PyResult<String> {
    path.into_os_string()
        .into_string()
        .map_err(|path| PyValueError::new_err(format!("the path {} is not Unicode", path.to_string_lossy())))
}
