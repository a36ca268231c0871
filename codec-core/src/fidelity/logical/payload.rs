//! Payloads of stand-ins: the lost part of an expression or a node, as protobuf.

use std::collections::BTreeMap;

use datafusion::common::TableReference;
use datafusion::common::metadata::FieldMetadata;
use datafusion::error::Result;
use datafusion::scalar::ScalarValue;
use prost::{Message, Oneof};

use crate::fidelity::malformed_node;
use crate::fidelity::options::Options;

/// The payload for an expression.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct ExprPayload {
    #[prost(oneof = "KeptExpr", tags = "1, 2, 3, 4, 5, 6, 7, 8, 9")]
    pub(crate) kept: Option<KeptExpr>,
}

/// The expressions with stand-ins. Their parts are the arguments of the call.
#[derive(Clone, PartialEq, Eq, Hash, Oneof)]
pub(crate) enum KeptExpr {
    /// The metadata of the alias around the call.
    #[prost(message, tag = "1")]
    Alias(Metadata),
    /// The lost part of the literal in the call.
    #[prost(message, tag = "2")]
    Literal(Literal),
    /// The name of the field of the cast or the placeholder in the call.
    #[prost(string, tag = "3")]
    FieldName(String),
    /// How a pattern is compared.
    #[prost(message, tag = "4")]
    Pattern(Pattern),
    /// `IN (subquery)`, or with true `NOT IN`: the call has an operand and a subquery.
    #[prost(bool, tag = "5")]
    In(bool),
    /// `EXISTS (subquery)`, or with true `NOT EXISTS`: the call has a subquery.
    #[prost(bool, tag = "6")]
    Exists(bool),
    /// An operand compared with any or all rows of a subquery.
    #[prost(message, tag = "7")]
    Comparison(Comparison),
    /// A column of the query around a subquery: the call has a placeholder of its type.
    #[prost(message, tag = "8")]
    Outer(Outer),
    /// A column sent without its table, which DataFusion would add to its name: the call has the column.
    #[prost(message, tag = "9")]
    Unqualified(Nothing),
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Metadata {
    #[prost(btree_map = "string, string", tag = "1")]
    pub(crate) entries: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Literal {
    #[prost(btree_map = "string, string", tag = "1")]
    pub(crate) metadata: BTreeMap<String, String>,
    /// Whether the number in the call, which has 32 bits, is one of 16.
    #[prost(bool, tag = "2")]
    pub(crate) half: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Pattern {
    #[prost(string, tag = "1")]
    pub(crate) escape: String,
    #[prost(bool, tag = "2")]
    pub(crate) case_insensitive: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Comparison {
    /// The name of the operator in DataFusion's protobuf.
    #[prost(string, tag = "1")]
    pub(crate) operator: String,
    /// `ALL` rather than `ANY`.
    #[prost(bool, tag = "2")]
    pub(crate) all: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Outer {
    #[prost(message, required, tag = "1")]
    pub(crate) relation: Relation,
    #[prost(string, tag = "2")]
    pub(crate) column: String,
    #[prost(string, tag = "3")]
    pub(crate) field: String,
}

/// The parts of a table's name, the table's own last; empty if there is no table.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Relation {
    #[prost(string, repeated, tag = "1")]
    pub(crate) parts: Vec<String>,
}

/// The payload for a node.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct NodePayload {
    #[prost(oneof = "KeptNode", tags = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11")]
    pub(crate) kept: Option<KeptNode>,
    /// Its expressions, each a message of its own.
    #[prost(bytes = "vec", repeated, tag = "15")]
    pub(crate) exprs: Vec<Vec<u8>>,
}

/// The nodes with stand-ins. Their inputs are the inputs of the stand-in.
#[derive(Clone, PartialEq, Eq, Hash, Oneof)]
pub(crate) enum KeptNode {
    /// A relation that the optimizer made empty; the input has its columns.
    #[prost(message, tag = "1")]
    Empty(Empty),
    /// Rows whose columns differ in name or type from those DataFusion would infer; the inputs are the rows and
    /// a table with the columns.
    #[prost(message, tag = "2")]
    Values(Columns),
    /// A union whose columns DataFusion would not derive from its inputs; the last input has them.
    #[prost(message, tag = "3")]
    Union(Columns),
    /// A limit that is no literal.
    #[prost(message, tag = "4")]
    Limit(Limit),
    /// A scan; the input is the part that DataFusion carries. The expressions are the filters that it does not
    /// carry, and the table's own.
    #[prost(message, tag = "5")]
    Scan(Scan),
    /// A `COPY TO`; the input is the part that DataFusion carries.
    #[prost(message, tag = "6")]
    Copy(CopyTo),
    /// A subquery that stands as a relation; the expressions are the outer columns that it refers to.
    #[prost(message, tag = "7")]
    Subquery(Nothing),
    /// `DISTRIBUTE BY` the expressions.
    #[prost(message, tag = "8")]
    DistributeBy(Nothing),
    /// `DESCRIBE`; the input has the columns.
    #[prost(message, tag = "9")]
    Describe(Nothing),
    /// A whole plan, under options of the session that made it.
    #[prost(message, tag = "10")]
    Under(Options),
    /// A sort that DataFusion would read as another one, by the expressions.
    #[prost(message, tag = "11")]
    Sort(SortBy),
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Nothing {}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Columns {
    /// The table of each column.
    #[prost(message, repeated, tag = "1")]
    pub(crate) relations: Vec<Relation>,
    /// The name of each column, if columns of different tables share one, which columns of one table may not;
    /// otherwise empty.
    #[prost(string, repeated, tag = "2")]
    pub(crate) names: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Empty {
    #[prost(bool, tag = "1")]
    pub(crate) produce_one_row: bool,
    #[prost(message, required, tag = "2")]
    pub(crate) columns: Columns,
}

/// Which of the two expressions are present.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Limit {
    #[prost(bool, tag = "1")]
    pub(crate) skip: bool,
    #[prost(bool, tag = "2")]
    pub(crate) fetch: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Scan {
    /// The name of the table in the plan.
    #[prost(message, required, tag = "1")]
    pub(crate) table: Relation,
    #[prost(uint64, optional, tag = "2")]
    pub(crate) fetch: Option<u64>,
    #[prost(message, optional, tag = "3")]
    pub(crate) projection: Option<Indices>,
    /// The pattern of each path of a listing table, empty for a path without one; no entries for other tables.
    #[prost(string, repeated, tag = "4")]
    pub(crate) globs: Vec<String>,
    #[prost(message, repeated, tag = "5")]
    pub(crate) constraints: Vec<Key>,
    /// The columns that have defaults, which are the expressions after the filters.
    #[prost(string, repeated, tag = "6")]
    pub(crate) defaults: Vec<String>,
    /// The orders of a table in memory; their expressions come last.
    #[prost(message, repeated, tag = "7")]
    pub(crate) orders: Vec<Order>,
}

/// A primary key, or columns that are unique otherwise.
#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Key {
    #[prost(bool, tag = "1")]
    pub(crate) primary: bool,
    #[prost(uint64, repeated, tag = "2")]
    pub(crate) columns: Vec<u64>,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Order {
    #[prost(message, repeated, tag = "1")]
    pub(crate) directions: Vec<Direction>,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Direction {
    #[prost(bool, tag = "1")]
    pub(crate) asc: bool,
    #[prost(bool, tag = "2")]
    pub(crate) nulls_first: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct SortBy {
    #[prost(uint64, optional, tag = "1")]
    pub(crate) fetch: Option<u64>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) directions: Vec<Direction>,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct Indices {
    #[prost(uint64, repeated, tag = "1")]
    pub(crate) columns: Vec<u64>,
}

#[derive(Clone, PartialEq, Eq, Hash, Message)]
pub(crate) struct CopyTo {
    #[prost(btree_map = "string, string", tag = "1")]
    pub(crate) options: BTreeMap<String, String>,
    /// The format's own options; `None` if the receiver's session gives them, or a codec carries the format.
    #[prost(oneof = "Format", tags = "2, 3, 4")]
    pub(crate) format: Option<Format>,
}

/// The options of a format, in DataFusion's protobuf for tables.
#[derive(Clone, PartialEq, Eq, Hash, Oneof)]
pub(crate) enum Format {
    #[prost(bytes = "vec", tag = "2")]
    Csv(Vec<u8>),
    #[prost(bytes = "vec", tag = "3")]
    Json(Vec<u8>),
    #[prost(bytes = "vec", tag = "4")]
    Parquet(Vec<u8>),
}

impl Metadata {
    pub(crate) fn of(metadata: &FieldMetadata) -> Self {
        Self { entries: metadata.inner().clone() }
    }

    pub(crate) fn to_field_metadata(&self) -> FieldMetadata {
        FieldMetadata::new(self.entries.clone())
    }
}

impl Literal {
    /// The lost part of a literal, if any.
    pub(crate) fn of(value: &ScalarValue, metadata: Option<&FieldMetadata>) -> Option<Self> {
        let half = matches!(value, ScalarValue::Float16(Some(_)));
        let metadata = metadata.map(|metadata| metadata.inner().clone()).unwrap_or_default();
        (half || !metadata.is_empty()).then_some(Self { metadata, half })
    }

    pub(crate) fn to_field_metadata(&self) -> FieldMetadata {
        FieldMetadata::new(self.metadata.clone())
    }
}

impl Relation {
    pub(crate) fn of(table: Option<&TableReference>) -> Self {
        Self { parts: table.map(TableReference::to_vec).unwrap_or_default() }
    }

    /// The table, if there is one.
    pub(crate) fn table(&self) -> Result<Option<TableReference>> {
        Ok(match &self.parts[..] {
            [] => None,
            [table] => Some(TableReference::bare(table.as_str())),
            [schema, table] => Some(TableReference::partial(schema.as_str(), table.as_str())),
            [catalog, schema, table] => {
                Some(TableReference::full(catalog.as_str(), schema.as_str(), table.as_str()))
            }
            _ => return malformed_node("a table's name has more than three parts"),
        })
    }
}
