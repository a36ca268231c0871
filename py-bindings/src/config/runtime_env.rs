//! Runtime environments: what queries of a session may use of memory and disk.

pub(crate) mod limits;
mod received;
mod shared_pool;

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::disk_manager::DiskManagerMode;
use datafusion::execution::memory_pool::{FairSpillPool, GreedyMemoryPool, MemoryPool, UnboundedMemoryPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use pyo3::prelude::*;

use self::limits::RuntimeLimits;

/// The parts of a runtime environment, from which it is rebuilt when a session is unpickled.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct RuntimeSpec {
    pub(crate) pool: Pool,
    pub(crate) disk: Disk,
    pub(crate) limits: RuntimeLimits,
}

/// The parts of a [`RuntimeSpec`], without its limits.
pub(crate) type RuntimeParts = (String, usize, String, Vec<PathBuf>);

/// Who gets memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Pool {
    #[default]
    Unbounded,
    Fair(usize),
    Greedy(usize),
}

/// Where temporary files go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Disk {
    #[default]
    System,
    Disabled,
    Directories(Vec<PathBuf>),
}

impl RuntimeSpec {
    /// The environment as plain values, without its limits: the name of the pool and its size, and the
    /// directories if any.
    pub(crate) fn parts(&self) -> RuntimeParts {
        let (pool, size) = match self.pool {
            Pool::Unbounded => ("unbounded", 0),
            Pool::Fair(size) => ("fair", size),
            Pool::Greedy(size) => ("greedy", size),
        };
        let (disk, directories) = match &self.disk {
            Disk::System => ("system", Vec::new()),
            Disk::Disabled => ("disabled", Vec::new()),
            Disk::Directories(paths) => ("directories", paths.clone()),
        };
        (pool.to_owned(), size, disk.to_owned(), directories)
    }

    /// Rebuilds it from its parts; an unknown name stands for the default.
    pub(crate) fn of_parts((pool, size, disk, directories): RuntimeParts, limits: RuntimeLimits) -> Self {
        let pool = match pool.as_str() {
            "fair" => Pool::Fair(size),
            "greedy" => Pool::Greedy(size),
            _ => Pool::Unbounded,
        };
        let disk = match disk.as_str() {
            "disabled" => Disk::Disabled,
            "directories" => Disk::Directories(directories),
            _ => Disk::System,
        };
        Self { pool, disk, limits }
    }

    /// Makes the environment, and the directories of its temporary files.
    ///
    /// # Errors
    ///
    /// A directory cannot be made.
    pub(crate) fn build(&self) -> Result<RuntimeEnv> {
        let pool: Arc<dyn MemoryPool> = match self.pool {
            Pool::Unbounded => Arc::new(UnboundedMemoryPool::default()),
            Pool::Fair(size) => Arc::new(FairSpillPool::new(size)),
            Pool::Greedy(size) => Arc::new(GreedyMemoryPool::new(size)),
        };
        let mode = match &self.disk {
            Disk::System => DiskManagerMode::OsTmpDirectory,
            Disk::Disabled => DiskManagerMode::Disabled,
            Disk::Directories(paths) => DiskManagerMode::Directories(paths.clone()),
        };
        RuntimeEnvBuilder::new()
            .with_memory_pool(pool)
            .with_cache_manager(self.limits.caches())
            .with_disk_manager_builder(self.limits.disk().with_mode(mode))
            .build()
    }
}

/// The memory and disk that queries may use.
///
/// A method that sets something changes this builder and returns it, so calls can be chained.
///
/// Example:
///     >>> from planwire import RuntimeEnvBuilder, SessionContext
///     >>> runtime = RuntimeEnvBuilder().with_disk_manager_os().with_fair_spill_pool(10_000_000)
///     >>> SessionContext(runtime=runtime).sql("select 1 as one").to_pydict()
///     {'one': [1]}
#[pyclass(module = "planwire", name = "RuntimeEnvBuilder", skip_from_py_object)]
pub(crate) struct PyRuntimeEnvBuilder {
    spec: RuntimeSpec,
}

impl PyRuntimeEnvBuilder {
    pub(crate) const fn spec(&self) -> &RuntimeSpec {
        &self.spec
    }
}

#[pymethods]
impl PyRuntimeEnvBuilder {
    #[new]
    fn new() -> Self {
        Self { spec: RuntimeSpec::default() }
    }

    /// Write no temporary files: a query that does not fit into memory fails.
    ///
    /// Example:
    ///     >>> from planwire import RuntimeEnvBuilder
    ///     >>> runtime = RuntimeEnvBuilder().with_disk_manager_disabled()
    fn with_disk_manager_disabled(mut slf: PyRefMut<'_, Self>) -> PyRefMut<'_, Self> {
        slf.spec.disk = Disk::Disabled;
        slf
    }

    /// Write temporary files where the operating system keeps them.
    ///
    /// Example:
    ///     >>> from planwire import RuntimeEnvBuilder
    ///     >>> runtime = RuntimeEnvBuilder().with_disk_manager_os()
    fn with_disk_manager_os(mut slf: PyRefMut<'_, Self>) -> PyRefMut<'_, Self> {
        slf.spec.disk = Disk::System;
        slf
    }

    /// Write temporary files into directories, which are made when a session is.
    ///
    /// Args:
    ///     paths: The directories.
    ///
    /// Raises:
    ///     TypeError: A path is neither a string nor a path.
    ///
    /// Example:
    ///     >>> import tempfile
    ///     >>> from planwire import RuntimeEnvBuilder
    ///     >>> runtime = RuntimeEnvBuilder().with_disk_manager_specified(tempfile.mkdtemp())
    #[pyo3(signature = (*paths))]
    fn with_disk_manager_specified(mut slf: PyRefMut<'_, Self>, paths: Vec<PathBuf>) -> PyRefMut<'_, Self> {
        slf.spec.disk = Disk::Directories(paths);
        slf
    }

    /// Write temporary files into one directory, which is made when a session is.
    ///
    /// Args:
    ///     path: The directory.
    ///
    /// Raises:
    ///     TypeError: `path` is neither a string nor a path.
    ///
    /// Example:
    ///     >>> import tempfile
    ///     >>> from planwire import RuntimeEnvBuilder
    ///     >>> runtime = RuntimeEnvBuilder().with_temp_file_path(tempfile.mkdtemp())
    fn with_temp_file_path(mut slf: PyRefMut<'_, Self>, path: PathBuf) -> PyRefMut<'_, Self> {
        slf.spec.disk = Disk::Directories(vec![path]);
        slf
    }

    /// Give memory without a limit.
    ///
    /// Example:
    ///     >>> from planwire import RuntimeEnvBuilder
    ///     >>> runtime = RuntimeEnvBuilder().with_unbounded_memory_pool()
    fn with_unbounded_memory_pool(mut slf: PyRefMut<'_, Self>) -> PyRefMut<'_, Self> {
        slf.spec.pool = Pool::Unbounded;
        slf
    }

    /// Share memory evenly between the operators that can write their rows to disk.
    ///
    /// Args:
    ///     size: The bytes there are.
    ///
    /// Raises:
    ///     OverflowError: The size is negative.
    ///
    /// Example:
    ///     >>> from planwire import RuntimeEnvBuilder
    ///     >>> runtime = RuntimeEnvBuilder().with_fair_spill_pool(10_000_000)
    fn with_fair_spill_pool(mut slf: PyRefMut<'_, Self>, size: usize) -> PyRefMut<'_, Self> {
        slf.spec.pool = Pool::Fair(size);
        slf
    }

    /// Give memory to the operators that ask first.
    ///
    /// Args:
    ///     size: The bytes there are.
    ///
    /// Raises:
    ///     OverflowError: The size is negative.
    ///
    /// Example:
    ///     >>> from planwire import RuntimeEnvBuilder
    ///     >>> runtime = RuntimeEnvBuilder().with_greedy_memory_pool(10_000_000)
    fn with_greedy_memory_pool(mut slf: PyRefMut<'_, Self>, size: usize) -> PyRefMut<'_, Self> {
        slf.spec.pool = Pool::Greedy(size);
        slf
    }
}
