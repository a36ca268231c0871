//! Projections: their schema can differ from that of their expressions, in the metadata of columns and in
//! their nullability, which the optimizer may since have narrowed.

use std::sync::Arc;

use datafusion::arrow::datatypes::{FieldRef, Schema as Columns};
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::projection::ProjectionExec;

/// Says that the projection has the metadata of the second input, an empty plan, and was made over the schema
/// of the third, if there is one.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Schema {}

/// Empty plans of the projection's schemas, if the expressions and the input alone give others.
///
/// # Errors
///
/// If the input over which the projection was made cannot be determined.
pub(crate) fn lost(projection: &ProjectionExec) -> Result<Option<Vec<Arc<dyn ExecutionPlan>>>> {
    let (input, output) = (projection.input().schema(), projection.schema());
    let planned = planned_input(projection, &input, &output)?;
    let mut lost = planned.is_some() || output.metadata() != input.metadata();
    for (expr, field) in projection.expr().iter().zip(output.fields()) {
        // The field of a function's result is lost too; a column is as in the input.
        let made = expr.expr.downcast_ref::<Column>().and_then(|column| input.fields().get(column.index()));
        lost |= match made {
            Some(column) => field.metadata() != column.metadata(),
            None => !field.metadata().is_empty(),
        };
    }
    let schemas = [Some(output), planned].into_iter().flatten();
    Ok(lost.then(|| schemas.map(|schema| Arc::new(EmptyExec::new(schema)) as _).collect()))
}

/// The schema of the input over which the projection was made, if it differs from that of its input.
///
/// The optimizer can replace the input by a plan whose columns are never null, and keep the projection.
fn planned_input(
    projection: &ProjectionExec,
    input: &Arc<Columns>,
    output: &Columns,
) -> Result<Option<Arc<Columns>>> {
    let is_made_over = |schema: &Columns| -> Result<bool> {
        for (expr, field) in projection.expr().iter().zip(output.fields()) {
            let made = expr.expr.return_field(schema)?;
            if made.is_nullable() != field.is_nullable() || made.data_type() != field.data_type() {
                return Ok(false);
            }
        }
        Ok(true)
    };
    if is_made_over(input)? {
        return Ok(None);
    }
    let mut fields: Vec<FieldRef> = input.fields().iter().cloned().collect();
    let nullable = |field: &FieldRef| Arc::new(field.as_ref().clone().with_nullable(true));
    let all: Vec<FieldRef> = fields.iter().map(nullable).collect();
    for (expr, made) in projection.expr().iter().zip(output.fields()) {
        let column = expr.expr.downcast_ref::<Column>().map(Column::index);
        if let Some(field) = column.and_then(|index| fields.get_mut(index)) {
            *field = Arc::new(field.as_ref().clone().with_nullable(made.is_nullable()));
        }
    }
    for fields in [fields, all] {
        let schema = Columns::new_with_metadata(fields, input.metadata().clone());
        if is_made_over(&schema)? {
            return Ok(Some(Arc::new(schema)));
        }
    }
    Err(crate::fidelity::lost(format!(
        "the columns of a projection that may be null are others than its expressions say ({}): send the \
         logical plan",
        output.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(", ")
    )))
}

/// Restores the schema of a projection; `None` if the inputs are not as they were written.
pub(crate) fn restored(inputs: &[Arc<dyn ExecutionPlan>]) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let (plan, schema, planned) = match inputs {
        [plan, schema] => (plan, schema, None),
        [plan, schema, planned] => (plan, schema, Some(planned)),
        _ => return Ok(None),
    };
    let Some(projection) = plan.downcast_ref::<ProjectionExec>() else { return Ok(None) };
    let (exprs, input) = (projection.expr().to_vec(), Arc::clone(projection.input()));
    let over = match planned {
        Some(planned) if same_types(&planned.schema(), &input.schema()) => Arc::clone(planned),
        Some(_) => return Ok(None),
        None => Arc::clone(&input),
    };
    let made = ProjectionExec::try_new_with_schema_metadata(exprs, over, &schema.schema())?;
    replace_children_if_necessary(Arc::new(made), vec![input]).map(Some)
}

fn same_types(planned: &Columns, input: &Columns) -> bool {
    let types = |schema: &Columns| schema.fields().iter().map(|field| field.data_type().clone()).collect();
    let (planned, input): (Vec<_>, Vec<_>) = (types(planned), types(input));
    planned == input
}
