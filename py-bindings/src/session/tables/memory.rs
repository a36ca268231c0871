//! Tables in memory: made of Python values, or of other libraries' tables.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::catalog::source::Source;
use crate::dataframe::PyDataFrame;
use crate::host::call::Call;
use crate::session::PySessionContext;
use crate::session::files::file_arguments::SchemaArg;
use crate::session::tables::batches::Partitions;

#[expect(clippy::wrong_self_convention, reason = "the names are datafusion-python's")]
#[pymethods]
impl PySessionContext {
    /// Make a data frame of record batches.
    ///
    /// Args:
    ///     partitions: The batches of each partition.
    ///     name: Registers the table under this name too.
    ///     schema: The columns; without it those of the first batch.
    ///
    /// Raises:
    ///     ValueError: There is neither a batch nor a schema.
    ///     ExecutionError: A batch has other columns, or the name is taken.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> batch = pa.record_batch({"a": [1, 2]})
    ///     >>> SessionContext().create_dataframe([[batch], [batch]]).count()
    ///     4
    #[pyo3(signature = (partitions, name = None, schema = None))]
    fn create_dataframe(
        &self,
        py: Python<'_>,
        partitions: Partitions,
        name: Option<&str>,
        schema: Option<SchemaArg>,
    ) -> PyResult<PyDataFrame> {
        let call = Call::begin(py)?;
        let table = Arc::new(partitions.into_table(&call, schema.map(|SchemaArg(schema)| schema))?);
        self.in_memory(&call, table, name)
    }

    /// Make a data frame of columns, each a list of values.
    ///
    /// Args:
    ///     data: The columns by name.
    ///     name: Registers the table under this name too.
    ///
    /// Raises:
    ///     pyarrow.ArrowInvalid: The columns differ in length, or one mixes types.
    ///     ExecutionError: The name is taken.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).to_pydict()
    ///     {'a': [1, 2]}
    #[pyo3(signature = (data, name = None))]
    fn from_pydict(&self, data: &Bound<'_, PyAny>, name: Option<&str>) -> PyResult<PyDataFrame> {
        self.from_arrow(&pyarrow_table("from_pydict", data)?, name)
    }

    /// Make a data frame of rows, each a dictionary of values by column.
    ///
    /// Args:
    ///     data: The rows; the first says which columns there are.
    ///     name: Registers the table under this name too.
    ///
    /// Raises:
    ///     pyarrow.ArrowInvalid: A column mixes types.
    ///     ExecutionError: The name is taken.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pylist([{"a": 1}, {"a": 2}]).to_pydict()
    ///     {'a': [1, 2]}
    #[pyo3(signature = (data, name = None))]
    fn from_pylist(&self, data: &Bound<'_, PyAny>, name: Option<&str>) -> PyResult<PyDataFrame> {
        self.from_arrow(&pyarrow_table("from_pylist", data)?, name)
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
    ///     ExecutionError: Reading the stream failed, or the name is taken.
    ///
    /// Example:
    ///     >>> import pyarrow as pa
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_arrow(pa.table({"a": [1, 2]})).count()
    ///     2
    #[pyo3(signature = (data, name = None))]
    fn from_arrow(&self, data: &Bound<'_, PyAny>, name: Option<&str>) -> PyResult<PyDataFrame> {
        let source = Source::from_python(data)?;
        let call = Call::begin(data.py())?;
        let table = call.plan(|| source.into_table().map(Arc::new))?;
        self.in_memory(&call, table, name)
    }

    /// Make a data frame of one of pandas.
    ///
    /// Args:
    ///     data: The `pandas.DataFrame`; its index becomes a column unless it only counts the rows.
    ///     name: Registers the table under this name too.
    ///
    /// Raises:
    ///     TypeError: `data` is no `pandas.DataFrame`.
    ///     pyarrow.ArrowInvalid: A column mixes types.
    ///     ExecutionError: The name is taken.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pandas(None)
    ///     Traceback (most recent call last):
    ///         ...
    ///     TypeError: expected a pandas.DataFrame, got NoneType
    #[pyo3(signature = (data, name = None))]
    fn from_pandas(&self, data: &Bound<'_, PyAny>, name: Option<&str>) -> PyResult<PyDataFrame> {
        expect_class(data, "pandas")?;
        self.from_arrow(&pyarrow_table("from_pandas", data)?, name)
    }

    /// Make a data frame of one of polars.
    ///
    /// Args:
    ///     data: The `polars.DataFrame`.
    ///     name: Registers the table under this name too.
    ///
    /// Raises:
    ///     TypeError: `data` is no `polars.DataFrame`.
    ///     ExecutionError: The name is taken.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_polars(1)
    ///     Traceback (most recent call last):
    ///         ...
    ///     TypeError: expected a polars.DataFrame, got int
    #[pyo3(signature = (data, name = None))]
    fn from_polars(&self, data: &Bound<'_, PyAny>, name: Option<&str>) -> PyResult<PyDataFrame> {
        expect_class(data, "polars")?;
        self.from_arrow(&Call::python(data.py(), || data.call_method0("to_arrow"))?, name)
    }
}

/// Checks that an object is a data frame of a library, which is not imported where it is not in use.
fn expect_class(data: &Bound<'_, PyAny>, library: &str) -> PyResult<()> {
    let class = data.get_type();
    let (module, name) = (class.module()?.to_string(), class.name()?.to_string());
    if name == "DataFrame" && module.split('.').next() == Some(library) {
        return Ok(());
    }
    Err(PyTypeError::new_err(format!("expected a {library}.DataFrame, got {name}")))
}

/// Calls one of the constructors of `pyarrow.Table`.
fn pyarrow_table<'py>(constructor: &str, data: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = data.py();
    Call::python(py, || py.import("pyarrow")?.getattr("Table")?.call_method1(constructor, (data,)))
}
