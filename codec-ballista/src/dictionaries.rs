//! Dictionaries between stages: executors write plain arrays of them and read dictionaries again.
//!
//! Ballista sends some rows by Arrow Flight, which makes plain arrays of dictionaries, and reads others from files as
//! they are; what follows takes all of them for dictionaries.

use std::fmt;
use std::sync::Arc;

use ballista_core::execution_plans::{RangeShuffleReaderExec, ShuffleReaderExec};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::{CastOptions, can_cast_types, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, PlanProperties,
};
use futures::StreamExt as _;

/// A node that writes a shuffle, with the dictionaries of its input made plain.
pub(crate) fn on_leaving(writer: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let input = match *writer.children() {
        [input] => Arc::clone(input),
        _ => return internal_err!("a node that writes a shuffle has one input"),
    };
    match plain(&input.schema()) {
        Some(schema) => replace_children_if_necessary(writer, vec![Arc::new(CastsExec::new(input, schema))]),
        None => Ok(writer),
    }
}

/// A node that reads a shuffle, with the dictionaries made again that are plain there. Other nodes stay as they are.
pub(crate) fn on_arriving(reader: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let Some(schema) = plain(&reader.schema()) else { return Ok(reader) };
    let plain: Arc<dyn ExecutionPlan> = if let Some(shuffle) = reader.downcast_ref::<ShuffleReaderExec>() {
        Arc::new(with_schema(shuffle, schema)?)
    } else if let Some(shuffle) = reader.downcast_ref::<RangeShuffleReaderExec>() {
        let (locations, ordering) = (shuffle.partition.clone(), shuffle.merge_ordering().clone());
        let read = RangeShuffleReaderExec::try_new(shuffle.stage_id, locations, schema, ordering)?;
        let read = read.with_fetch_limit(shuffle.fetch());
        Arc::new(match shuffle.bounds() {
            Some(bounds) => read.with_bounds(bounds.to_vec())?,
            None => read,
        })
    } else {
        return Ok(reader);
    };
    Ok(Arc::new(CastsExec::new(plain, reader.schema())))
}

fn with_schema(shuffle: &ShuffleReaderExec, schema: SchemaRef) -> Result<ShuffleReaderExec> {
    let (stage, locations) = (shuffle.stage_id, shuffle.partition.clone());
    let partitioning = shuffle.properties().output_partitioning().clone();
    match (&shuffle.coalesce, shuffle.broadcast) {
        (_, true) => {
            let upstream = shuffle.upstream_partition_count;
            let locations = locations.into_iter().flatten().collect();
            ShuffleReaderExec::try_new_broadcast(stage, locations, schema, upstream)
        }
        (Some(coalesce), false) => {
            ShuffleReaderExec::try_new_coalesced(stage, locations, coalesce.clone(), schema, partitioning)
        }
        (None, false) => ShuffleReaderExec::try_new(stage, locations, schema, partitioning),
    }
}

/// Rows with the types of a schema, such as dictionaries for plain arrays.
pub(crate) fn cast(rows: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let found = rows.schema();
    let pairs = || found.fields().iter().zip(schema.fields());
    if pairs().all(|(found, wanted)| found.data_type() == wanted.data_type()) {
        return Ok(rows);
    }
    // Columns keep their word on nulls, which the rows may know better than the plan.
    let fields: Vec<_> = pairs()
        .map(|(found, wanted)| Field::clone(found).with_data_type(wanted.data_type().clone()))
        .collect();
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let columns = rows.columns().iter().zip(&fields);
    let columns = columns.map(|(column, wanted)| cast_with_options(column, wanted.data_type(), &options));
    let columns = columns.collect::<Result<_, _>>()?;
    let schema = Schema::new_with_metadata(fields, found.metadata().clone());
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}

/// The schema with plain types for dictionaries; `None` if it has none.
fn plain(schema: &Schema) -> Option<SchemaRef> {
    let fields: Vec<FieldRef> = schema.fields().iter().map(plain_field).collect();
    let is_plain = schema.fields().iter().zip(&fields).all(|(before, after)| before == after);
    (!is_plain).then(|| Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())))
}

fn plain_field(field: &FieldRef) -> FieldRef {
    let wanted = plain_type(field.data_type());
    if wanted == *field.data_type() {
        return Arc::clone(field);
    }
    Arc::new(Field::clone(field).with_data_type(wanted))
}

/// A type with the values of dictionaries in their place, as far as arrays of it can be cast there and back.
fn plain_type(of: &DataType) -> DataType {
    match of {
        DataType::Dictionary(_, values) if can_cast_types(values, of) => plain_type(values),
        DataType::List(item) => DataType::List(plain_field(item)),
        DataType::LargeList(item) => DataType::LargeList(plain_field(item)),
        DataType::FixedSizeList(item, size) => DataType::FixedSizeList(plain_field(item), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain_field).collect()),
        other => other.clone(),
    }
}

/// Casts columns, and keeps the rows as they come.
#[derive(Debug)]
struct CastsExec {
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl CastsExec {
    fn new(input: Arc<dyn ExecutionPlan>, schema: SchemaRef) -> Self {
        // A dictionary is ordered as its values are.
        let orderings = input.output_ordering().cloned();
        let properties = PlanProperties::new(
            EquivalenceProperties::new_with_orderings(schema, orderings),
            input.output_partitioning().clone(),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        Self { input, properties: Arc::new(properties) }
    }
}

impl DisplayAs for CastsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CastsExec")
    }
}

impl ExecutionPlan for CastsExec {
    fn name(&self) -> &'static str {
        "CastsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match (children.pop(), children.is_empty()) {
            (Some(input), true) => Ok(Arc::new(Self::new(input, self.schema()))),
            _ => internal_err!("it has one input"),
        }
    }

    fn execute(&self, partition: usize, task: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = self.schema();
        let rows = self.input.execute(partition, task)?;
        let wanted = Arc::clone(&schema);
        let rows = rows.map(move |rows| rows.and_then(|rows| cast(rows, &wanted)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}
