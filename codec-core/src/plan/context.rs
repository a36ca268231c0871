//! Contexts: what a family may use while it encodes or decodes.

use std::fmt;
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

use crate::call::{Call, CallState};
use crate::error::{Cause, WireError};
use crate::family::FamilyName;
use crate::plan::kind::Kind;
use crate::plan::node::NodeRef;
use crate::preflight::limits::Limits;

/// The codec that the whole call uses, as DataFusion's own functions take it.
///
/// It keeps the policy of the call and none of its limits: bytes that are parsed with it may overflow the
/// stack. What a node holds inside is better decoded by [`DecodeContext::expr_from_bytes`] and its like.
#[derive(Debug, Clone, Copy)]
pub enum CodecRef<'a> {
    /// The call is about a logical plan or expression.
    Logical(&'a dyn LogicalExtensionCodec),
    /// The call is about a physical plan.
    Physical(&'a dyn PhysicalExtensionCodec),
}

/// How a call becomes the codec of its layer.
pub(crate) type AsCodec<C> = for<'x> fn(&'x Call<C>) -> CodecRef<'x>;

/// What a family may use while it encodes.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct EncodeContext<'a> {
    /// The codec of the call, for what the methods of this context do not encode.
    pub codec: CodecRef<'a>,
    pub(crate) call: &'a Arc<CallState>,
    pub(crate) family: FamilyName,
    pub(crate) node: NodeRef<'a>,
}

impl EncodeContext<'_> {
    /// The limits that a receiver is expected to hold the message against.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.call.limits()
    }

    /// The error for a node that is the family's own and cannot be carried, with the reason or the cause.
    ///
    /// A cause that is a [`WireError`] already, e.g. of a function inside the node, stays what it is.
    #[must_use]
    pub fn cannot_carry(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WireError {
        let (family, kind) = (self.family, self.node.kind());
        let source = source.into();
        match WireError::find(&*source) {
            Some(found) => found.clone(),
            None => WireError::Encode { family, kind, name: self.node.name(), source: Cause::from(source) },
        }
    }
}

impl fmt::Debug for EncodeContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncodeContext").field("codec", &self.codec).finish_non_exhaustive()
    }
}

/// What a family may use while it decodes.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct DecodeContext<'a> {
    /// Where in the plan the frame stood, and what DataFusion passes along there.
    pub place: Place<'a>,
    /// The codec of the call, for what the methods of this context do not decode.
    pub codec: CodecRef<'a>,
    pub(crate) call: &'a Arc<CallState>,
}

impl DecodeContext<'_> {
    /// The limits that the message is held against.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.call.limits()
    }
}

/// Where in a plan a frame stood, with what DataFusion passes along; one variant per [`Kind`].
///
/// The inputs of a node are no part of its payload: DataFusion carries them beside it and passes them here.
/// How many there are is up to the sender.
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
