//! The tables of `information_schema`: they describe the sender's session, so they are sent as rows.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use datafusion::arrow::array::RecordBatch;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::logical_expr::logical_plan::TableScan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::common::collect;
use datafusion::physical_plan::streaming::StreamingTableExec;

use crate::fidelity::logical::map_view;
use crate::plan::node::opening;

/// The session in which a plan was made, which gives the rows of `information_schema`.
pub(crate) type Asked = Option<Arc<TaskContext>>;

/// Whether a node reads a table that streams, as those of `information_schema` do.
pub(super) fn may_be_asked(node: &LogicalPlan) -> bool {
    matches!(node, LogicalPlan::TableScan(scan) if streamed(scan).is_some())
}

/// A plan with rows in the place of the tables of `information_schema`.
///
/// # Errors
///
/// If the plan reads such a table, and its session is not known or does not give the rows.
pub(super) fn answered(plan: LogicalPlan, asked: &Asked) -> Result<LogicalPlan> {
    let answered = plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::TableScan(scan) => {
            match streamed(&scan).map(|table| rows_of(&table, asked)).transpose()? {
                Some(Some(table)) => {
                    let source = provider_as_source(table);
                    Ok(Transformed::yes(LogicalPlan::TableScan(TableScan { source, ..scan })))
                }
                _ => {
                    let answered = |plan| answered(plan, asked);
                    map_view(LogicalPlan::TableScan(scan), &answered).map(Transformed::yes)
                }
            }
        }
        node => Ok(Transformed::no(node)),
    });
    answered.data()
}

/// A physical plan with rows in the place of the tables of `information_schema`.
///
/// # Errors
///
/// As [`super::keep_plan`].
pub(crate) fn physical_answered(
    plan: Arc<dyn ExecutionPlan>,
    asked: &Asked,
) -> Result<Arc<dyn ExecutionPlan>> {
    let streams = |plan: &Arc<dyn ExecutionPlan>| plan.is::<StreamingTableExec>();
    if !plan.exists(|plan| Ok(streams(plan)))? {
        return Ok(plan);
    }
    let answered = plan.transform_up(|plan| {
        let Some(exec) = plan.downcast_ref::<StreamingTableExec>().filter(|exec| is_answered(exec)) else {
            return Ok(Transformed::no(plan));
        };
        let partitions = batches(exec, asked)?;
        let columns = exec.projection().as_ref().map(|columns| columns.to_vec());
        let memory = MemorySourceConfig::try_new(&partitions, Arc::clone(exec.partition_schema()), columns)?;
        Ok(Transformed::yes(DataSourceExec::from_data_source(memory.with_limit(exec.limit()))))
    });
    answered.data()
}

fn streamed(scan: &TableScan) -> Option<Arc<dyn TableProvider>> {
    source_as_provider(&scan.source).ok().filter(|provider| provider.is::<StreamingTable>())
}

/// A table in memory with the rows of such a table; `None` if it is not one of `information_schema`.
fn rows_of(table: &Arc<dyn TableProvider>, asked: &Asked) -> Result<Option<Arc<dyn TableProvider>>> {
    // A session is needed only to sort rows, and these are not sorted.
    let state = SessionStateBuilder::new().build();
    let exec = at_once(table.scan(&state, None, &[], None))?;
    let Some(exec) = exec.downcast_ref::<StreamingTableExec>().filter(|exec| is_answered(exec)) else {
        return Ok(None);
    };
    let rows = MemTable::try_new(table.schema(), batches(exec, asked)?)?;
    Ok(Some(Arc::new(rows)))
}

/// Whether a table is one of `information_schema`. Only its name tells, because the types are private.
fn is_answered(exec: &StreamingTableExec) -> bool {
    const NAME: &str = "InformationSchema";
    let is_own = |partition| opening(partition, NAME.len()).starts_with(NAME);
    exec.partitions().len() == 1 && exec.partitions().iter().all(is_own)
}

fn batches(exec: &StreamingTableExec, asked: &Asked) -> Result<Vec<Vec<RecordBatch>>> {
    let Some(task) = asked else {
        return Err(super::lost(
            "a table of information_schema says what the session has in which the plan was made, and none is \
             known: send the query (a data frame, or its plan) as that session made it",
        ));
    };
    exec.partitions().iter().map(|partition| at_once(collect(partition.execute(Arc::clone(task))))).collect()
}

/// The answer of a catalog in memory, which needs no runtime to wait in.
pub(super) fn at_once<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    match pin!(answer).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err(super::lost(
            "a catalog of the session has to wait for what it is asked by information_schema: read the rows \
             into memory first, and send those",
        )),
    }
}
