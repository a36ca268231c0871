//! Plans that write files, tables or the session itself with DataFusion's built-in nodes.
//!
//! The walk over a message's bytes finds such a plan anywhere in it. Plans that a family or a codec made from
//! its own bytes are checked here, after they were decoded.

use std::sync::Arc;

use datafusion::datasource::sink::DataSinkExec;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, displayable};

use crate::error::WireError;
use crate::plan::message_sort::Message;
use crate::policy::floor::Floor;

/// Refuses a logical plan that writes, if this process refuses writes.
pub(crate) fn check_logical(plan: &LogicalPlan) -> Result<(), WireError> {
    check(Message::LogicalPlan, || {
        let reads =
            SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        reads.verify_plan(plan).err().map(|refusal| refusal.strip_backtrace())
    })
}

/// Refuses a physical plan that writes, if this process [refuses writes](Floor::refuse_writes).
///
/// Plans of messages, and what families and codecs decode in them, are checked already. This is for plans that
/// reach a family beside its payload where an engine decodes them by DataFusion's own functions.
///
/// # Errors
///
/// [`WireError::Writes`], with the operator that writes.
pub fn check_physical(plan: &Arc<dyn ExecutionPlan>) -> Result<(), WireError> {
    check(Message::PhysicalPlan, || {
        let mut pending = vec![plan];
        while let Some(plan) = pending.pop() {
            if let Some(writer) = plan.downcast_ref::<DataSinkExec>() {
                return Some(displayable(writer).one_line().to_string());
            }
            pending.extend(plan.children());
        }
        None
    })
}

/// Refuses a message with a statement that `writes`, if this process refuses writes.
pub(crate) fn check(what: Message, writes: impl FnOnce() -> Option<String>) -> Result<(), WireError> {
    if !Floor::refuses_writes() {
        return Ok(());
    }
    match writes() {
        Some(statement) => Err(WireError::Writes { what, statement }),
        None => Ok(()),
    }
}
