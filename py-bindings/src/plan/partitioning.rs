//! Partitioning: how the rows of a physical plan are spread.

use std::hash::{DefaultHasher, Hash, Hasher};

use datafusion::physical_plan::Partitioning;
use pyo3::prelude::*;

use super::text;
use crate::host::call::Call;
use crate::host::shown::shown;

/// How the rows of a physical plan are spread over its partitions.
///
/// Two are equal if their texts are.
///
/// Example:
///     >>> from planwire import SessionContext
///     >>> SessionContext().sql("select 1").execution_plan().output_partitioning
///     UnknownPartitioning(1)
#[pyclass(module = "planwire", name = "PhysicalPartitioning", frozen, skip_from_py_object)]
pub(crate) struct PyPhysicalPartitioning {
    partitioning: Partitioning,
}

impl From<Partitioning> for PyPhysicalPartitioning {
    fn from(partitioning: Partitioning) -> Self {
        Self { partitioning }
    }
}

#[pymethods]
impl PyPhysicalPartitioning {
    /// The scheme: `RoundRobinBatch`, `Hash`, `Range`, or `UnknownPartitioning`.
    #[getter]
    const fn scheme(&self) -> &'static str {
        match self.partitioning {
            Partitioning::RoundRobinBatch(_) => "RoundRobinBatch",
            Partitioning::Hash(..) => "Hash",
            Partitioning::Range(_) => "Range",
            Partitioning::UnknownPartitioning(_) => "UnknownPartitioning",
        }
    }

    /// The number of partitions.
    #[getter]
    fn partition_count(&self) -> usize {
        self.partitioning.partition_count()
    }

    /// The texts of the expressions that rows are hashed on; `None` for other schemes.
    #[getter]
    fn hash_expressions(&self, py: Python<'_>) -> PyResult<Option<Vec<String>>> {
        let Partitioning::Hash(exprs, _) = &self.partitioning else { return Ok(None) };
        Call::begin(py)?.plan(|| Ok(Some(exprs.iter().map(|expr| shown(expr).to_string()).collect())))
    }

    fn __eq__(&self, py: Python<'_>, other: &Self) -> PyResult<bool> {
        Ok(self.whole(py)? == other.whole(py)?)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        self.whole(py)?.hash(&mut hasher);
        Ok(hasher.finish())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        text(py, &self.partitioning)
    }
}

impl PyPhysicalPartitioning {
    /// DataFusion's text.
    fn whole(&self, py: Python<'_>) -> PyResult<String> {
        Call::begin(py)?.plan(|| Ok(self.partitioning.to_string()))
    }
}
