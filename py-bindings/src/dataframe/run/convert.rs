//! The forms that a query and its whole result can be had in.

use arrow_pyarrow::{IntoPyArrow, Table};
use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

use crate::catalog::PyTable;
use crate::dataframe::PyDataFrame;
use crate::host::call::Call;
use crate::host::error::taken;

#[pymethods]
impl PyDataFrame {
    /// Run the query and return its result as a `pyarrow.Table`.
    ///
    /// Args:
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).to_arrow_table().shape
    ///     (2, 1)
    #[pyo3(signature = (*, progress = None))]
    fn to_arrow_table<'py>(
        &self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let call = Call::begin(py)?;
        let (schema, batches) = self.result(&call, progress)?;
        let table = call.plan(|| Ok(Table::try_new(batches, schema)?))?;
        taken(py, table.into_pyarrow(py))
    }

    /// Run the query and return its columns as lists by name.
    ///
    /// Args:
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1 as a, null as b").to_pydict()
    ///     {'a': [1], 'b': [None]}
    #[pyo3(signature = (*, progress = None))]
    fn to_pydict<'py>(
        &self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let table = self.to_arrow_table(py, progress)?;
        taken(py, Call::python(py, || table.call_method0("to_pydict")))
    }

    /// Run the query and return its rows as dictionaries by column.
    ///
    /// Args:
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).to_pylist()
    ///     [{'a': 1}, {'a': 2}]
    #[pyo3(signature = (*, progress = None))]
    fn to_pylist<'py>(
        &self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let table = self.to_arrow_table(py, progress)?;
        taken(py, Call::python(py, || table.call_method0("to_pylist")))
    }

    /// Run the query and return its result as a `pandas.DataFrame`.
    ///
    /// Args:
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     ImportError: pandas is not installed.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).to_pandas().shape
    ///     (2, 1)
    #[pyo3(signature = (*, progress = None))]
    fn to_pandas<'py>(
        &self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        import(py, "pandas")?;
        let table = self.to_arrow_table(py, progress)?;
        Call::python(py, || table.call_method0("to_pandas"))
    }

    /// Run the query and return its result as a `polars.DataFrame`.
    ///
    /// Args:
    ///     progress: A function that is called with a `Progress` while the query runs and once at its
    ///         end; or `True` for a bar.
    ///
    /// Raises:
    ///     ExecutionError: The query failed; if a Python function raised, that is the cause.
    ///     ImportError: polars is not installed.
    ///     KeyboardInterrupt: Ctrl-C was pressed while it ran.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().from_pydict({"a": [1, 2]}).to_polars().shape
    ///     (2, 1)
    #[pyo3(signature = (*, progress = None))]
    fn to_polars<'py>(
        &self,
        py: Python<'py>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let polars = import(py, "polars")?;
        let table = self.to_arrow_table(py, progress)?;
        Call::python(py, || polars.getattr("DataFrame")?.call1((table,)))
    }

    /// Make a table of the query, which runs each time the table is read.
    ///
    /// Args:
    ///     temporary: Whether the table says that it is temporary.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> ctx = SessionContext()
    ///     >>> ctx.register_table("v", ctx.from_pydict({"a": [1, 2]}).filter("a > 1").into_view())
    ///     >>> ctx.table("v").to_pydict()
    ///     {'a': [2]}
    #[pyo3(signature = (temporary = false))]
    #[expect(clippy::wrong_self_convention, reason = "the name is datafusion-python's")]
    fn into_view(&self, temporary: bool) -> PyTable {
        let frame = self.cloned();
        PyTable::from(if temporary { frame.into_temporary_view() } else { frame.into_view() })
    }

    /// Call a function with the query, so that it can stand in a chain of verbs.
    ///
    /// Args:
    ///     func: The function; it gets the query first.
    ///     args: Its other arguments.
    ///
    /// Raises:
    ///     Exception: Whatever the function raises.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> def top(df, column, n):
    ///     ...     return df.sort(column).limit(n)
    ///     >>> SessionContext().from_pydict({"a": [3, 1, 2]}).transform(top, "a", 2).to_pydict()
    ///     {'a': [1, 2]}
    #[pyo3(signature = (func, *args))]
    fn transform<'py>(
        slf: Bound<'py, Self>,
        func: &Bound<'py, PyAny>,
        args: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let args = std::iter::once(slf.into_any()).chain(args);
        func.call1(pyo3::types::PyTuple::new(func.py(), args.collect::<Vec<_>>())?)
    }
}

/// Imports a library that planwire does without until it is asked for its tables.
fn import<'py>(py: Python<'py>, library: &str) -> PyResult<Bound<'py, PyModule>> {
    py.import(library).map_err(|cause| {
        let error = PyImportError::new_err(format!("{library} is not installed: pip install {library}"));
        error.set_cause(py, Some(cause));
        error
    })
}
