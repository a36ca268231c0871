//! Parcels: a message with its sort and the options under which it was made.
//!
//! A parcel is eight bytes, [`MAGIC`], and then a message of protobuf. It holds messages that go through the
//! gate as ever, and plain values; opening one of them is up to who knows what a session is.

use prost::Message as _;

use crate::error::WireError;
use crate::limits::{Excess, Limit, Limits};
use crate::plan::message_sort::Message as Sort;
use crate::preflight::shape::{count_fields, sole_field};

/// The first bytes of a parcel: its magic and its version.
pub const MAGIC: [u8; 8] = *b"PLANPCL\x01";

/// A message of some sort, with the options under which it was made.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Parcel {
    /// The content; `None` in a parcel of a sort that this release does not know.
    #[prost(oneof = "Content", tags = "1, 2, 3, 4, 5, 6, 7, 8")]
    pub content: Option<Content>,
}

/// The content of a parcel.
#[derive(Clone, PartialEq, prost::Oneof)]
#[expect(missing_docs, reason = "the words say it")]
#[expect(clippy::large_enum_variant, reason = "there is one of it at a time")]
pub enum Content {
    #[prost(bytes = "vec", tag = "1")]
    Expr(Vec<u8>),
    /// A function is the expression that calls it without arguments.
    #[prost(bytes = "vec", tag = "2")]
    ScalarUdf(Vec<u8>),
    #[prost(bytes = "vec", tag = "3")]
    AggregateUdf(Vec<u8>),
    #[prost(bytes = "vec", tag = "4")]
    WindowUdf(Vec<u8>),
    #[prost(message, tag = "5")]
    LogicalPlan(Plan),
    #[prost(message, tag = "6")]
    ExecutionPlan(Plan),
    #[prost(message, tag = "7")]
    Query(Plan),
    #[prost(message, tag = "8")]
    Session(Session),
}

/// A plan, and the options of the session that made it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Plan {
    /// The plan's own message.
    #[prost(bytes = "vec", tag = "1")]
    pub message: Vec<u8>,
    /// The options that affect its meaning and differ from DataFusion's defaults; `None` if they are not known.
    #[prost(message, optional, tag = "2")]
    pub options: Option<Options>,
}

/// Options by name.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Options {
    /// Each once.
    #[prost(message, repeated, tag = "1")]
    pub entries: Vec<Pair>,
}

/// A name and its value.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Pair {
    /// The name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// The value.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// Everything about a session that another process can make again.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Session {
    /// The options that are not as a session starts.
    #[prost(message, optional, tag = "1")]
    pub options: Option<Options>,
    /// The kind of memory pool.
    #[prost(string, tag = "2")]
    pub pool: String,
    /// Bytes in the pool.
    #[prost(uint64, tag = "3")]
    pub pool_size: u64,
    /// Where temporary files go.
    #[prost(string, tag = "4")]
    pub disk: String,
    /// Their directories.
    #[prost(string, repeated, tag = "5")]
    pub directories: Vec<String>,
    /// Whether files are tables by their names.
    #[prost(bool, tag = "6")]
    pub url_table: bool,
    /// The mode of each family.
    #[prost(message, repeated, tag = "7")]
    pub modes: Vec<Pair>,
    /// Who wins where a payload comes under the name of a registered function.
    #[prost(string, tag = "8")]
    pub precedence: String,
    /// The optimizer's rules that were taken out.
    #[prost(string, repeated, tag = "9")]
    pub without_rules: Vec<String>,
    /// Functions that are not DataFusion's own.
    #[prost(message, optional, tag = "10")]
    pub scalar_functions: Option<Functions>,
    /// Those of aggregates.
    #[prost(message, optional, tag = "11")]
    pub aggregate_functions: Option<Functions>,
    /// Those of windows.
    #[prost(message, optional, tag = "12")]
    pub window_functions: Option<Functions>,
    /// The catalogs.
    #[prost(message, repeated, tag = "13")]
    pub catalogs: Vec<Catalog>,
    /// The tables and views.
    #[prost(message, repeated, tag = "14")]
    pub tables: Vec<Table>,
}

/// Functions of one kind.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Functions {
    /// Each as a message.
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub messages: Vec<Vec<u8>>,
    /// The names of DataFusion's own that were taken out.
    #[prost(string, repeated, tag = "2")]
    pub without: Vec<String>,
}

/// A catalog and the names of its schemas.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Catalog {
    /// The catalog's name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its schemas.
    #[prost(string, repeated, tag = "2")]
    pub schemas: Vec<String>,
}

/// A table or a view.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Table {
    /// The catalog that it is in.
    #[prost(string, tag = "1")]
    pub catalog: String,
    /// The schema that it is in.
    #[prost(string, tag = "2")]
    pub schema: String,
    /// Its name.
    #[prost(string, tag = "3")]
    pub name: String,
    /// Whether the plan is that of a view, rather than one that reads the table.
    #[prost(bool, tag = "4")]
    pub view: bool,
    /// The statement that made it.
    #[prost(string, optional, tag = "5")]
    pub definition: Option<String>,
    /// The plan's message.
    #[prost(bytes = "vec", tag = "6")]
    pub message: Vec<u8>,
}

impl From<Content> for Parcel {
    fn from(content: Content) -> Self {
        Self { content: Some(content) }
    }
}

impl Content {
    /// The sort of the parcel, as words for a message.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Expr(_) => "expression",
            Self::ScalarUdf(_) => "scalar UDF",
            Self::AggregateUdf(_) => "aggregate UDF",
            Self::WindowUdf(_) => "window UDF",
            Self::LogicalPlan(_) => "logical plan",
            Self::ExecutionPlan(_) => "physical plan",
            Self::Query(_) => "query",
            Self::Session(_) => "session",
        }
    }

    /// The messages in it, which are decoded one by one.
    #[must_use]
    pub fn messages(&self) -> Vec<(Sort, &[u8])> {
        match self {
            Self::Expr(message)
            | Self::ScalarUdf(message)
            | Self::AggregateUdf(message)
            | Self::WindowUdf(message) => vec![(Sort::Expr, message)],
            Self::LogicalPlan(plan) | Self::Query(plan) => vec![(Sort::LogicalPlan, &plan.message)],
            Self::ExecutionPlan(plan) => vec![(Sort::PhysicalPlan, &plan.message)],
            Self::Session(session) => {
                let kinds =
                    [&session.scalar_functions, &session.aggregate_functions, &session.window_functions];
                let functions = kinds.into_iter().flatten().flat_map(|functions| &functions.messages);
                let functions = functions.map(|message| (Sort::Expr, message.as_slice()));
                let tables = session.tables.iter().map(|table| (Sort::LogicalPlan, table.message.as_slice()));
                functions.chain(tables).collect()
            }
        }
    }
}

impl Parcel {
    /// Whether bytes say that they are a parcel, of any version.
    #[must_use]
    pub fn is_one(bytes: &[u8]) -> bool {
        MAGIC.first_chunk::<7>().is_some_and(|name| bytes.starts_with(name))
    }

    /// What bytes say that they are the parcel of, in the words of [`Content::as_str`]; nothing is decoded.
    #[must_use]
    pub fn kind(bytes: &[u8]) -> Option<&'static str> {
        Some(match sole_field(bytes.strip_prefix(&MAGIC)?)? {
            1 => "expression",
            2 => "scalar UDF",
            3 => "aggregate UDF",
            4 => "window UDF",
            5 => "logical plan",
            6 => "physical plan",
            7 => "query",
            8 => "session",
            _ => return None,
        })
    }

    /// The bytes of the parcel.
    ///
    /// # Errors
    ///
    /// [`WireError::LimitExceeded`] if they are more than a message may have.
    pub fn to_bytes(&self, limits: &Limits) -> Result<Vec<u8>, WireError> {
        let mut bytes = MAGIC.to_vec();
        bytes.reserve(self.encoded_len());
        // A vector grows as it is needed.
        let _ = self.encode(&mut bytes);
        limits.check(Limit::Message, bytes.len()).map_err(Excess::on_encode)?;
        Ok(bytes)
    }

    /// Reads a parcel, and decodes no message in it.
    ///
    /// # Errors
    ///
    /// [`WireError::NotAParcel`] for other bytes, and for those of another version;
    /// [`WireError::LimitExceeded`] for more bytes or fields than a message may have.
    pub fn from_bytes(bytes: &[u8], limits: &Limits) -> Result<Content, WireError> {
        limits.check(Limit::Message, bytes.len()).map_err(Excess::on_decode)?;
        let Some(fields) = bytes.strip_prefix(&MAGIC) else {
            let newer = bytes.get(7).filter(|_| Self::is_one(bytes));
            return Err(not_one(match newer {
                Some(version) => format!("it has version {version}, and this release reads version 1"),
                None => "they do not open with its magic".to_owned(),
            }));
        };
        let count = count_fields(fields, HOLDS).map_err(not_one)?;
        limits.check(Limit::Nodes, count).map_err(Excess::on_decode)?;
        // Protobuf would take the last one, and who reads the first would be told something else.
        if !fields.is_empty() && sole_field(fields).is_none() {
            return Err(not_one("it holds more than one thing"));
        }
        match Self::decode(fields) {
            Ok(Self { content: Some(content) }) => Ok(content),
            Ok(Self { content: None }) => Err(not_one("it holds nothing that this release knows")),
            Err(error) => Err(not_one(error.to_string())),
        }
    }
}

fn not_one(fault: impl Into<String>) -> WireError {
    WireError::NotAParcel { fault: fault.into() }
}

/// The messages that stand in each sort of message of a parcel: its number, that of the field, and that of
/// what stands there.
const HOLDS: &[(u8, u32, u8)] = &[
    (PARCEL, 5, PLAN),
    (PARCEL, 6, PLAN),
    (PARCEL, 7, PLAN),
    (PARCEL, 8, SESSION),
    (PLAN, 2, LIST),
    (SESSION, 1, LIST),
    (SESSION, 7, LEAF),
    (SESSION, 10, LIST),
    (SESSION, 11, LIST),
    (SESSION, 12, LIST),
    (SESSION, 13, LIST),
    (SESSION, 14, LEAF),
];
const PARCEL: u8 = 0;
const PLAN: u8 = 1;
const SESSION: u8 = 2;
/// Options, functions or a catalog.
const LIST: u8 = 3;
const LEAF: u8 = 4;
