//! Contexts: what a family may use while it encodes or decodes.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::TableReference;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr_common::physical_expr::proto_decode::PhysicalExprDecodeCtx;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};

use crate::Kind;

/// The codec that the whole call uses, for what a node holds inside: plans and expressions encoded
/// or decoded through it stay under the same policy.
#[derive(Debug, Clone, Copy)]
pub enum CodecRef<'a> {
    /// The call is about a logical plan or expression.
    Logical(&'a dyn LogicalExtensionCodec),
    /// The call is about a physical plan.
    Physical(&'a dyn PhysicalExtensionCodec),
}

/// What a family may use while it encodes.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EncodeContext<'a> {
    /// The codec for what the node holds inside.
    pub codec: CodecRef<'a>,
}

/// What a family may use while it decodes.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct DecodeContext<'a> {
    /// Where in the plan the frame stood, and what DataFusion passes along there.
    pub place: Place<'a>,
    /// The codec for what the node holds inside.
    pub codec: CodecRef<'a>,
}

/// Where in a plan a frame stood, with what DataFusion passes along; one variant per [`Kind`].
#[derive(Clone, Copy)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are DataFusion's own, named by their types")]
pub enum Place<'a> {
    ScalarUdf {
        name: &'a str,
    },
    AggregateUdf {
        name: &'a str,
    },
    WindowUdf {
        name: &'a str,
    },
    HigherOrderUdf {
        name: &'a str,
    },
    TableProvider {
        table: &'a TableReference,
        schema: &'a SchemaRef,
        task: &'a TaskContext,
    },
    FileFormat {
        task: &'a TaskContext,
    },
    LogicalNode {
        inputs: &'a [LogicalPlan],
        task: &'a TaskContext,
    },
    PhysicalNode {
        inputs: &'a [Arc<dyn ExecutionPlan>],
        task: &'a TaskContext,
        converter: &'a dyn PhysicalProtoConverterExtension,
    },
    PhysicalExpr {
        inputs: &'a [Arc<dyn PhysicalExpr>],
        cx: &'a PhysicalExprDecodeCtx<'a>,
    },
}

impl Place<'_> {
    /// The kind that the plan expects here.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::ScalarUdf { .. } => Kind::ScalarUdf,
            Self::AggregateUdf { .. } => Kind::AggregateUdf,
            Self::WindowUdf { .. } => Kind::WindowUdf,
            Self::HigherOrderUdf { .. } => Kind::HigherOrderUdf,
            Self::TableProvider { .. } => Kind::TableProvider,
            Self::FileFormat { .. } => Kind::FileFormat,
            Self::LogicalNode { .. } => Kind::LogicalNode,
            Self::PhysicalNode { .. } => Kind::PhysicalNode,
            Self::PhysicalExpr { .. } => Kind::PhysicalExpr,
        }
    }

    /// The plan's own name for what stands here; empty where plans give none.
    ///
    /// It comes from the sender: escape it before showing it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::ScalarUdf { name }
            | Self::AggregateUdf { name }
            | Self::WindowUdf { name }
            | Self::HigherOrderUdf { name } => (*name).to_owned(),
            Self::TableProvider { table, .. } => table.to_string(),
            Self::FileFormat { .. }
            | Self::LogicalNode { .. }
            | Self::PhysicalNode { .. }
            | Self::PhysicalExpr { .. } => String::new(),
        }
    }
}
