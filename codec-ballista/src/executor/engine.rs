//! The engine of an executor: Ballista's, whose tasks tell what they measured as sums, and where they failed.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use ballista_core::JobId;
use ballista_core::serde::protobuf::{
    RuntimeStatsReport, ShuffleWritePartition, TaskColumnStats, WindowStateReport,
};
use ballista_executor::execution_engine::{DefaultExecutionEngine, ExecutionEngine, QueryStageExecutor};
use datafusion::common::format::{ExplainAnalyzeCategories, MetricCategory, MetricType};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricsSet;
use datafusion::prelude::SessionConfig;

use super::connections::Connections;
use super::failures::named;

/// Has the operators of a task's plan measure more than they do by themselves. The plan keeps its operators.
pub type Measure = fn(Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>>;

/// Runs tasks as Ballista does, on plans that are measured.
pub(crate) struct Engine {
    engine: DefaultExecutionEngine,
    /// The name of the executor.
    place: Arc<str>,
    measure: Option<Measure>,
}

impl Engine {
    pub(crate) fn new(place: &str, measure: Option<Measure>) -> Self {
        let connections = Arc::new(Connections::default());
        let engine = DefaultExecutionEngine::with_client_pool(connections);
        Self { engine, place: place.into(), measure }
    }
}

impl ExecutionEngine for Engine {
    fn create_query_stage_exec(
        &self,
        job: JobId,
        stage: usize,
        task: usize,
        partitions: Vec<usize>,
        plan: Arc<dyn ExecutionPlan>,
        work_dir: &str,
        config: &SessionConfig,
    ) -> Result<Arc<dyn QueryStageExecutor>> {
        let told = Told::of(config);
        let mut by_itself = Vec::new();
        listed(&plan, &mut |plan| by_itself.push(plan.metrics().is_some()));
        let plan = self.measure.map_or(Ok(Arc::clone(&plan)), |measure| measure(plan))?;
        let writer = Arc::clone(&plan);
        let run =
            self.engine.create_query_stage_exec(job, stage, task, partitions, plan, work_dir, config)?;
        let place = Arc::clone(&self.place);
        Ok(Arc::new(Task { run, writer, by_itself, told, place }))
    }
}

/// What is told of the metrics.
#[derive(Debug)]
struct Told {
    types: Vec<MetricType>,
    categories: Option<Vec<MetricCategory>>,
}

impl Told {
    /// What the options of a query ask for: neither the type nor the category of a metric crosses.
    fn of(config: &SessionConfig) -> Self {
        let explain = &config.options().explain;
        Self {
            types: explain.analyze_level.included_types(),
            categories: match &explain.analyze_categories {
                ExplainAnalyzeCategories::All => None,
                ExplainAnalyzeCategories::Only(categories) => Some(categories.clone()),
            },
        }
    }

    /// Sums over the partitions of a task.
    ///
    /// The scheduler would take the numbers of partitions for those of the stage, and count some several times.
    fn sums(&self, metrics: MetricsSet) -> MetricsSet {
        let metrics = metrics.filter_by_metric_types(&self.types);
        let metrics = match &self.categories {
            Some(categories) => metrics.filter_by_categories(categories),
            None => metrics,
        };
        metrics.aggregate_by_name()
    }
}

/// A task that runs.
#[derive(Debug)]
struct Task {
    run: Arc<dyn QueryStageExecutor>,
    /// The measured plan. It ends in a writer that does not run itself: Ballista makes another of the same input.
    writer: Arc<dyn ExecutionPlan>,
    /// Whether each of its operators has metrics of its own, from the top down: those are the ones that a scheduler
    /// expects metrics of.
    by_itself: Vec<bool>,
    told: Told,
    place: Arc<str>,
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.run.fmt(f)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl QueryStageExecutor for Task {
    async fn execute_query_stage(
        &self,
        task: usize,
        context: Arc<TaskContext>,
    ) -> Result<Vec<ShuffleWritePartition>> {
        let written = self.run.execute_query_stage(task, context).await;
        written.map_err(|error| named(error, &self.place))
    }

    fn collect_plan_metrics(&self) -> Vec<MetricsSet> {
        let mut measured = Vec::new();
        listed(&self.writer, &mut |plan| measured.push(plan.metrics()));
        let mut collected = self.run.collect_plan_metrics().into_iter();
        let mut told: Vec<MetricsSet> = Vec::new();
        let operators = self.by_itself.iter().zip(measured);
        for (index, (by_itself, measured)) in operators.enumerate() {
            let Some(measured) = measured else { continue };
            let mut metrics = collected.next().unwrap_or_default();
            if index == 0 {
                extend(&mut metrics, &measured);
            }
            match told.last_mut() {
                // It has nothing but what it calls, which goes to the operator above it.
                Some(above) if !by_itself => extend(above, &metrics),
                _ => told.push(metrics),
            }
        }
        told.into_iter().map(|metrics| self.told.sums(metrics)).collect()
    }

    fn collect_runtime_stats_reports(&self) -> Vec<RuntimeStatsReport> {
        self.run.collect_runtime_stats_reports()
    }

    fn collect_window_state_reports(&self) -> Result<Vec<WindowStateReport>> {
        self.run.collect_window_state_reports()
    }

    fn collect_column_stats(&self) -> Vec<TaskColumnStats> {
        self.run.collect_column_stats()
    }
}

/// Visits the operators of a plan in the order in which Ballista lists their metrics.
fn listed(plan: &Arc<dyn ExecutionPlan>, visit: &mut impl FnMut(&dyn ExecutionPlan)) {
    visit(plan.as_ref());
    for child in plan.children() {
        listed(child, visit);
    }
}

fn extend(metrics: &mut MetricsSet, more: &MetricsSet) {
    for metric in more.iter() {
        metrics.push(Arc::clone(metric));
    }
}
