//! `EXPLAIN ANALYZE` of a query on a cluster: runs it, and tells what each operator of each stage measured.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::{RecordBatch, StringArray};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::format::ExplainFormat;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{internal_err, not_impl_err};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Analyze;
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use datafusion::prelude::SessionConfig;
use futures::{StreamExt as _, stream};

use super::ClusterQueryExec;

/// Runs a query, drops its rows, and gives a table of what was measured.
#[derive(Debug)]
pub(crate) struct ClusterAnalyzeExec {
    query: ClusterQueryExec,
    analyze: Analyze,
    properties: Arc<PlanProperties>,
}

impl ClusterAnalyzeExec {
    /// # Errors
    ///
    /// If the plan is to be drawn in another format than lines with indents.
    pub(crate) fn new(query: ClusterQueryExec, analyze: Analyze) -> Result<Self> {
        if analyze.format != ExplainFormat::Indent {
            return not_impl_err!("EXPLAIN ANALYZE on a cluster has the format indent only");
        }
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(analyze.schema.inner())),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Ok(Self { query, analyze, properties: Arc::new(properties) })
    }
}

impl DisplayAs for ClusterAnalyzeExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClusterAnalyzeExec: verbose={}", self.analyze.verbose)
    }
}

impl ExecutionPlan for ClusterAnalyzeExec {
    fn name(&self) -> &'static str {
        "ClusterAnalyzeExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { internal_err!("a query on a cluster has no inputs") }
    }

    fn execute(&self, _: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let explain = &task.session_config().options().explain;
        let level = self.analyze.analyze_level.unwrap_or(explain.analyze_level);
        let categories = self.analyze.analyze_categories.as_ref().unwrap_or(&explain.analyze_categories);
        let rows = self.query.measured(&task, level, categories.clone())?;
        let (query, config) = (self.query.clone(), task.session_config().clone());
        let (schema, is_verbose) = (self.schema(), self.analyze.verbose);
        let table = explained(rows, query, config, Arc::clone(&schema), is_verbose);
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream::once(table))))
    }
}

async fn explained(
    mut rows: SendableRecordBatchStream,
    query: ClusterQueryExec,
    config: SessionConfig,
    schema: SchemaRef,
    is_verbose: bool,
) -> Result<RecordBatch> {
    let (start, mut count) = (Instant::now(), 0);
    while let Some(batch) = rows.next().await.transpose()? {
        count += batch.num_rows();
    }
    let duration = start.elapsed();
    let (mut kinds, mut texts) = (vec!["Plan with Metrics"], vec![query.explained(&config).await?]);
    if is_verbose {
        kinds.extend(["Output Rows", "Duration"]);
        texts.extend([count.to_string(), format!("{duration:?}")]);
    }
    let columns = [StringArray::from(kinds), StringArray::from(texts)].map(|column| Arc::new(column) as _);
    Ok(RecordBatch::try_new(schema, columns.to_vec())?)
}
