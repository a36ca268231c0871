//! The jobs of a scheduler, and how far they are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use ballista_core::JobId;
use ballista_core::execution_plans::{RangeShuffleReaderExec, ShuffleReaderExec, UnresolvedShuffleExec};
use ballista_core::serde::protobuf::task_status::Status;
use ballista_scheduler::cluster::JobState;
use ballista_scheduler::scheduler_server::SchedulerServer;
use ballista_scheduler::state::execution_stage::{ExecutionStage, TaskInfo};
use datafusion::physical_expr::Partitioning;
use datafusion::physical_plan::metrics::{MetricValue, MetricsSet};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties as _};

use crate::ClusterPlan;
use crate::plan::NoPlan;
use crate::progress::{OperatorProgress, QueryProgress, StageProgress, known_rows};

/// The jobs of a scheduler: those that run, and those that have ended.
#[derive(Clone)]
pub(crate) struct Jobs {
    pub(crate) scheduler: SchedulerServer<ClusterPlan, NoPlan>,
    pub(crate) ended: Arc<dyn JobState>,
}

impl Jobs {
    /// How far a job is; `None` if there is none that is planned.
    pub(crate) async fn progress(&self, job: &JobId) -> Option<QueryProgress> {
        let running = self.scheduler.state.task_manager.get_running_job_cache();
        if let Some(job) = running.get(job) {
            return Some(progress(job.execution_graph.read().await.stages()));
        }
        let ended = self.ended.get_execution_graph(job).await.ok()??;
        Some(progress(ended.stages()))
    }
}

fn progress(stages: &HashMap<usize, ExecutionStage>) -> QueryProgress {
    let stages: BTreeMap<usize, Stage<'_>> =
        stages.iter().map(|(number, stage)| (*number, Stage::of(stage))).collect();
    let told = stages.iter().map(|(number, stage)| StageProgress {
        stage: *number as u64,
        partitions: stage.partitions as u64,
        partitions_done: stage.done as u64,
    });
    QueryProgress { stages: told.collect(), operators: operators(&stages) }
}

/// A stage, whatever has come of it.
struct Stage<'a> {
    plan: &'a Arc<dyn ExecutionPlan>,
    is_last: bool,
    partitions: usize,
    done: usize,
    /// Of the tasks that have ended, for each operator that has metrics.
    metrics: &'a [MetricsSet],
}

impl<'a> Stage<'a> {
    fn of(stage: &'a ExecutionStage) -> Self {
        let (plan, links, partitions, done, metrics) = match stage {
            ExecutionStage::UnResolved(stage) => {
                let input = stage.plan.children().first().map(|input| input.output_partitioning());
                let partitions = input.map_or(1, Partitioning::partition_count);
                (&stage.plan, &stage.output_links, partitions, 0, None)
            }
            ExecutionStage::Resolved(stage) => (&stage.plan, &stage.output_links, stage.partitions, 0, None),
            ExecutionStage::Running(stage) => {
                let metrics = stage.stage_metrics.as_deref();
                (&stage.plan, &stage.output_links, stage.partitions, done(&stage.task_infos), metrics)
            }
            ExecutionStage::Successful(stage) => {
                let metrics = Some(stage.stage_metrics.as_slice());
                (&stage.plan, &stage.output_links, stage.partitions, stage.partitions, metrics)
            }
            ExecutionStage::Failed(stage) => {
                let metrics = stage.stage_metrics.as_deref();
                (&stage.plan, &stage.output_links, stage.partitions, done(&stage.task_infos), metrics)
            }
        };
        Self { plan, is_last: links.is_empty(), partitions, done, metrics: metrics.unwrap_or_default() }
    }

    /// The operators of the stage from the top down, each with the stage whose rows it reads. The first one, which
    /// writes the rows, has the depth of the second.
    fn operators(&self) -> Vec<(OperatorProgress, Option<usize>)> {
        let mut metrics = self.metrics.iter();
        let (mut operators, mut pending) = (Vec::new(), vec![(self.plan, 0)]);
        while let Some((plan, depth)) = pending.pop() {
            let (children, read) = (plan.children(), read(plan.as_ref()));
            let measured = plan.metrics().and_then(|_| metrics.next());
            operators.push((
                OperatorProgress {
                    name: read.map_or(plan.name(), |_| "ShuffleReaderExec").to_owned(),
                    depth: u64::saturating_sub(depth, 1),
                    rows: measured.and_then(MetricsSet::output_rows).unwrap_or(0) as u64,
                    batches: measured.map_or(0, batches) as u64,
                    expected_rows: match (children.as_slice(), read) {
                        ([], None) => known_rows(plan.as_ref()),
                        _ => None,
                    },
                },
                read,
            ));
            pending.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
        }
        operators
    }
}

/// The operators of all stages, those of a stage below the node that reads its rows.
fn operators(stages: &BTreeMap<usize, Stage<'_>>) -> Vec<OperatorProgress> {
    let mut numbers: Vec<usize> = stages.keys().copied().collect();
    // The last one first, and then those whose rows nobody needs any more.
    numbers.sort_by_key(|number| (stages.get(number).is_some_and(|stage| !stage.is_last), Reverse(*number)));
    let mut unread: BTreeMap<usize, &Stage<'_>> =
        stages.iter().map(|(number, stage)| (*number, stage)).collect();
    let mut operators = Vec::new();
    for number in numbers {
        let Some(stage) = unread.remove(&number) else { continue };
        let mut pending = vec![below(stage, u64::from(!operators.is_empty()))];
        while let Some((of_stage, depth)) = pending.last_mut() {
            let Some((operator, read)) = of_stage.next() else {
                pending.pop();
                continue;
            };
            let depth = *depth + operator.depth;
            operators.push(OperatorProgress { depth, ..operator });
            // A stage that several nodes read is told of below the first.
            if let Some(stage) = read.and_then(|number| unread.remove(&number)) {
                pending.push(below(stage, depth + 1));
            }
        }
    }
    operators
}

/// The operators of a stage without the one that writes its rows, and the depth at which they begin.
fn below(
    stage: &Stage<'_>,
    depth: u64,
) -> (impl Iterator<Item = (OperatorProgress, Option<usize>)> + use<>, u64) {
    (stage.operators().into_iter().skip(1), depth)
}

/// The partitions that are done.
fn done(tasks: &[TaskInfo]) -> usize {
    let ended = tasks.iter().filter(|task| matches!(task.task_status, Status::Successful(_)));
    ended.flat_map(|task| &task.global_input_partition_ids).collect::<HashSet<_>>().len()
}

/// The stage whose rows a node reads.
fn read(plan: &dyn ExecutionPlan) -> Option<usize> {
    let unresolved = plan.downcast_ref().map(|node: &UnresolvedShuffleExec| node.stage_id);
    let resolved = || plan.downcast_ref().map(|node: &ShuffleReaderExec| node.stage_id);
    let range = || plan.downcast_ref().map(|node: &RangeShuffleReaderExec| node.stage_id);
    unresolved.or_else(resolved).or_else(range)
}

fn batches(metrics: &MetricsSet) -> usize {
    let counts = metrics.iter().map(|metric| match metric.value() {
        MetricValue::OutputBatches(count) => count.value(),
        _ => 0,
    });
    counts.sum()
}
