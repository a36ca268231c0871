//! Session configuration: the options that a session starts with.

use datafusion::prelude::SessionConfig;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::host::error::bounded;
use crate::host::similar;
use crate::session::PySessionContext;

/// The options that a session starts with.
///
/// A method that sets one changes this configuration and returns it, so calls can be chained. A
/// session copies its configuration, so a change made later does not reach it.
///
/// Args:
///     config_options: Options by name, as `SET` spells both.
///
/// Raises:
///     TypeError: A name or value is not a string.
///     ValueError: There is no such option, or it has no such value.
///
/// Example:
///     >>> from planwire import SessionConfig, SessionContext
///     >>> config = SessionConfig({"datafusion.execution.batch_size": "100"})
///     >>> ctx = SessionContext(config.with_target_partitions(1))
///     >>> ctx.sql("show datafusion.execution.batch_size").to_pydict()["value"]
///     ['100']
#[pyclass(module = "planwire", name = "SessionConfig", skip_from_py_object)]
pub(crate) struct PySessionConfig {
    config: SessionConfig,
}

impl PySessionConfig {
    pub(crate) const fn config(&self) -> &SessionConfig {
        &self.config
    }

    pub(crate) fn change(&mut self, change: impl FnOnce(SessionConfig) -> SessionConfig) {
        self.config = change(std::mem::take(&mut self.config));
    }
}

/// The default configuration of a session: DataFusion's defaults, with `SHOW` enabled.
pub(crate) fn starting() -> SessionConfig {
    SessionConfig::new().with_information_schema(true)
}

/// Sets an option of a name.
///
/// # Errors
///
/// A `ValueError`.
pub(crate) fn set(config: &mut SessionConfig, key: &str, value: &str) -> PyResult<()> {
    let known: Vec<String> = config.options().entries().into_iter().map(|entry| entry.key).collect();
    if !known.iter().any(|name| name == key) {
        let hint = similar::hint(key, &known);
        return Err(PyValueError::new_err(bounded(&format_args!("no option is named {key:?}{hint}"))));
    }
    config.options_mut().set(key, value).map_err(|error| {
        let told = error.strip_backtrace();
        PyValueError::new_err(bounded(&format_args!("the option {key} cannot be {value:?}: {told}")))
    })
}

#[pymethods]
impl PySessionConfig {
    #[new]
    #[pyo3(signature = (config_options = None))]
    fn new(config_options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut config = starting();
        for (key, value) in config_options.into_iter().flatten() {
            let (key, value): (String, String) = (key.extract()?, value.extract()?);
            set(&mut config, &key, &value)?;
        }
        Ok(Self { config })
    }

    /// Set an option by its name.
    ///
    /// Args:
    ///     key: The name, as `SET` spells it.
    ///     value: The value, as `SET` spells it.
    ///
    /// Raises:
    ///     ValueError: There is no such option, or it has no such value.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> SessionConfig().set("datafusion.execution.batch_sise", "1")
    ///     Traceback (most recent call last):
    ///         ...
    ///     ValueError: no option is named "datafusion.execution.batch_sise", similar names are ...
    fn set<'py>(mut slf: PyRefMut<'py, Self>, key: &str, value: &str) -> PyResult<PyRefMut<'py, Self>> {
        set(&mut slf.config, key, value)?;
        Ok(slf)
    }

    /// Set how many rows a batch has at most.
    ///
    /// Args:
    ///     batch_size: The number of rows.
    ///
    /// Raises:
    ///     ValueError: The number is 0.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_batch_size(1024)
    fn with_batch_size(mut slf: PyRefMut<'_, Self>, batch_size: usize) -> PyResult<PyRefMut<'_, Self>> {
        if batch_size == 0 {
            return Err(PyValueError::new_err("batch_size is 0, expected at least 1"));
        }
        slf.change(|config| config.with_batch_size(batch_size));
        Ok(slf)
    }

    /// Set into how many partitions queries split their work.
    ///
    /// Args:
    ///     target_partitions: The number of partitions; 0 stands for one on each core.
    ///
    /// Raises:
    ///     OverflowError: The number is negative.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_target_partitions(4)
    fn with_target_partitions(mut slf: PyRefMut<'_, Self>, target_partitions: usize) -> PyRefMut<'_, Self> {
        slf.change(|config| config.with_target_partitions(target_partitions));
        slf
    }

    /// Set from which size on a file is read in parts, side by side.
    ///
    /// Args:
    ///     size: The size in bytes.
    ///
    /// Raises:
    ///     OverflowError: The size is negative.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig
    ///     >>> config = SessionConfig().with_repartition_file_min_size(1 << 20)
    fn with_repartition_file_min_size(mut slf: PyRefMut<'_, Self>, size: usize) -> PyRefMut<'_, Self> {
        slf.change(|config| config.with_repartition_file_min_size(size));
        slf
    }

    /// Set where a table is looked up whose name has one part.
    ///
    /// Args:
    ///     catalog: The catalog.
    ///     schema: The schema in it.
    ///
    /// Raises:
    ///     TypeError: A name is not a string.
    ///
    /// Example:
    ///     >>> from planwire import SessionConfig, SessionContext
    ///     >>> ctx = SessionContext(SessionConfig().with_default_catalog_and_schema("lake", "raw"))
    ///     >>> ctx.catalog("lake").schema_names()
    ///     {'raw'}
    fn with_default_catalog_and_schema<'py>(
        mut slf: PyRefMut<'py, Self>,
        catalog: String,
        schema: String,
    ) -> PyRefMut<'py, Self> {
        slf.change(|config| config.with_default_catalog_and_schema(catalog, schema));
        slf
    }
}

#[pymethods]
impl PySessionContext {
    /// Return a copy of the session's options.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> other = SessionContext(SessionContext().copied_config().with_batch_size(10))
    fn copied_config(&self, py: Python<'_>) -> PySessionConfig {
        py.detach(|| PySessionConfig { config: self.ctx().copied_config() })
    }

    /// Return whether SQL reads an unquoted name in lower case.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().enable_ident_normalization()
    ///     True
    fn enable_ident_normalization(&self, py: Python<'_>) -> bool {
        py.detach(|| self.ctx().enable_ident_normalization())
    }
}
