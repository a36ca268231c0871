//! Logical plans on their way from a client to a scheduler.

use std::any::Any;
use std::sync::Arc;

use bytes::BufMut;
use datafusion::common::{internal_err, plan_err};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::{AsLogicalPlan, LogicalExtensionCodec};
use datafusion_proto::physical_plan::{AsExecutionPlan, PhysicalExtensionCodec};
use planwire_registry::CodecChain;
use planwire_registry::error::Failure;

/// A logical plan as a message of planwire's, in the place where Ballista has DataFusion's protobuf.
///
/// Limits, depths, the first error of a call and what DataFusion's protobuf would lose are those of
/// [`CodecChain::logical_plan_to_bytes`]. The codec must be a session's chain, as [`crate::client`] and
/// [`crate::Scheduler`] have it.
#[derive(Debug, Clone)]
pub struct ClusterPlan(Vec<u8>);

impl AsLogicalPlan for ClusterPlan {
    fn try_decode(buf: &[u8]) -> Result<Self> {
        Ok(Self(buf.to_vec()))
    }

    fn try_encode<B: BufMut>(&self, buf: &mut B) -> Result<()> {
        buf.put_slice(&self.0);
        Ok(())
    }

    fn try_into_logical_plan(
        &self,
        task: &TaskContext,
        codec: &dyn LogicalExtensionCodec,
    ) -> Result<LogicalPlan> {
        // Ballista makes a text of the error.
        let plan = chain(codec)?.logical_plan_from_bytes(&self.0, task);
        plan.map_err(|error| Failure::of(&error, "the scheduler").into())
    }

    fn try_from_logical_plan(plan: &LogicalPlan, codec: &dyn LogicalExtensionCodec) -> Result<Self> {
        Ok(Self(chain(codec)?.logical_plan_to_bytes(plan)?))
    }
}

/// The physical plan that a client could send instead, which no client of planwire's does: it is refused, because
/// Ballista would decode it past the limits and checks of a message.
#[derive(Debug, Clone)]
pub(crate) struct NoPlan;

impl AsExecutionPlan for NoPlan {
    fn try_decode(_: &[u8]) -> Result<Self> {
        plan_err!("this scheduler takes logical plans only")
    }

    fn try_encode<B: BufMut>(&self, _: &mut B) -> Result<()> {
        plan_err!("this scheduler takes logical plans only")
    }

    fn try_into_physical_plan(
        &self,
        _: &TaskContext,
        _: &dyn PhysicalExtensionCodec,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan_err!("this scheduler takes logical plans only")
    }

    fn try_from_physical_plan(_: Arc<dyn ExecutionPlan>, _: &dyn PhysicalExtensionCodec) -> Result<Self> {
        Ok(Self)
    }
}

fn chain(codec: &dyn LogicalExtensionCodec) -> Result<&CodecChain<dyn LogicalExtensionCodec>> {
    match (codec as &dyn Any).downcast_ref() {
        Some(chain) => Ok(chain),
        None => internal_err!("a plan for a cluster is encoded with the codec of a planwire session"),
    }
}
