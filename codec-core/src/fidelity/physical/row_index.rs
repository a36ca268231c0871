//! The index of a row in its file: DataFusion's protobuf loses the scan's column for it.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::Result;
use datafusion::functions::core::file_row_index;
use datafusion::physical_expr::expressions::{CastExpr, Column};
use datafusion::physical_expr::projection::ProjectionExpr as Projected;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;
use datafusion_proto::protobuf::{PhysicalPlanNode, ProjectionExpr, ProjectionExprs};

/// Writes the function into the message of a scan, in place of the column that DataFusion makes of it.
///
/// The receiver's scan turns the function into the column again, as this one did.
///
/// # Errors
///
/// For columns that a scan makes for any other purpose.
pub(crate) fn put_back(
    scan: &FileScanConfig,
    node: &mut PhysicalPlanNode,
    write: &dyn Fn(&Arc<dyn ExecutionPlan>) -> Result<PhysicalPlanNode>,
) -> Result<()> {
    let (source, table) = (scan.file_source(), scan.file_source().table_schema());
    let Some(column) = table.virtual_columns().first() else { return Ok(()) };
    let conf = match &mut node.physical_plan_type {
        Some(PhysicalPlanType::ParquetScan(node)) => node.base_conf.as_mut(),
        _ => None,
    };
    let (Some(conf), Some(projection)) = (conf, source.projection()) else {
        return Err(lost(column.name()));
    };
    let exprs = projection
        .iter()
        .map(|each| Ok(Projected { expr: with_function(&each.expr, table)?, alias: each.alias.clone() }));
    let stored: Arc<dyn ExecutionPlan> =
        Arc::new(EmptyExec::new(Arc::clone(table.schema_without_virtual_columns())));
    // DataFusion writes an expression of a scan as one of any projection.
    let projection = ProjectionExec::try_new(exprs.collect::<Result<Vec<_>>>()?, stored)?;
    let written = write(&(Arc::new(projection) as _))?;
    let Some(PhysicalPlanType::Projection(written)) = written.physical_plan_type else {
        return Err(lost(column.name()));
    };
    let named = written.expr.into_iter().zip(written.expr_name);
    let projections = named.map(|(expr, alias)| ProjectionExpr { alias, expr: Some(expr) }).collect();
    conf.projection_exprs = Some(ProjectionExprs { projections });
    Ok(())
}

fn with_function(expr: &Arc<dyn PhysicalExpr>, table: &TableSchema) -> Result<Arc<dyn PhysicalExpr>> {
    let stored = table.schema_without_virtual_columns().fields().len();
    let is_made = |expr: &Arc<dyn PhysicalExpr>| {
        expr.downcast_ref::<Column>().is_some_and(|column| column.index() >= stored)
    };
    let replaced = Arc::clone(expr).transform_down(|expr| {
        if is_made(&expr) {
            return Err(lost(&expr.to_string()));
        }
        match expr.downcast_ref::<CastExpr>() {
            Some(cast) if is_made(cast.expr()) && cast.target_field().name() == "file_row_index" => {
                Ok(Transformed::yes(function(cast)))
            }
            _ => Ok(Transformed::no(expr)),
        }
    });
    replaced.data()
}

/// The call that DataFusion has replaced by such a cast.
fn function(cast: &CastExpr) -> Arc<dyn PhysicalExpr> {
    let (function, field) = (file_row_index(), Arc::clone(cast.target_field()));
    let name = function.name().to_owned();
    Arc::new(ScalarFunctionExpr::new(&name, function, Vec::new(), field, Arc::new(ConfigOptions::default())))
}

fn lost(column: &str) -> datafusion::error::DataFusionError {
    crate::fidelity::lost(format!(
        "the column {column} of a scan is in no file, and does not travel in a physical plan: send the \
         logical plan"
    ))
}
