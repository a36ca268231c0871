//! What a receiver does with what it decoded, short of running it.

use std::sync::{Arc, LazyLock};
use std::thread;

use arrow_array::ffi::FFI_ArrowSchema;
use datafusion::arrow::datatypes::Schema;
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::object_store::memory::InMemory;
use datafusion::physical_plan::{ExecutionPlan, displayable};
use datafusion::prelude::{DataFrame, SessionContext, col};

/// Stack for whatever the limit `depth` lets in: planning recurses into it.
const STACK: usize = 256 * 1024 * 1024;

/// Where plans are made. Its files are in memory, and there are none.
static SESSION: LazyLock<SessionContext> = LazyLock::new(|| {
    let ctx = SessionContext::new();
    ctx.register_object_store(ObjectStoreUrl::local_filesystem().as_ref(), Arc::new(InMemory::new()));
    ctx
});

/// Shows an expression, and plans queries with it.
pub(super) fn expr(expr: &Expr) {
    on_its_own(async || {
        let _ = (expr.to_string(), expr.schema_name().to_string(), expr.human_display().to_string());
        let table = SESSION.sql("SELECT 1 AS c, 'x' AS s, [1] AS l").await?;
        exported(expr.to_field(table.schema()).map(|(_, field)| Schema::new([field])));
        planned(table.clone().select([expr.clone()])).await;
        planned(table.clone().filter(expr.clone())).await;
        planned(table.clone().sort(vec![expr.clone().sort(true, true)])).await;
        planned(table.clone().aggregate(vec![expr.clone()], vec![])).await;
        planned(table.aggregate(vec![col("c")], vec![expr.clone()])).await;
        Ok(())
    });
}

/// Shows a logical plan, and plans it.
pub(super) fn logical_plan(plan: &LogicalPlan) {
    on_its_own(async || {
        let _ = (plan.display_indent_schema().to_string(), plan.display_graphviz().to_string());
        planned(Ok(DataFrame::new(SESSION.state(), plan.clone()))).await;
        Ok(())
    });
}

/// Shows a physical plan, and asks it what planning asks.
pub(super) fn physical_plan(plan: &Arc<dyn ExecutionPlan>) {
    on_its_own(async || {
        shown(plan);
        Ok(())
    });
}

async fn planned(frame: Result<DataFrame>) {
    let Ok(frame) = frame else { return };
    exported(Ok(DFSchema::as_arrow(frame.schema()).clone()));
    if let Ok(plan) = frame.create_physical_plan().await {
        shown(&plan);
    }
}

fn shown(plan: &Arc<dyn ExecutionPlan>) {
    let shown = displayable(plan.as_ref()).set_show_schema(true).set_show_statistics(true);
    let _ = (shown.indent(true).to_string(), shown.tree_render().to_string());
    exported(Ok(plan.schema().as_ref().clone()));
}

fn exported(schema: Result<Schema>) {
    if let Ok(schema) = schema {
        let _ = FFI_ArrowSchema::try_from(&schema);
    }
}

/// Runs it on a stack that is large enough. An error of DataFusion's is no finding; a panic is left to the
/// caller.
fn on_its_own<W: Future<Output = Result<()>>>(work: impl FnOnce() -> W + Send) {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let _ = runtime.expect("there is room for a runtime").block_on(work());
    };
    let done = thread::scope(|scope| {
        thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, run)
            .expect("there is room for a thread")
            .join()
    });
    drop(done);
}
