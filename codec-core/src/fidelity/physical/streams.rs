//! Streams of files that are read as they grow: DataFusion's protobuf has no message for them.
//!
//! Their fields have no getters, so they are parsed from the `Debug` text, and the result is checked by
//! comparing its text with the original.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::compute::SortOptions;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::catalog::stream::{FileStreamProvider, StreamConfig, StreamEncoding, StreamTable};
use datafusion::common::exec_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::{SortExpr, ident};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::streaming::StreamingTableExec;

use crate::fidelity::answers::at_once;
use crate::fidelity::physical::kept::{What, Whole};
use crate::plan::node::opening;

/// A stream of a file. Its input is an empty plan of its schema.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Stream {
    #[prost(string, tag = "1")]
    location: String,
    /// Whether the file has objects of JSON, rather than CSV.
    #[prost(bool, tag = "2")]
    json: bool,
    #[prost(bool, tag = "3")]
    header: bool,
    #[prost(uint64, tag = "4")]
    batch_size: u64,
    #[prost(message, repeated, tag = "5")]
    orders: Vec<Order>,
    /// The columns that are read, if not all are.
    #[prost(message, optional, tag = "6")]
    projection: Option<Columns>,
    #[prost(uint64, optional, tag = "7")]
    limit: Option<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Order {
    #[prost(message, repeated, tag = "1")]
    columns: Vec<Sorted>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Sorted {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(bool, tag = "2")]
    descending: bool,
    #[prost(bool, tag = "3")]
    nulls_first: bool,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Columns {
    #[prost(uint64, repeated, tag = "1")]
    indices: Vec<u64>,
}

/// The limit on rows that a receiver reads at once.
const MOST: usize = 65_536;

/// Orders that a stream may have.
const MOST_ORDERS: usize = 64;

/// The start of the text of such a stream.
const READ: &str = "StreamRead(StreamConfig { source: FileStreamProvider { ";

/// The payload for a stream, and its input; `None` for any other node.
///
/// # Errors
///
/// If its text cannot be parsed.
pub(crate) fn whole(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Whole>> {
    let Some(exec) = plan.downcast_ref::<StreamingTableExec>() else { return Ok(None) };
    let [partition] = &exec.partitions()[..] else { return Ok(None) };
    if !opening(partition, READ.len()).starts_with(READ) {
        return Ok(None);
    }
    let schema = exec.partition_schema();
    let Some(told) = Stream::told(&format!("{partition:?}"), schema) else { return Err(untold()) };
    let orders = exec.projected_output_ordering().into_iter().map(|ordering| {
        let columns = ordering.iter().map(|sort| {
            let column = sort.expr.downcast_ref::<Column>()?;
            let SortOptions { descending, nulls_first } = sort.options;
            Some(Sorted { name: column.name().to_owned(), descending, nulls_first })
        });
        Some(Order { columns: columns.collect::<Option<_>>()? })
    });
    let Some(orders) = orders.collect::<Option<Vec<_>>>() else { return Err(untold()) };
    if orders.len() > MOST_ORDERS {
        return Err(crate::fidelity::lost(format!(
            "a stream of a file with {} orders, of which {MOST_ORDERS} travel: register the table at the receiver",
            orders.len()
        )));
    }
    let indices = |columns: &Arc<[usize]>| columns.iter().map(|column| *column as u64).collect();
    let projection = exec.projection().as_ref().map(|columns| Columns { indices: indices(columns) });
    let stream = Stream { orders, projection, limit: exec.limit().map(|limit| limit as u64), ..told };
    Ok(Some((What::Stream(stream), vec![Arc::new(EmptyExec::new(Arc::clone(schema)))])))
}

fn untold() -> DataFusionError {
    crate::fidelity::lost(
        "a stream of a file does not tell where it reads and in which order: register the table at the receiver",
    )
}

/// Rebuilds the stream; `None` if its input is not as it was written.
///
/// # Errors
///
/// If the session does not read local files.
pub(crate) fn restored(
    kept: &Stream,
    inputs: &[Arc<dyn ExecutionPlan>],
    task: &TaskContext,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let [schema] = inputs else { return Ok(None) };
    let fields = schema.schema().fields().len();
    // DataFusion compares each order with each other one.
    let orders = kept.orders.iter().map(|order| order.columns.len());
    let read = kept.projection.as_ref().map_or(0, |columns| columns.indices.len());
    if kept.orders.len() > MOST_ORDERS || orders.max().unwrap_or_default() > fields || read > fields {
        return Ok(None);
    }
    // DataFusion opens a stream by its path, even if the session has other object stores.
    if task.runtime_env().object_store(ObjectStoreUrl::local_filesystem()).is_err() {
        return exec_err!("a stream of a file is not read by a session without a store for file://");
    }
    let table = kept.table(schema.schema());
    let columns = kept.projection.as_ref().map(|columns| {
        let index = |index: &u64| usize::try_from(*index).ok().filter(|index| *index < fields);
        columns.indices.iter().map(index).collect::<Option<Vec<_>>>()
    });
    let Some(columns) = columns.map_or(Some(None), |columns| columns.map(Some)) else { return Ok(None) };
    let limit = kept.limit.and_then(|limit| usize::try_from(limit).ok());
    scanned(&table, columns.as_ref(), limit).map(Some)
}

/// The plan that reads a stream's table; `None` for any other table.
///
/// # Errors
///
/// If the table has constraints, which its plan cannot carry.
pub(crate) fn plan(provider: &Arc<dyn TableProvider>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(table) = provider.downcast_ref::<StreamTable>() else { return Ok(None) };
    if table.constraints().is_some_and(|constraints| !constraints.is_empty()) {
        return Err(crate::fidelity::lost(
            "the constraints of a stream of a file do not travel: register the table at the receiver",
        ));
    }
    let plan = scanned(table, None, None)?;
    // Other streams have plans too, which nothing carries.
    let carried = whole(&plan)?.is_some();
    Ok(carried.then_some(plan))
}

/// The table that such a plan reads; `None` for any other plan.
pub(crate) fn table(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<StreamTable>> {
    match whole(plan)? {
        Some((What::Stream(stream), inputs)) => {
            Ok(inputs.first().map(|schema| stream.table(schema.schema())))
        }
        _ => Ok(None),
    }
}

fn scanned(
    table: &StreamTable,
    columns: Option<&Vec<usize>>,
    limit: Option<usize>,
) -> Result<Arc<dyn ExecutionPlan>> {
    // A session is needed only for functions in an order, and there are none.
    let state = SessionStateBuilder::new().build();
    at_once(table.scan(&state, columns, &[], limit))
}

impl Stream {
    /// The contents of a stream's text: the path of the file, its format, and the rows read at once.
    fn told(text: &str, schema: &SchemaRef) -> Option<Self> {
        let rest = text.strip_prefix(READ)?.strip_prefix("location: ")?;
        let location = unquoted(rest)?;
        let found = [(false, false), (false, true), (true, false), (true, true)].map(|(json, header)| {
            let stream = Self { location: location.clone(), json, header, ..Self::default() };
            // The part after the schema, which can contain any text.
            let source = format!("{:?}", stream.source(Arc::clone(schema), 0));
            let before =
                format!("{}{}", READ.strip_suffix("FileStreamProvider { ")?, source.strip_suffix("0 }")?);
            let (batch_size, _) = text.strip_prefix(&before)?.split_once(" }, order: ")?;
            Some(Self { batch_size: batch_size.parse().ok()?, ..stream })
        });
        found.into_iter().flatten().next()
    }

    fn source(&self, schema: SchemaRef, batch_size: usize) -> FileStreamProvider {
        let encoding = if self.json { StreamEncoding::Json } else { StreamEncoding::Csv };
        FileStreamProvider::new_file(schema, PathBuf::from(&self.location))
            .with_encoding(encoding)
            .with_header(self.header)
            .with_batch_size(batch_size)
    }

    fn table(&self, schema: SchemaRef) -> StreamTable {
        let batch_size = usize::try_from(self.batch_size).unwrap_or(MOST).clamp(1, MOST);
        let sort = |Sorted { name, descending, nulls_first }: &Sorted| {
            SortExpr::new(ident(name), !descending, *nulls_first)
        };
        let orders = self.orders.iter().map(|order| order.columns.iter().map(sort).collect());
        let config = StreamConfig::new(Arc::new(self.source(schema, batch_size)));
        StreamTable::new(Arc::new(config.with_order(orders.collect())))
    }
}

/// The quoted text at the start of another, as `Debug` writes it.
fn unquoted(text: &str) -> Option<String> {
    let (mut found, mut letters) = (String::new(), text.strip_prefix('"')?.chars());
    loop {
        match letters.next()? {
            '"' => return Some(found),
            '\\' => found.push(match letters.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '0' => '\0',
                'u' => {
                    let code: String = letters.by_ref().take_while(|letter| *letter != '}').collect();
                    char::from_u32(u32::from_str_radix(code.strip_prefix('{')?, 16).ok()?)?
                }
                letter @ ('\\' | '"' | '\'') => letter,
                _ => return None,
            }),
            letter => found.push(letter),
        }
    }
}
