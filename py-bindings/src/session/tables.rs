//! Queries of a session, and the tables they read.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::prelude::{CsvReadOptions, ParquetReadOptions};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::PySessionContext;
use crate::call::Call;
use crate::dataframe::PyDataFrame;
use crate::runtime;
use crate::source::Source;

#[expect(clippy::wrong_self_convention, reason = "the names are datafusion-python's")]
#[pymethods]
impl PySessionContext {
    /// Plan a query; statements that define or change something run at once.
    ///
    /// Args:
    ///     query: One SQL statement.
    ///
    /// Raises:
    ///     ExecutionError: The statement is not SQL, or names something that is not there.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 2 * 21 as answer").to_pydict()
    ///     {'answer': [42]}
    fn sql(&self, py: Python<'_>, query: String) -> PyResult<PyDataFrame> {
        let ctx = Arc::clone(&self.ctx);
        runtime::run(&Call::begin(py)?, async move { ctx.sql(&query).await }).map(PyDataFrame::from)
    }

    /// Return a registered table.
    ///
    /// Args:
    ///     name: The table's name, read in lower case unless quoted, as in SQL.
    ///
    /// Raises:
    ///     ExecutionError: There is no such table.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> _ = ctx.from_pydict({"a": [1, 2]}, name="t")
    ///     >>> ctx.table("t").count()
    ///     2
    fn table(&self, py: Python<'_>, name: String) -> PyResult<PyDataFrame> {
        let ctx = Arc::clone(&self.ctx);
        runtime::run(&Call::begin(py)?, async move { ctx.table(name).await }).map(PyDataFrame::from)
    }

    /// Make a data frame of columns, each a list of values.
    ///
    /// Args:
    ///     data: The columns by name.
    ///     name: Registers the table under this name too.
    ///
    /// Raises:
    ///     pyarrow.ArrowInvalid: The columns differ in length, or one mixes types.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).to_pydict()
    ///     {'a': [1, 2]}
    #[pyo3(signature = (data, name = None))]
    fn from_pydict(&self, data: &Bound<'_, PyAny>, name: Option<&str>) -> PyResult<PyDataFrame> {
        let table = data.py().import("pyarrow")?.getattr("Table")?.call_method1("from_pydict", (data,))?;
        self.from_arrow(&table, name)
    }

    /// Make a data frame of another library's table, by Arrow's capsules.
    ///
    /// Args:
    ///     data: An object with `__arrow_c_stream__` or `__arrow_c_array__`, e.g. a table or record
    ///         batch of pyarrow or polars. A stream is read to its end.
    ///     name: Registers the table under this name too.
    ///
    /// Raises:
    ///     TypeError: `data` has neither method.
    ///     ExecutionError: Reading the stream failed.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_arrow(pa.table({"a": [1, 2]})).count()
    ///     2
    #[pyo3(signature = (data, name = None))]
    fn from_arrow(&self, data: &Bound<'_, PyAny>, name: Option<&str>) -> PyResult<PyDataFrame> {
        let source = Source::from_python(data)?;
        Call::begin(data.py())?
            .plan(|| {
                let table = Arc::new(source.into_table()?);
                if let Some(name) = name {
                    self.ctx.register_table(name, Arc::clone(&table) as _)?;
                }
                self.ctx.read_table(table)
            })
            .map(PyDataFrame::from)
    }

    /// Read a Parquet file, or a directory of them.
    ///
    /// Args:
    ///     path: The path or address.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, or it is not Parquet.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> import pyarrow as pa, pyarrow.parquet
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.parquet")
    ///     >>> pa.parquet.write_table(pa.table({"a": [1, 2]}), path)
    ///     >>> SessionContext().read_parquet(path).count()
    ///     2
    fn read_parquet(&self, py: Python<'_>, path: PathBuf) -> PyResult<PyDataFrame> {
        let (ctx, path) = (Arc::clone(&self.ctx), text(path)?);
        runtime::run(
            &Call::begin(py)?,
            async move { ctx.read_parquet(path, ParquetReadOptions::default()).await },
        )
        .map(PyDataFrame::from)
    }

    /// Register a Parquet file, or a directory of them, as a table.
    ///
    /// Args:
    ///     name: The table's name.
    ///     path: The path or address.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read, or it is not Parquet.
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
    fn register_parquet(&self, py: Python<'_>, name: String, path: PathBuf) -> PyResult<()> {
        let (ctx, path) = (Arc::clone(&self.ctx), text(path)?);
        runtime::run(&Call::begin(py)?, async move {
            ctx.register_parquet(name, path, ParquetReadOptions::default()).await
        })
    }

    /// Read a CSV file, or a directory of them; types are inferred from the first rows.
    ///
    /// Args:
    ///     path: The path or address.
    ///     has_header: Whether the first line names the columns.
    ///     delimiter: What separates two values, one ASCII character.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read.
    ///     ValueError: The delimiter is not one ASCII character.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.csv")
    ///     >>> _ = path.write_text("a;b\n1;x\n")
    ///     >>> SessionContext().read_csv(path, delimiter=";").to_pydict()
    ///     {'a': [1], 'b': ['x']}
    #[pyo3(signature = (path, *, has_header = true, delimiter = ","))]
    fn read_csv(
        &self,
        py: Python<'_>,
        path: PathBuf,
        has_header: bool,
        delimiter: &str,
    ) -> PyResult<PyDataFrame> {
        let (ctx, path) = (Arc::clone(&self.ctx), text(path)?);
        let options = csv(has_header, delimiter)?;
        runtime::run(&Call::begin(py)?, async move { ctx.read_csv(path, options).await })
            .map(PyDataFrame::from)
    }

    /// Register a CSV file, or a directory of them, as a table.
    ///
    /// Args:
    ///     name: The table's name.
    ///     path: The path or address.
    ///     has_header: Whether the first line names the columns.
    ///     delimiter: What separates two values, one ASCII character.
    ///
    /// Raises:
    ///     ExecutionError: There is nothing to read.
    ///     ValueError: The delimiter is not one ASCII character.
    ///
    /// Example:
    ///     >>> import pathlib, tempfile
    ///     >>> from planwire import SessionContext
    ///     >>> path = pathlib.Path(tempfile.mkdtemp(), "t.csv")
    ///     >>> _ = path.write_text("a,b\n1,x\n")
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_csv("t", path)
    ///     >>> ctx.table("t").count()
    ///     1
    #[pyo3(signature = (name, path, *, has_header = true, delimiter = ","))]
    fn register_csv(
        &self,
        py: Python<'_>,
        name: String,
        path: PathBuf,
        has_header: bool,
        delimiter: &str,
    ) -> PyResult<()> {
        let (ctx, path) = (Arc::clone(&self.ctx), text(path)?);
        let options = csv(has_header, delimiter)?;
        runtime::run(&Call::begin(py)?, async move { ctx.register_csv(name, path, options).await })
    }
}

fn text(path: PathBuf) -> PyResult<String> {
    path.into_os_string()
        .into_string()
        .map_err(|path| PyValueError::new_err(format!("the path {} is not Unicode", path.to_string_lossy())))
}

fn csv(has_header: bool, delimiter: &str) -> PyResult<CsvReadOptions<'static>> {
    match *delimiter.as_bytes() {
        [delimiter] => Ok(CsvReadOptions::new().has_header(has_header).delimiter(delimiter)),
        _ => Err(PyValueError::new_err(format!("the delimiter {delimiter:?} is not one ASCII character"))),
    }
}
