//! The client: sessions whose queries a cluster runs.

use std::sync::Arc;

use async_trait::async_trait;
use ballista_core::config::{
    BALLISTA_ADAPTIVE_PLANNER_ENABLED, BALLISTA_CLIENT_GRPC_MAX_MESSAGE_SIZE, BALLISTA_CLIENT_PULL,
    BallistaConfig,
};
use ballista_core::extension::SessionConfigExt;
use ballista_core::optimizer::with_ballista_optimizer_rules;
use ballista_core::planner::BallistaQueryPlanner;
use datafusion::catalog::Session;
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::execution::context::QueryPlanner;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{DefaultPhysicalPlanner, PhysicalPlanner};
use planwire_registry::SessionCodecs;

use crate::connection::tls::{ClientTls, encrypting};
use crate::query::ClusterQueryExec;
use crate::query::analyze::ClusterAnalyzeExec;
use crate::{ClusterPlan, MESSAGE};

/// Returns the session with its queries sent to the scheduler at an address, e.g. `http://localhost:50050`.
///
/// Options that Ballista cannot do without are set, when this is done for the first time. The codecs are those
/// of [`crate::codecs`]; functions that the session has keep their names and travel under their modes. With `tls`
/// the connections to the scheduler and to the executors are encrypted, see [`crate::TlsFiles::client`].
#[must_use]
pub fn client(
    state: SessionState,
    scheduler: impl Into<String>,
    codecs: SessionCodecs,
    tls: Option<ClientTls>,
) -> SessionState {
    let is_first = state.config_options().extensions.get::<BallistaConfig>().is_none();
    let mut config = state.config().clone().upgrade_for_ballista();
    if is_first {
        // Otherwise Ballista says only at the end which job it is, and no query that is given up can be cancelled.
        config = config.set_bool(BALLISTA_CLIENT_PULL, true);
        // Planned again after each stage, some queries with a UNION give rows twice, and others never end.
        config = config.set_bool(BALLISTA_ADAPTIVE_PLANNER_ENABLED, false);
        config = config.set_usize(BALLISTA_CLIENT_GRPC_MAX_MESSAGE_SIZE, MESSAGE as usize);
    }
    if let Some(tls) = tls {
        // Ballista asks for TLS where it fetches rows, on executors too.
        config = config.with_ballista_use_tls(true);
        config = config.with_ballista_override_create_grpc_client_endpoint(encrypting(tls));
    }
    let rules = with_ballista_optimizer_rules(state.optimizers());
    SessionStateBuilder::new_from_existing(state)
        .with_config(config)
        .with_optimizer_rules(rules)
        .with_query_planner(Arc::new(ClusterPlanner { scheduler: scheduler.into(), codecs }))
        .build()
}

/// Plans a query as one node, which sends the logical plan to the scheduler and reads the rows from executors.
#[derive(Debug)]
struct ClusterPlanner {
    scheduler: String,
    codecs: SessionCodecs,
}

#[async_trait]
impl QueryPlanner for ClusterPlanner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // Ballista would drop their columns, and their row.
        if let LogicalPlan::EmptyRelation(_) = plan {
            return DefaultPhysicalPlanner::default().create_physical_plan(plan, session).await;
        }
        if let LogicalPlan::Analyze(analyze) = plan {
            let query = self.create_physical_plan(&analyze.input, session).await?;
            return match query.downcast_ref::<ClusterQueryExec>() {
                Some(query) => Ok(Arc::new(ClusterAnalyzeExec::new(query.clone(), analyze.clone())?)),
                None => DefaultPhysicalPlanner::default().create_physical_plan(plan, session).await,
            };
        }
        let encrypted = session.config().ballista_override_create_grpc_client_endpoint();
        if session.config().ballista_use_tls() && encrypted.is_none() {
            return plan_err!(
                "ballista.client.use_tls asks for encrypted connections, for which the session has no certificates \
                 to trust (tls_ca)"
            );
        }
        // Ballista makes a text of an error that it meets when it encodes the plan, so it is met here.
        self.codecs.logical().logical_plan_to_parts(plan)?;
        let (config, codec) = (session.config_options(), Arc::new(self.codecs.logical().clone()));
        let config: BallistaConfig = config.extensions.get().cloned().unwrap_or_default();
        let planner =
            BallistaQueryPlanner::<ClusterPlan>::with_extension(self.scheduler.clone(), config, codec);
        let query = planner.create_physical_plan(plan, session).await?;
        Ok(ClusterQueryExec::over(query, &self.scheduler, session.config()))
    }
}
