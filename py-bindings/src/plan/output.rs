//! The output of an operator, which is counted as it is given.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use datafusion::arrow::array::RecordBatch;
use datafusion::physical_plan::metrics::{
    Count, Metric, MetricCategory, MetricType, MetricValue, MetricsSet,
};

/// The rows and batches that an operator has given; some of DataFusion's count neither.
#[derive(Debug, Default)]
pub(crate) struct Output {
    rows: AtomicUsize,
    batches: AtomicUsize,
}

impl Output {
    pub(crate) fn rows(&self) -> usize {
        self.rows.load(Relaxed)
    }

    pub(crate) fn batches(&self) -> usize {
        self.batches.load(Relaxed)
    }

    /// Adds the rows and batches to metrics that have no rows.
    pub(super) fn tell(&self, metrics: &mut MetricsSet) {
        if metrics.output_rows().is_none() && self.batches() > 0 {
            let (rows, batches) = (Count::new(), Count::new());
            rows.add(self.rows());
            batches.add(self.batches());
            let told = [MetricValue::OutputRows(rows), MetricValue::OutputBatches(batches)];
            for value in told {
                let metric = Metric::new(value, None).with_type(MetricType::Summary);
                metrics.push(Arc::new(metric.with_category(MetricCategory::Rows)));
            }
        }
    }

    pub(super) fn add(&self, batch: &RecordBatch) {
        self.rows.fetch_add(batch.num_rows(), Relaxed);
        self.batches.fetch_add(1, Relaxed);
    }
}
