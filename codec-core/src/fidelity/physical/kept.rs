//! The lost parts of physical nodes, carried beside DataFusion's messages of them.
//!
//! Such a node travels as an extension: its bytes are one of planwire's own frames, and its only input is the
//! node as DataFusion writes it. A receiver without planwire refuses the extension.

use std::sync::Arc;

use datafusion::common::exec_err;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::sink::DataSinkExec;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::explain::ExplainExec;
use datafusion::physical_plan::memory::LazyMemoryExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;
use datafusion_proto::protobuf::{PhysicalExtensionNode, PhysicalPlanNode};
use prost::Message as _;

use crate::error::WireError;
use crate::fidelity::options::Options;
use crate::fidelity::physical::{
    dynamic, groups, parquet_sinks, projections, recursion, row_index, scans, series, sinks, sorts, streams,
    windows,
};
use crate::fidelity::refused::check_text;
use crate::wire::frame::{self, Payload, Tag};

/// The first bytes of such an extension.
pub(crate) const TAG: Tag = Tag::new(b"DFKEEPP", 1);

/// The payload of such a frame.
#[derive(Clone, PartialEq, prost::Message)]
struct Kept {
    #[prost(oneof = "What", tags = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14")]
    what: Option<What>,
}

/// The lost parts, by the sort of node.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum What {
    #[prost(message, tag = "1")]
    Scan(scans::Scan),
    #[prost(message, tag = "2")]
    Csv(sinks::Csv),
    #[prost(message, tag = "3")]
    Json(sinks::Json),
    #[prost(message, tag = "4")]
    Windows(windows::Windows),
    #[prost(message, tag = "5")]
    Groups(groups::EmptySets),
    #[prost(message, tag = "6")]
    Series(series::Series),
    #[prost(message, tag = "7")]
    Recursive(recursion::Recursive),
    #[prost(message, tag = "8")]
    WorkTable(recursion::WorkTable),
    #[prost(message, tag = "9")]
    Projection(projections::Schema),
    #[prost(message, tag = "10")]
    Parquet(parquet_sinks::Parquet),
    #[prost(message, tag = "11")]
    FirstRows(sorts::FirstRows),
    #[prost(message, tag = "12")]
    Rest(sorts::Rest),
    #[prost(message, tag = "13")]
    Stream(streams::Stream),
    /// A whole plan, under options of the session that made it.
    #[prost(message, tag = "14")]
    Under(Options),
}

/// The payload for a node that has no message, and its inputs.
pub(crate) type Whole = (What, Vec<Arc<dyn ExecutionPlan>>);

/// Writes a node whose DataFusion message would lose something, together with the lost part.
///
/// `write` writes a node as DataFusion does; its inputs come back here.
///
/// # Errors
///
/// If something would be lost that cannot be kept, or `write` fails.
pub(crate) fn write(
    plan: &Arc<dyn ExecutionPlan>,
    write: &dyn Fn(&Arc<dyn ExecutionPlan>) -> Result<PhysicalPlanNode>,
) -> Result<PhysicalPlanNode> {
    if let Some((what, inputs)) = whole(plan)? {
        let inputs = inputs.iter().map(|input| self::write(input, write)).collect::<Result<_>>()?;
        return Ok(extension(what, inputs));
    }
    let mut node = dynamic::without_filter(write(plan)?);
    if let Some(scan) = scan_of(plan) {
        row_index::put_back(scan, &mut node, write)?;
    }
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        return Ok(match projections::lost(projection)? {
            Some(schemas) => {
                let schemas = schemas.iter().map(write);
                let inputs = std::iter::once(Ok(node)).chain(schemas).collect::<Result<_>>()?;
                extension(What::Projection(projections::Schema {}), inputs)
            }
            None => node,
        });
    }
    Ok(match lost(plan, &mut node)? {
        Some(what) => extension(what, vec![node]),
        None => node,
    })
}

/// The payload for a node without a DataFusion message, and its inputs; `None` for any other node.
fn whole(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Whole>> {
    if let Some(found) = recursion::whole(plan)? {
        return Ok(Some(found));
    }
    match sorts::whole(plan) {
        Some(found) => Ok(Some(found)),
        None => streams::whole(plan),
    }
}

/// A whole plan with the options at its head that it was made under and depends on.
pub(crate) fn under(options: Options, node: PhysicalPlanNode) -> PhysicalPlanNode {
    extension(What::Under(options), vec![node])
}

fn extension(what: What, inputs: Vec<PhysicalPlanNode>) -> PhysicalPlanNode {
    let payload = Payload::from(&*Kept { what: Some(what) }.encode_to_vec());
    let extension = PhysicalExtensionNode { node: frame::encode(TAG, payload), inputs };
    PhysicalPlanNode { physical_plan_type: Some(PhysicalPlanType::Extension(extension)) }
}

fn scan_of(plan: &Arc<dyn ExecutionPlan>) -> Option<&FileScanConfig> {
    plan.downcast_ref::<DataSourceExec>()?.data_source().downcast_ref()
}

fn lost(plan: &Arc<dyn ExecutionPlan>, node: &mut PhysicalPlanNode) -> Result<Option<What>> {
    if let Some(scan) = scan_of(plan) {
        return Ok(scans::lost(scan, node)?.map(What::Scan));
    }
    if let Some(explained) = plan.downcast_ref::<ExplainExec>() {
        explained.stringified_plans().iter().try_for_each(|shown| check_text(&shown.plan))?;
    }
    if let Some(sink) = plan.downcast_ref::<DataSinkExec>() {
        return sinks::lost(sink, node);
    }
    if let Some(window) = plan.downcast_ref::<WindowAggExec>() {
        return Ok(windows::lost(window.window_expr())?.map(What::Windows));
    }
    if let Some(window) = plan.downcast_ref::<BoundedWindowAggExec>() {
        return Ok(windows::lost(window.window_expr())?.map(What::Windows));
    }
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        return Ok(groups::lost(aggregate)?.map(What::Groups));
    }
    if let Some(series) = plan.downcast_ref::<LazyMemoryExec>() {
        return Ok(series::lost(series, node)?.map(What::Series));
    }
    Ok(None)
}

/// Restores the part of a node that its message has lost; `hold` checks the options that a plan was made under.
///
/// # Errors
///
/// If the payload is damaged or belongs to another node.
pub(crate) fn restore(
    payload: &[u8],
    inputs: &[Arc<dyn ExecutionPlan>],
    task: &TaskContext,
    hold: &dyn Fn(&Options) -> std::result::Result<(), WireError>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let (Ok(Kept { what: Some(what) }), [plan, ..]) = (Kept::decode(payload), inputs) else {
        return exec_err!("what was kept of a node cannot be read");
    };
    let restored = match what {
        What::Scan(kept) => scans::restored(&kept, plan)?,
        What::Csv(kept) => sinks::restored_csv(&kept, plan)?,
        What::Json(kept) => sinks::restored_json(&kept, plan),
        What::Parquet(kept) => parquet_sinks::restored(&kept, plan),
        What::Windows(kept) => windows::restored(&kept, plan)?,
        What::Groups(kept) => groups::restored(&kept, plan)?,
        What::Series(kept) => series::restored(&kept, plan)?,
        What::Recursive(kept) => recursion::query(&kept, inputs)?,
        What::WorkTable(kept) => recursion::work_table(&kept, inputs)?,
        What::FirstRows(kept) => sorts::first_rows(&kept, inputs)?,
        What::Rest(kept) => sorts::rest(&kept, inputs),
        What::Stream(kept) => streams::restored(&kept, inputs, task)?,
        What::Projection(_) => projections::restored(inputs)?,
        What::Under(options) => {
            hold(&options)?;
            Some(Arc::clone(plan))
        }
    };
    match restored {
        Some(plan) => Ok(plan),
        None => exec_err!("what was kept is of another node than {}", plan.name()),
    }
}
