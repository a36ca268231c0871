//! Nodes: the things themselves, borrowed for encoding and owned after decoding.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::datasource::file_format::FileFormatFactory;
use datafusion::datasource::sink::DataSinkExec;
use datafusion::logical_expr::{AggregateUDF, Extension, HigherOrderUDF, ScalarUDF, WindowUDF};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr_common::physical_expr::proto_encode::PhysicalExprEncodeCtx;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::PhysicalProtoConverterExtension;

use crate::plan::kind::Kind;

/// A thing that a family is asked to encode, with DataFusion's arguments; one variant per [`Kind`].
#[derive(Clone, Copy)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are DataFusion's own, named by their types")]
pub enum NodeRef<'a> {
    ScalarUdf(&'a ScalarUDF),
    AggregateUdf(&'a AggregateUDF),
    WindowUdf(&'a WindowUDF),
    HigherOrderUdf(&'a HigherOrderUDF),
    TableProvider { table: &'a TableReference, provider: &'a Arc<dyn TableProvider> },
    FileFormat(&'a Arc<dyn FileFormatFactory>),
    LogicalNode(&'a Extension),
    PhysicalNode { plan: &'a Arc<dyn ExecutionPlan>, converter: &'a dyn PhysicalProtoConverterExtension },
    PhysicalExpr { expr: &'a Arc<dyn PhysicalExpr>, cx: &'a PhysicalExprEncodeCtx<'a> },
}

impl NodeRef<'_> {
    /// The node's kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::ScalarUdf(_) => Kind::ScalarUdf,
            Self::AggregateUdf(_) => Kind::AggregateUdf,
            Self::WindowUdf(_) => Kind::WindowUdf,
            Self::HigherOrderUdf(_) => Kind::HigherOrderUdf,
            Self::TableProvider { .. } => Kind::TableProvider,
            Self::FileFormat(_) => Kind::FileFormat,
            Self::LogicalNode(_) => Kind::LogicalNode,
            Self::PhysicalNode { .. } => Kind::PhysicalNode,
            Self::PhysicalExpr { .. } => Kind::PhysicalExpr,
        }
    }

    /// The name that messages use for the node: a function's or table's own, a plan node's type.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::ScalarUdf(udf) => udf.name().to_owned(),
            Self::AggregateUdf(udf) => udf.name().to_owned(),
            Self::WindowUdf(udf) => udf.name().to_owned(),
            Self::HigherOrderUdf(udf) => udf.name().to_owned(),
            Self::TableProvider { table, .. } => table.to_string(),
            Self::FileFormat(format) => format.get_ext(),
            Self::LogicalNode(extension) => extension.node.name().to_owned(),
            Self::PhysicalNode { plan, .. } => plan.name().to_owned(),
            Self::PhysicalExpr { expr, .. } => expr.to_string(),
        }
    }

    /// The type of a table or a sink, which no name tells; `None` for any other node.
    pub(crate) fn made(&self) -> String {
        match self {
            Self::TableProvider { provider, .. } => type_of(provider),
            Self::PhysicalNode { plan, .. } => {
                plan.downcast_ref().map(|exec: &DataSinkExec| type_of(&exec.sink())).unwrap_or_default()
            }
            _ => String::new(),
        }
    }
}

/// The type that the text of `Debug` opens with.
fn type_of(value: &impl fmt::Debug) -> String {
    let text = opening(value, 64);
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// The start of the `Debug` text, without the rest, which may be long.
pub(crate) fn opening(value: &impl fmt::Debug, length: usize) -> String {
    struct Opening(String, usize);
    impl fmt::Write for Opening {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.push_str(text);
            if self.0.len() < self.1 { Ok(()) } else { Err(fmt::Error) }
        }
    }
    let mut text = Opening(String::new(), length);
    // It ends with an error as soon as there is enough.
    let _ = write!(text, "{value:?}");
    text.0
}

/// A thing that a family has decoded; one variant per [`Kind`].
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are DataFusion's own, named by their types")]
pub enum Node {
    ScalarUdf(Arc<ScalarUDF>),
    AggregateUdf(Arc<AggregateUDF>),
    WindowUdf(Arc<WindowUDF>),
    HigherOrderUdf(Arc<HigherOrderUDF>),
    TableProvider(Arc<dyn TableProvider>),
    FileFormat(Arc<dyn FileFormatFactory>),
    LogicalNode(Extension),
    PhysicalNode(Arc<dyn ExecutionPlan>),
    PhysicalExpr(Arc<dyn PhysicalExpr>),
}

impl Node {
    /// The node's kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::ScalarUdf(_) => Kind::ScalarUdf,
            Self::AggregateUdf(_) => Kind::AggregateUdf,
            Self::WindowUdf(_) => Kind::WindowUdf,
            Self::HigherOrderUdf(_) => Kind::HigherOrderUdf,
            Self::TableProvider(_) => Kind::TableProvider,
            Self::FileFormat(_) => Kind::FileFormat,
            Self::LogicalNode(_) => Kind::LogicalNode,
            Self::PhysicalNode(_) => Kind::PhysicalNode,
            Self::PhysicalExpr(_) => Kind::PhysicalExpr,
        }
    }
}

/// A type that DataFusion's codec traits return, as the variant of [`Node`] that holds it.
pub(crate) trait FromNode: Sized {
    /// Takes the value out, or nothing if the node is of another kind.
    fn from_node(node: Node) -> Option<Self>;
}

macro_rules! from_node {
    ($($variant:ident => $type:ty),+ $(,)?) => {$(
        impl FromNode for $type {
            fn from_node(node: Node) -> Option<Self> {
                match node {
                    Node::$variant(value) => Some(value),
                    _ => None,
                }
            }
        }
    )+};
}

from_node! {
    ScalarUdf => Arc<ScalarUDF>,
    AggregateUdf => Arc<AggregateUDF>,
    WindowUdf => Arc<WindowUDF>,
    HigherOrderUdf => Arc<HigherOrderUDF>,
    TableProvider => Arc<dyn TableProvider>,
    FileFormat => Arc<dyn FileFormatFactory>,
    LogicalNode => Extension,
    PhysicalNode => Arc<dyn ExecutionPlan>,
    PhysicalExpr => Arc<dyn PhysicalExpr>,
}
