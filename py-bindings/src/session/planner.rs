//! The planner of our sessions: DataFusion's own or a cluster's, whose plans can be watched while they run.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::execution::context::QueryPlanner;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::analyze::AnalyzeExec;
use datafusion::physical_planner::{DefaultPhysicalPlanner, PhysicalPlanner};
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::host::stack::Deep;
use crate::plan::counted;

/// Plans as DataFusion or a cluster does, and has operators counted for `EXPLAIN ANALYZE` and for who watches.
#[derive(Debug)]
struct Planner {
    cluster: Option<Arc<dyn QueryPlanner + Send + Sync>>,
}

/// The plan of a query, once it is made.
#[derive(Default)]
pub(crate) struct Planned(Mutex<Option<Deep<Arc<dyn ExecutionPlan>>>>);

/// Where the planner leaves its plans, as an extension of the options under which it plans.
///
/// Operators that run hold those options, so they must not hold the plan.
struct Watched(Weak<Planned>);

/// Makes a session with DataFusion's functions.
pub(crate) fn session(config: SessionConfig, runtime: Arc<RuntimeEnv>) -> SessionContext {
    let builder = SessionStateBuilder::new_with_default_features();
    let builder = builder.with_config(config).with_runtime_env(runtime);
    builder.with_query_planner(Arc::new(Planner { cluster: None })).build().into()
}

/// Has the plans of a session of a cluster watched.
pub(crate) fn of_cluster(state: SessionState) -> SessionState {
    let cluster = Some(Arc::clone(state.query_planner()));
    SessionStateBuilder::new_from_existing(state).with_query_planner(Arc::new(Planner { cluster })).build()
}

/// Has the plan of a query left where the caller finds it.
pub(crate) fn watched(frame: DataFrame) -> (DataFrame, Arc<Planned>) {
    let planned = Arc::new(Planned::default());
    let (mut state, plan) = frame.into_parts();
    state.config_mut().set_extension(Arc::new(Watched(Arc::downgrade(&planned))));
    (DataFrame::new(state, plan), planned)
}

impl Planned {
    /// The plan, if it is made.
    pub(crate) fn plan(&self) -> Option<Arc<dyn ExecutionPlan>> {
        let plan = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        plan.as_ref().map(|plan| Arc::clone(plan))
    }

    /// Takes a plan; the one of the whole query comes after those of what it reads.
    fn set(&self, plan: &Arc<dyn ExecutionPlan>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(plan).into());
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

#[async_trait]
impl QueryPlanner for Planner {
    async fn create_physical_plan(
        &self,
        logical: &LogicalPlan,
        session: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = match &self.cluster {
            Some(cluster) => cluster.create_physical_plan(logical, session).await?,
            None => DefaultPhysicalPlanner::default().create_physical_plan(logical, session).await?,
        };
        let watched = session.config().get_extension::<Watched>();
        let planned = watched.and_then(|watched| watched.0.upgrade());
        let is_counted = planned.is_some() || plan.is::<AnalyzeExec>();
        let plan = if is_counted { counted(plan)? } else { plan };
        if let Some(planned) = planned {
            planned.set(&plan);
        }
        Ok(plan)
    }
}
