//! Plans that write: files, tables or the session itself, by what DataFusion has built in.

use std::sync::Arc;

use datafusion::datasource::sink::DataSinkExec;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, displayable};

/// What a logical plan writes, as DataFusion calls it.
pub(super) fn logical(plan: &LogicalPlan) -> Option<String> {
    let reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reads.verify_plan(plan).err().map(|refusal| refusal.strip_backtrace())
}

/// What a physical plan writes, as DataFusion calls it.
pub(super) fn physical(plan: &Arc<dyn ExecutionPlan>) -> Option<String> {
    let mut pending = vec![plan];
    while let Some(plan) = pending.pop() {
        if let Some(writer) = plan.downcast_ref::<DataSinkExec>() {
            return Some(displayable(writer).one_line().to_string());
        }
        pending.extend(plan.children());
    }
    None
}
