//! Table functions: `generate_series` and `range`, carried as the physical plan that makes their rows.

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::error::Result;
use datafusion::functions_table::generate_series::{
    Empty, GenSeriesArgs, GenerateSeriesTable, GenericSeriesState, TimestampValue,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::memory::LazyMemoryExec;

/// The default size of a batch; the receiver's session decides.
const BATCH: usize = 8192;

/// The plan that makes the rows of one of DataFusion's table functions.
pub(crate) fn plan(provider: &Arc<dyn TableProvider>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(table) = provider.downcast_ref::<GenerateSeriesTable>() else { return Ok(None) };
    let generator = table.as_generator(BATCH)?;
    Ok(Some(Arc::new(LazyMemoryExec::try_new(table.schema(), vec![generator])?)))
}

/// The table function of such a plan.
pub(crate) fn table(plan: &Arc<dyn ExecutionPlan>) -> Option<GenerateSeriesTable> {
    let exec = plan.downcast_ref::<LazyMemoryExec>()?;
    let [generator] = &exec.generators()[..] else { return None };
    let generator = generator.read();
    let generator = generator.as_any();
    let args = if let Some(empty) = generator.downcast_ref::<Empty>() {
        GenSeriesArgs::ContainsNull { name: empty.name() }
    } else if let Some(series) = generator.downcast_ref::<GenericSeriesState<i64>>() {
        GenSeriesArgs::Int64Args {
            start: *series.start(),
            end: *series.end(),
            step: *series.step(),
            include_end: series.include_end(),
            name: series.name(),
        }
    } else {
        let series = generator.downcast_ref::<GenericSeriesState<TimestampValue>>()?;
        let (start, end, step) = (series.start().value(), series.end().value(), *series.step());
        let (include_end, name) = (series.include_end(), series.name());
        match series.start().tz_str() {
            Some(tz) => {
                GenSeriesArgs::TimestampArgs { start, end, step, tz: Some(Arc::clone(tz)), include_end, name }
            }
            // Timestamps without a zone and dates make the same rows, of the schema's type.
            None => GenSeriesArgs::DateArgs { start, end, step, include_end, name },
        }
    };
    Some(GenerateSeriesTable::new(exec.schema(), args))
}
