//! Recursive queries, for which DataFusion's protobuf has no message.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::recursive_query::RecursiveQueryExec;
use datafusion::physical_plan::work_table::WorkTableExec;

use crate::fidelity::physical::kept::{What, Whole};

/// A recursive query. Its inputs are the first term, the repeated term, and an empty plan with its schema.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Recursive {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(bool, tag = "2")]
    distinct: bool,
}

/// The rows of the last repetition. Its input is an empty plan with their schema.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct WorkTable {
    #[prost(string, tag = "1")]
    name: String,
    /// The columns that are read, if not all are.
    #[prost(message, optional, tag = "2")]
    projection: Option<Columns>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Columns {
    #[prost(uint32, repeated, tag = "1")]
    indices: Vec<u32>,
}

/// The payload for a node without a DataFusion message, and its inputs; `None` for any other node.
///
/// # Errors
///
/// If the columns that are read of the last repetition cannot be determined.
pub(crate) fn whole(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Whole>> {
    if let Some(query) = plan.downcast_ref::<RecursiveQueryExec>() {
        let kept = Recursive { name: query.name().to_owned(), distinct: query.is_distinct() };
        let terms = [Arc::clone(query.static_term()), Arc::clone(query.recursive_term())];
        let schema: Arc<dyn ExecutionPlan> = Arc::new(EmptyExec::new(plan.schema()));
        return Ok(Some((What::Recursive(kept), terms.into_iter().chain([schema]).collect())));
    }
    let Some(table) = plan.downcast_ref::<WorkTableExec>() else { return Ok(None) };
    let projection = projection(table)?;
    let schema = match &projection {
        None => table.schema(),
        Some(columns) => whole_schema(columns, &table.schema()),
    };
    let kept = WorkTable { name: table.name().to_owned(), projection };
    Ok(Some((What::WorkTable(kept), vec![Arc::new(EmptyExec::new(schema))])))
}

/// The columns that are read, taken from the `Debug` text, the only place that has them.
fn projection(table: &WorkTableExec) -> Result<Option<Columns>> {
    let (text, fields) = (format!("{table:?}"), table.schema().fields().len());
    let Some((_, after)) = text.rsplit_once(", projection: ") else { return Err(untold()) };
    if after.starts_with("None, work_table: ") {
        return Ok(None);
    }
    let listed = after.strip_prefix("Some([").and_then(|rest| rest.split_once("]), work_table: "));
    let Some((listed, _)) = listed else { return Err(untold()) };
    let indices = listed.split(", ").filter(|index| !index.is_empty()).map(str::parse);
    match indices.collect::<Result<Vec<_>, _>>() {
        Ok(indices) if indices.len() == fields => Ok(Some(Columns { indices })),
        _ => Err(untold()),
    }
}

fn untold() -> datafusion::error::DataFusionError {
    crate::fidelity::lost("the recursive query does not tell which columns it reads of its last repetition")
}

/// A schema in which the columns that are read are `read`; the others do not matter.
fn whole_schema(columns: &Columns, read: &Schema) -> Arc<Schema> {
    let count = columns.indices.iter().max().map_or(0, |last| *last as usize + 1);
    let unread: FieldRef = Arc::new(Field::new("unread", DataType::Null, true));
    let mut fields = vec![unread; count];
    for (index, field) in columns.indices.iter().zip(read.fields()) {
        if let Some(slot) = fields.get_mut(*index as usize) {
            *slot = Arc::clone(field);
        }
    }
    Arc::new(Schema::new_with_metadata(fields, read.metadata().clone()))
}

/// Rebuilds the query; `None` if its inputs are not as they were written.
pub(crate) fn query(
    kept: &Recursive,
    inputs: &[Arc<dyn ExecutionPlan>],
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let [first, repeated, schema] = inputs else { return Ok(None) };
    let (first, repeated, name) = (Arc::clone(first), Arc::clone(repeated), kept.name.clone());
    let query = RecursiveQueryExec::try_new(name, schema.schema(), first, repeated, kept.distinct)?;
    Ok(Some(Arc::new(query)))
}

/// Rebuilds the table; `None` if its input is not as it was written.
pub(crate) fn work_table(
    kept: &WorkTable,
    inputs: &[Arc<dyn ExecutionPlan>],
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let [schema] = inputs else { return Ok(None) };
    let indices = |columns: &Columns| columns.indices.iter().map(|index| *index as usize).collect();
    let projection = kept.projection.as_ref().map(indices);
    Ok(Some(Arc::new(WorkTableExec::new(kept.name.clone(), schema.schema(), projection)?)))
}
