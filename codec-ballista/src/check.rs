//! The check of a query on the scheduler, where its client still hears why it cannot run.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::error::Result;
use datafusion::execution::context::QueryPlanner;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, PhysicalPlanner};
use datafusion_proto::physical_plan::AsExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use planwire_registry::error::{Failure, Message};
use planwire_registry::{SessionCodecs, WireError};
use prost::Message as _;

use crate::executors::Executors;
use crate::join::CollectingJoinExec;

/// Plans as DataFusion does, and refuses queries that an executor would read as other ones, or not at all, or for
/// which there is none.
///
/// Ballista gives a client one fixed text for whatever goes wrong when a task is encoded.
pub(crate) struct CheckedPlanner {
    pub(crate) codecs: SessionCodecs,
    pub(crate) executors: Executors,
}

impl fmt::Debug for CheckedPlanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedPlanner").field("codecs", &self.codecs).finish_non_exhaustive()
    }
}

#[async_trait]
impl QueryPlanner for CheckedPlanner {
    async fn create_physical_plan(
        &self,
        query: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let planner = DefaultPhysicalPlanner::default();
        // With DataFusion's own rules, because Ballista's put in nodes that never leave the scheduler.
        if let Some(state) = session.as_any().downcast_ref::<SessionState>() {
            let builder = SessionStateBuilder::new_from_existing(state.clone());
            let state = builder.with_physical_optimizer_rules(PhysicalOptimizer::new().rules).build();
            let plan = planner.create_physical_plan(query, &state).await?;
            let sent = self.codecs.physical().physical_plan_to_parts(&plan);
            sent.map_err(|error| Failure::of(&error, "the scheduler"))?;
            // What goes whole in a message, such as a recursive query, Ballista cannot send node by node.
            let plan = PhysicalPlanNode::try_from_physical_plan(plan, self.codecs.physical());
            let plan = plan.map_err(|error| {
                let error = WireError::EncodeMessage { what: Message::PhysicalPlan, source: Arc::new(error) };
                Failure::of(&error, "the scheduler")
            })?;
            self.executors.wait().await?;
            // A node that writes rows for others has its input twice, if it calls functions.
            self.executors.check_size(2 * plan.encoded_len()).await?;
        }
        CollectingJoinExec::mend(planner.create_physical_plan(query, session).await?)
    }
}
