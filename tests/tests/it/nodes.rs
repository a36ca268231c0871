//! One node of every kind, and a codec that says which of its methods was called.

use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::common::{DFSchema, DFSchemaRef, TableReference, not_impl_err};
use datafusion::datasource::file_format::FileFormatFactory;
use datafusion::datasource::file_format::csv::CsvFormatFactory;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::functions_nested::all_default_higher_order_functions;
use datafusion::logical_expr::{
    AggregateUDF, ColumnarValue, Expr, Extension, HigherOrderUDF, LogicalPlan, LogicalPlanBuilder, ScalarUDF,
    UserDefinedLogicalNodeCore, WindowUDF,
};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr_common::physical_expr::proto_decode::PhysicalExprDecodeCtx;
use datafusion::physical_expr_common::physical_expr::proto_encode::PhysicalExprEncodeCtx;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use planwire_range_family::RangeTable;
use planwire_registry::{Node, SessionCodecs, WireError};

/// One node of every kind, none of which a family owns that is not told to.
pub(crate) fn one_of_each() -> Vec<Node> {
    let empty = Arc::new(EmptyExec::new(Arc::new(Schema::empty())));
    let higher_order = all_default_higher_order_functions().into_iter().next().unwrap();
    vec![
        Node::ScalarUdf(datafusion::functions::math::abs()),
        Node::AggregateUdf(datafusion::functions_aggregate::sum::sum_udaf()),
        Node::WindowUdf(datafusion::functions_window::row_number::row_number_udwf()),
        Node::HigherOrderUdf(higher_order),
        Node::TableProvider(Arc::new(RangeTable { end: 3 })),
        Node::FileFormat(Arc::new(CsvFormatFactory::new())),
        Node::LogicalNode(Extension { node: Arc::new(Annotated::over_nothing()) }),
        Node::PhysicalNode(Arc::new(CoalescePartitionsExec::new(empty))),
        Node::PhysicalExpr(Arc::new(Opaque)),
    ]
}

/// A logical node that holds expressions, which DataFusion cannot serialise.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Annotated {
    pub(crate) notes: Vec<Expr>,
    input: Option<LogicalPlan>,
    schema: DFSchemaRef,
}

impl Annotated {
    pub(crate) fn new(notes: Vec<Expr>) -> Self {
        Self { notes, input: None, schema: Arc::new(DFSchema::empty()) }
    }

    /// One with an input, which DataFusion encodes beside the node.
    fn over_nothing() -> Self {
        let nothing = LogicalPlanBuilder::empty(false).build().unwrap();
        Self { input: Some(nothing), ..Self::new(vec![]) }
    }
}

impl PartialOrd for Annotated {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.notes.partial_cmp(&other.notes)
    }
}

impl UserDefinedLogicalNodeCore for Annotated {
    fn name(&self) -> &str {
        "Annotated"
    }
    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.input.iter().collect()
    }
    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }
    fn expressions(&self) -> Vec<Expr> {
        self.notes.clone()
    }
    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Annotated: {:?}", self.notes)
    }
    fn with_exprs_and_inputs(&self, notes: Vec<Expr>, _: Vec<LogicalPlan>) -> Result<Self> {
        Ok(Self::new(notes))
    }
}

/// A physical expression that DataFusion cannot serialise.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Opaque;

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("opaque")
    }
}

impl PhysicalExpr for Opaque {
    fn data_type(&self, _: &Schema) -> Result<DataType> {
        Ok(DataType::Null)
    }
    fn nullable(&self, _: &Schema) -> Result<bool> {
        Ok(true)
    }
    fn evaluate(&self, _: &RecordBatch) -> Result<ColumnarValue> {
        not_impl_err!("never evaluated")
    }
    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![]
    }
    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(self)
    }
    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a [`Probe`] does when it is called.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Answer {
    /// Says that the node is not its own.
    Decline,
    /// Writes these bytes, and declines to decode.
    Write(&'static [u8]),
    /// Writes half of something and then fails, and fails to decode.
    Fail,
    /// Panics.
    Panic,
}

/// A codec that notes each method called, with the bytes it was given.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) answer: Answer,
    pub(crate) calls: Mutex<Vec<(&'static str, Vec<u8>)>>,
}

impl Probe {
    pub(crate) fn new(answer: Answer) -> Arc<Self> {
        Arc::new(Self { answer, calls: Mutex::default() })
    }

    pub(crate) fn methods(&self) -> Vec<&'static str> {
        self.calls.lock().unwrap().iter().map(|(method, _)| *method).collect()
    }

    fn encode(&self, method: &'static str, buf: &mut Vec<u8>) -> Result<()> {
        self.calls.lock().unwrap().push((method, buf.clone()));
        match self.answer {
            Answer::Decline => not_impl_err!("{method}"),
            Answer::Write(bytes) => {
                buf.extend_from_slice(bytes);
                Ok(())
            }
            Answer::Fail => {
                buf.extend_from_slice(b"half");
                datafusion::common::exec_err!("the probe fails")
            }
            Answer::Panic => panic!("over the way out"),
        }
    }

    fn decode<T>(&self, method: &'static str, buf: &[u8]) -> Result<T> {
        self.calls.lock().unwrap().push((method, buf.to_vec()));
        match self.answer {
            Answer::Fail => datafusion::common::exec_err!("the probe fails"),
            Answer::Panic => panic!("over the way in"),
            Answer::Decline | Answer::Write(_) => not_impl_err!("{method}"),
        }
    }
}

macro_rules! noted_functions {
    ($($node:ident $encode:ident $decode:ident;)+) => {$(
        fn $encode(&self, _: &$node, buf: &mut Vec<u8>) -> Result<()> {
            self.encode(stringify!($encode), buf)
        }
        fn $decode(&self, _: &str, buf: &[u8]) -> Result<Arc<$node>> {
            self.decode(stringify!($decode), buf)
        }
    )+};
    () => {
        noted_functions! {
            ScalarUDF try_encode_udf try_decode_udf;
            AggregateUDF try_encode_udaf try_decode_udaf;
            WindowUDF try_encode_udwf try_decode_udwf;
            HigherOrderUDF try_encode_higher_order_function try_decode_higher_order_function;
        }
    };
}

#[deny(clippy::missing_trait_methods)]
impl LogicalExtensionCodec for Probe {
    noted_functions!();

    fn try_encode(&self, _: &Extension, buf: &mut Vec<u8>) -> Result<()> {
        self.encode("try_encode", buf)
    }
    fn try_decode(&self, buf: &[u8], _: &[LogicalPlan], _: &TaskContext) -> Result<Extension> {
        self.decode("try_decode", buf)
    }
    fn try_encode_table_provider(
        &self,
        _: &TableReference,
        _: Arc<dyn TableProvider>,
        buf: &mut Vec<u8>,
    ) -> Result<()> {
        self.encode("try_encode_table_provider", buf)
    }
    fn try_decode_table_provider(
        &self,
        buf: &[u8],
        _: &TableReference,
        _: SchemaRef,
        _: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        self.decode("try_decode_table_provider", buf)
    }
    fn try_encode_file_format(&self, buf: &mut Vec<u8>, _: Arc<dyn FileFormatFactory>) -> Result<()> {
        self.encode("try_encode_file_format", buf)
    }
    fn try_decode_file_format(&self, buf: &[u8], _: &TaskContext) -> Result<Arc<dyn FileFormatFactory>> {
        self.decode("try_decode_file_format", buf)
    }
}

#[deny(clippy::missing_trait_methods)]
impl PhysicalExtensionCodec for Probe {
    noted_functions!();

    fn try_encode(
        &self,
        _: Arc<dyn ExecutionPlan>,
        buf: &mut Vec<u8>,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        self.encode("try_encode", buf)
    }
    fn try_decode(
        &self,
        buf: &[u8],
        _: &[Arc<dyn ExecutionPlan>],
        _: &TaskContext,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.decode("try_decode", buf)
    }
    fn try_encode_expr(
        &self,
        _: &Arc<dyn PhysicalExpr>,
        buf: &mut Vec<u8>,
        _: &PhysicalExprEncodeCtx<'_>,
    ) -> Result<()> {
        self.encode("try_encode_expr", buf)
    }
    fn try_decode_expr(
        &self,
        buf: &[u8],
        _: &[Arc<dyn PhysicalExpr>],
        _: &PhysicalExprDecodeCtx<'_>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        self.decode("try_decode_expr", buf)
    }
}

pub(crate) fn abs() -> Node {
    Node::ScalarUdf(datafusion::functions::math::abs())
}

pub(crate) fn with_terminal(codecs: &SessionCodecs, probe: &Arc<Probe>) -> SessionCodecs {
    codecs.with_terminal(Arc::clone(probe) as _, Arc::clone(probe) as _)
}

pub(crate) fn with_installed(codecs: &SessionCodecs, id: &str, probe: &Arc<Probe>) -> SessionCodecs {
    let codecs = codecs.with_logical_codec(id, Arc::clone(probe) as _).unwrap();
    codecs.with_physical_codec(id, Arc::clone(probe) as _).unwrap()
}

pub(crate) fn wire_error(error: &DataFusionError) -> &WireError {
    WireError::find(error).unwrap_or_else(|| panic!("untyped: {error}"))
}
