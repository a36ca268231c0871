//! Metrics: what the operators of a physical plan measured.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::physical_plan::metrics::{Metric, MetricValue, MetricsSet};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::text;

/// One measurement of an operator, for one partition or for all.
///
/// Example:
///     >>> from planwire import SessionContext
///     >>> ctx = SessionContext()
///     >>> plan = ctx.sql("select 1 as one").execution_plan()
///     >>> rows = list(ctx.execute(plan, 0))
///     >>> [(m.name, m.value, m.partition) for m in plan.metrics().metrics() if m.name == "output_rows"]
///     [('output_rows', 1, 0)]
#[pyclass(module = "planwire", name = "Metric", frozen, skip_from_py_object)]
pub(crate) struct PyMetric {
    metric: Arc<Metric>,
}

#[pymethods]
impl PyMetric {
    /// The name, e.g. `output_rows`.
    #[getter]
    fn name(&self) -> &str {
        self.metric.value().name()
    }

    /// What was measured: a count, bytes or nanoseconds, a time of day, or `None` for what is not one
    /// number, e.g. a ratio.
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match number(&self.metric) {
            Some(number) => Ok(Some(number.into_pyobject(py)?.into_any())),
            None => self.value_as_datetime(py),
        }
    }

    /// The time of day, in UTC, if that is what was measured.
    #[getter]
    fn value_as_datetime<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let (MetricValue::StartTimestamp(time) | MetricValue::EndTimestamp(time)) = self.metric.value()
        else {
            return Ok(None);
        };
        time.value().map(|time| datetime(py, time.timestamp_micros())).transpose()
    }

    /// The partition that was measured; `None` for all of them.
    #[getter]
    fn partition(&self) -> Option<usize> {
        self.metric.partition()
    }

    /// Return the labels that distinguish the metric from others of its name.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> metrics = SessionContext().sql("select 1").execution_plan().metrics()
    ///     >>> [metric.labels() for metric in metrics.metrics()]
    ///     []
    fn labels(&self) -> BTreeMap<&str, &str> {
        self.metric.labels().iter().map(|label| (label.name(), label.value())).collect()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        text(py, &self.metric)
    }
}

/// The measurements of one operator.
///
/// They do not change after they were taken from the plan; take them again to see more.
///
/// Example:
///     >>> from planwire import SessionContext
///     >>> metrics = SessionContext().sql("select 1").execution_plan().metrics()
///     >>> metrics.output_rows, metrics.sum_by_name("output_batches")
///     (None, None)
#[pyclass(module = "planwire", name = "MetricsSet", frozen, skip_from_py_object)]
pub(crate) struct PyMetricsSet {
    set: MetricsSet,
}

impl From<MetricsSet> for PyMetricsSet {
    fn from(set: MetricsSet) -> Self {
        Self { set }
    }
}

#[pymethods]
impl PyMetricsSet {
    /// Return each measurement.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1").execution_plan().metrics().metrics()
    ///     []
    fn metrics(&self) -> Vec<PyMetric> {
        self.set.iter().map(|metric| PyMetric { metric: Arc::clone(metric) }).collect()
    }

    /// The rows that all partitions gave.
    #[getter]
    fn output_rows(&self) -> Option<usize> {
        self.set.output_rows()
    }

    /// The nanoseconds that all partitions computed.
    #[getter]
    fn elapsed_compute(&self) -> Option<usize> {
        self.set.elapsed_compute()
    }

    /// How often something was spilled to disk.
    #[getter]
    fn spill_count(&self) -> Option<usize> {
        self.set.spill_count()
    }

    /// The bytes that were spilled.
    #[getter]
    fn spilled_bytes(&self) -> Option<usize> {
        self.set.spilled_bytes()
    }

    /// The rows that were spilled.
    #[getter]
    fn spilled_rows(&self) -> Option<usize> {
        self.set.spilled_rows()
    }

    /// Return the sum of the measurements of a name, over partitions and labels.
    ///
    /// Args:
    ///     name: The name, see `Metric.name`.
    ///
    /// Returns:
    ///     The sum, or `None` if nothing of the name was measured, or no number.
    ///
    /// Example:
    ///     >>> from planwire import SessionContext
    ///     >>> SessionContext().sql("select 1").execution_plan().metrics().sum_by_name("output_rows")
    fn sum_by_name(&self, name: &str) -> Option<usize> {
        // By hand, because DataFusion's own sum leaves out what every operator measures.
        let named = self.set.iter().filter(|metric| metric.value().name() == name);
        named.filter_map(|metric| number(metric)).reduce(usize::saturating_add)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        text(py, &self.set)
    }
}

/// The value of a metric, if it is one number.
fn number(metric: &Metric) -> Option<usize> {
    match metric.value() {
        MetricValue::StartTimestamp(_)
        | MetricValue::EndTimestamp(_)
        | MetricValue::PruningMetrics { .. }
        | MetricValue::Ratio { .. }
        | MetricValue::Custom { .. } => None,
        number => Some(number.as_usize()),
    }
}

/// A time in Python's own class, from its distance to the epoch.
fn datetime(py: Python<'_>, microseconds: i64) -> PyResult<Bound<'_, PyAny>> {
    let module = py.import("datetime")?;
    let utc = module.getattr("timezone")?.getattr("utc")?;
    let epoch = module.getattr("datetime")?.call1((1970, 1, 1, 0, 0, 0, 0, utc))?;
    let distance = PyDict::new(py);
    distance.set_item("microseconds", microseconds)?;
    epoch.add(module.getattr("timedelta")?.call((), Some(&distance))?)
}
