//! Stand-ins of nodes: extension nodes that carry the lost part of a node and have its inputs.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::common::{DFSchema, DFSchemaRef};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::logical_expr::logical_plan::{
    DescribeTable, EmptyRelation, Limit, Projection, Repartition, Subquery, TableScan, Union, Values,
};
use datafusion::logical_expr::{
    Expr, ExprSchemable as _, Extension, FetchType, LogicalPlan, LogicalPlanBuilder, Partitioning, SkipType,
    UserDefinedLogicalNodeCore,
};

use crate::fidelity::logical::payload::{self as payload, Columns, KeptNode, Nothing, Relation};
use crate::fidelity::logical::{format, scan, sorts};
use crate::fidelity::malformed_node;

/// A node that stands in for a built-in one.
#[derive(Debug, Clone)]
pub(crate) struct StandInNode {
    pub(crate) kept: KeptNode,
    pub(crate) exprs: Vec<Expr>,
    inputs: Vec<LogicalPlan>,
    schema: DFSchemaRef,
    /// The built-in node, at a receiver.
    plan: Option<LogicalPlan>,
}

impl StandInNode {
    /// The stand-in for a node at the sender.
    pub(crate) fn leaving(
        kept: KeptNode,
        exprs: Vec<Expr>,
        inputs: Vec<LogicalPlan>,
        schema: &DFSchemaRef,
    ) -> Self {
        Self { kept, exprs, inputs, schema: Arc::clone(schema), plan: None }
    }

    /// The stand-in at the receiver, with its built-in node.
    pub(crate) fn restoring(kept: KeptNode, exprs: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let plan = restored(&kept, exprs.clone(), inputs.clone())?;
        Ok(Self { schema: Arc::clone(plan.schema()), kept, exprs, inputs, plan: Some(plan) })
    }

    /// Its built-in node, at a receiver.
    pub(crate) fn plan(&self) -> Option<LogicalPlan> {
        self.plan.clone()
    }

    /// Whether its inputs were made from the node itself, rather than taken over from it.
    pub(crate) const fn is_of_leaf(&self) -> bool {
        matches!(self.kept, KeptNode::Scan(_) | KeptNode::Values(_))
    }
}

/// The stand-in of a node of which DataFusion's protobuf would lose something.
///
/// It has the node's expressions. Its inputs are the node's, or else the part of the node that DataFusion
/// carries.
pub(crate) fn stand_in(plan: &LogicalPlan) -> Result<Option<StandInNode>> {
    let leaving = |kept, exprs, inputs| Ok(Some(StandInNode::leaving(kept, exprs, inputs, plan.schema())));
    match plan {
        LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row, schema })
            if !schema.fields().is_empty() =>
        {
            let empty = payload::Empty { produce_one_row: *produce_one_row, columns: columns_of(schema) };
            leaving(KeptNode::Empty(empty), vec![], vec![table_of(schema)?])
        }
        LogicalPlan::Values(values) if !is_inferred(values) => {
            let inputs = vec![plan.clone(), table_of(&values.schema)?];
            leaving(KeptNode::Values(columns_of(&values.schema)), vec![], inputs)
        }
        LogicalPlan::Union(Union { inputs, schema }) if !is_derived(inputs, schema) => {
            let kept = KeptNode::Union(columns_of(schema));
            let mut inputs: Vec<LogicalPlan> = inputs.iter().map(|input| input.as_ref().clone()).collect();
            inputs.push(table_of(schema)?);
            leaving(kept, vec![], inputs)
        }
        LogicalPlan::Limit(limit) if !is_literal(limit)? => {
            let kept =
                KeptNode::Limit(payload::Limit { skip: limit.skip.is_some(), fetch: limit.fetch.is_some() });
            let exprs = [&limit.skip, &limit.fetch].into_iter().flatten().map(|expr| *expr.clone()).collect();
            leaving(kept, exprs, vec![limit.input.as_ref().clone()])
        }
        LogicalPlan::TableScan(scan) => match scan::kept(scan)? {
            Some((kept, filters, carried)) => leaving(KeptNode::Scan(kept), filters, vec![carried]),
            None => Ok(None),
        },
        LogicalPlan::Copy(copy) => match format::kept(copy)? {
            Some((kept, carried)) => leaving(KeptNode::Copy(kept), vec![], vec![LogicalPlan::Copy(carried)]),
            None => Ok(None),
        },
        LogicalPlan::Subquery(Subquery { subquery, outer_ref_columns, .. }) => leaving(
            KeptNode::Subquery(Nothing {}),
            outer_ref_columns.clone(),
            vec![subquery.as_ref().clone()],
        ),
        LogicalPlan::Repartition(Repartition {
            input,
            partitioning_scheme: Partitioning::DistributeBy(exprs),
        }) => leaving(KeptNode::DistributeBy(Nothing {}), exprs.clone(), vec![input.as_ref().clone()]),
        LogicalPlan::Sort(sort) if sorts::is_lost(sort) => Ok(Some(sorts::stand_in(sort))),
        LogicalPlan::DescribeTable(DescribeTable { schema, .. }) => {
            let table = table_of(&DFSchema::try_from(Arc::clone(schema))?)?;
            leaving(KeptNode::Describe(Nothing {}), vec![], vec![table])
        }
        _ => Ok(None),
    }
}

/// Whether DataFusion would infer the same columns from the rows.
fn is_inferred(Values { schema, values }: &Values) -> bool {
    let nothing = DFSchema::empty();
    for (position, (relation, field)) in schema.iter().enumerate() {
        if relation.is_some() || *field.name() != format!("column{}", position + 1) {
            return false;
        }
        let (mut nullable, mut found) = (false, None);
        for expr in values.iter().filter_map(|row| row.get(position)) {
            // DataFusion reports a value without a type.
            let Ok((_, of_row)) = expr.to_field(&nothing) else { return true };
            nullable |= of_row.is_nullable();
            if of_row.metadata() != field.metadata() {
                return false;
            }
            if !of_row.data_type().is_null() {
                found.get_or_insert_with(|| of_row.data_type().clone());
            }
        }
        let found = found.unwrap_or(DataType::Null);
        if nullable != field.is_nullable() || found != *field.data_type() {
            return false;
        }
    }
    schema.metadata().is_empty()
}

/// Whether DataFusion would derive the same columns from the inputs of a union.
fn is_derived(inputs: &[Arc<LogicalPlan>], schema: &DFSchemaRef) -> bool {
    // A union by name declares its own columns for its inputs, whatever their expressions give.
    let of_expressions = |input: &Arc<LogicalPlan>| match input.as_ref() {
        LogicalPlan::Projection(Projection { expr, input, .. }) => {
            Projection::try_new(expr.clone(), Arc::clone(input)).map(LogicalPlan::Projection).map(Arc::new)
        }
        _ => Ok(Arc::clone(input)),
    };
    let inputs = inputs.iter().map(of_expressions).collect::<Result<Vec<_>>>();
    inputs.and_then(Union::try_new_with_loose_types).is_ok_and(|union| {
        union.schema.iter().eq(schema.iter()) && union.schema.metadata() == schema.metadata()
    })
}

fn is_literal(limit: &Limit) -> Result<bool> {
    let skip = matches!(limit.get_skip_type()?, SkipType::Literal(_));
    Ok(skip && matches!(limit.get_fetch_type()?, FetchType::Literal(_)))
}

/// A table with the columns of a schema and no rows, which DataFusion carries.
fn table_of(schema: &DFSchema) -> Result<LogicalPlan> {
    let mut schema = schema.as_arrow().clone();
    if shares_names(&schema) {
        let numbered = schema.fields().iter().enumerate();
        let fields: Vec<_> =
            numbered.map(|(number, field)| field.as_ref().clone().with_name(number.to_string())).collect();
        schema = Schema::new_with_metadata(fields, schema.metadata().clone());
    }
    let table = Arc::new(EmptyTable::new(Arc::new(schema)));
    LogicalPlanBuilder::scan("columns", provider_as_source(table), None)?.build()
}

fn columns_of(schema: &DFSchema) -> Columns {
    let relations = schema.iter().map(|(relation, _)| Relation::of(relation)).collect();
    let names = match shares_names(schema.as_arrow()) {
        true => schema.fields().iter().map(|field| field.name().clone()).collect(),
        false => Vec::new(),
    };
    Columns { relations, names }
}

fn shares_names(schema: &Schema) -> bool {
    let names: HashSet<&String> = schema.fields().iter().map(|field| field.name()).collect();
    names.len() < schema.fields().len()
}

/// The columns of such a table.
fn schema_of(Columns { relations, names }: &Columns, table: Option<&LogicalPlan>) -> Result<DFSchemaRef> {
    let schema = arrow_schema_of(table)?;
    let found = schema.fields().len();
    if found != relations.len() || !(names.is_empty() || names.len() == found) {
        return malformed_node(format!("{found} columns are of {} tables", relations.len()));
    }
    if names.iter().any(|name| name.contains('\0')) {
        return malformed_node("a name holds a zero byte");
    }
    let mut names = names.iter();
    let fields = relations.iter().zip(schema.fields()).map(|(relation, field)| {
        let field = match names.next() {
            Some(name) => Arc::new(field.as_ref().clone().with_name(name)),
            None => Arc::clone(field),
        };
        Ok((relation.table()?, field))
    });
    let schema = DFSchema::new_with_metadata(fields.collect::<Result<_>>()?, schema.metadata().clone())?;
    Ok(Arc::new(schema))
}

fn arrow_schema_of(table: Option<&LogicalPlan>) -> Result<Arc<Schema>> {
    match table {
        Some(LogicalPlan::TableScan(TableScan { source, .. })) => Ok(source.schema()),
        _ => malformed_node("it has no table with its columns"),
    }
}

/// The built-in node of a stand-in.
fn restored(kept: &KeptNode, exprs: Vec<Expr>, mut inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
    match kept {
        KeptNode::Empty(payload::Empty { produce_one_row, columns }) => {
            let schema = schema_of(columns, inputs.first())?;
            Ok(LogicalPlan::EmptyRelation(EmptyRelation { produce_one_row: *produce_one_row, schema }))
        }
        KeptNode::Values(columns) => {
            let schema = schema_of(columns, inputs.get(1))?;
            match inputs.into_iter().next() {
                Some(LogicalPlan::Values(Values { values, .. }))
                    if values.iter().all(|row| row.len() == schema.fields().len()) =>
                {
                    Ok(LogicalPlan::Values(Values { schema, values }))
                }
                _ => malformed_node("there are no rows of so many columns"),
            }
        }
        KeptNode::Union(columns) => {
            let table = inputs.pop();
            let schema = schema_of(columns, table.as_ref())?;
            let fits = |input: &LogicalPlan| input.schema().fields().len() == schema.fields().len();
            if inputs.len() < 2 || !inputs.iter().all(fits) {
                return malformed_node("a union is not of inputs with its columns");
            }
            let inputs = inputs.into_iter().map(Arc::new).collect();
            Ok(LogicalPlan::Union(Union { inputs, schema }))
        }
        KeptNode::Limit(payload::Limit { skip, fetch }) => {
            let (input, mut exprs) = (only(inputs)?, exprs.into_iter().map(Box::new));
            let skip = if *skip { exprs.next() } else { None };
            let fetch = if *fetch { exprs.next() } else { None };
            Ok(LogicalPlan::Limit(Limit { skip, fetch, input: Arc::new(input) }))
        }
        KeptNode::Under(_) => only(inputs),
        KeptNode::Sort(kept) => sorts::restored(kept, exprs, only(inputs)?),
        KeptNode::Scan(scan) => scan::restored(scan, exprs, only(inputs)?),
        KeptNode::Copy(kept) => match only(inputs)? {
            LogicalPlan::Copy(copy) => Ok(LogicalPlan::Copy(format::restored(kept, copy)?)),
            _ => malformed_node("there is no COPY TO that its options belong to"),
        },
        KeptNode::Subquery(_) => Ok(LogicalPlan::Subquery(Subquery {
            subquery: Arc::new(only(inputs)?),
            outer_ref_columns: exprs,
            spans: Default::default(),
        })),
        KeptNode::DistributeBy(_) => Ok(LogicalPlan::Repartition(Repartition {
            input: Arc::new(only(inputs)?),
            partitioning_scheme: Partitioning::DistributeBy(exprs),
        })),
        KeptNode::Describe(_) => {
            let schema = arrow_schema_of(inputs.first())?;
            let output_schema = Arc::new(DFSchema::try_from(LogicalPlan::describe_schema())?);
            Ok(LogicalPlan::DescribeTable(DescribeTable { schema, output_schema }))
        }
    }
}

fn only(inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
    match <[LogicalPlan; 1]>::try_from(inputs) {
        Ok([input]) => Ok(input),
        Err(inputs) => malformed_node(format!("{} inputs instead of one", inputs.len())),
    }
}

/// The extension node of a stand-in.
pub(crate) fn extension(node: StandInNode) -> LogicalPlan {
    LogicalPlan::Extension(Extension { node: Arc::new(node) })
}

/// The stand-in of an extension node that is one.
pub(crate) fn stand_in_of(plan: &LogicalPlan) -> Option<&StandInNode> {
    let LogicalPlan::Extension(Extension { node }) = plan else { return None };
    node.as_any().downcast_ref()
}

impl UserDefinedLogicalNodeCore for StandInNode {
    fn name(&self) -> &str {
        "PlanwireKept"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.inputs.iter().collect()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlanwireKept: a node that planwire's own `from_bytes` restores")
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        match self.plan {
            Some(_) => Self::restoring(self.kept.clone(), self.exprs.clone(), inputs),
            None => Ok(Self { inputs, ..self.clone() }),
        }
    }
}

impl PartialEq for StandInNode {
    fn eq(&self, other: &Self) -> bool {
        self.kept == other.kept && self.exprs == other.exprs && self.inputs == other.inputs
    }
}

impl Eq for StandInNode {}

impl PartialOrd for StandInNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

impl Hash for StandInNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.kept, &self.exprs, &self.inputs).hash(state);
    }
}
