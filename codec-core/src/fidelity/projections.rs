//! Projections: the metadata that a query gives to its columns stands in no expression.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::projection::ProjectionExec;

/// Says that the schema of the projection is that of the second input, an empty plan.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Schema {}

/// An empty plan of the projection's schema, if the expressions alone give another one.
pub(super) fn lost(projection: &ProjectionExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let (input, output) = (projection.input().schema(), projection.schema());
    let mut lost = output.metadata() != input.metadata();
    for (expr, field) in projection.expr().iter().zip(output.fields()) {
        // What a function says of its result stays behind, too; a column is what it is in the input.
        let made = expr.expr.downcast_ref::<Column>().and_then(|column| input.fields().get(column.index()));
        lost |= match made {
            Some(column) => field.metadata() != column.metadata(),
            None => !field.metadata().is_empty(),
        };
    }
    Ok(lost.then(|| Arc::new(EmptyExec::new(output)) as _))
}

/// Gives a projection back the metadata of its columns; nothing if the inputs are not as they were written.
pub(super) fn restored(inputs: &[Arc<dyn ExecutionPlan>]) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let [plan, schema] = inputs else { return Ok(None) };
    let Some(projection) = plan.downcast_ref::<ProjectionExec>() else { return Ok(None) };
    let (exprs, input) = (projection.expr().to_vec(), Arc::clone(projection.input()));
    let restored = ProjectionExec::try_new_with_schema_metadata(exprs, input, &schema.schema())?;
    Ok(Some(Arc::new(restored)))
}
