//! Contexts: the tools of a family that encodes or decodes.

use std::fmt;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::TableReference;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr_common::physical_expr::proto_decode::PhysicalExprDecodeCtx;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionContext;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};

use crate::error::{Cause, WireError};
use crate::family::around::{Around, Held};
use crate::limits::Limits;
use crate::plan::kind::Kind;
use crate::plan::node::NodeRef;
use crate::wire::family_name::FamilyName;

/// The functions in which names are looked up where DataFusion does not say which functions are registered.
static BUILT_IN: LazyLock<Arc<TaskContext>> = LazyLock::new(|| SessionContext::new().task_ctx());

/// The codec that the whole call uses, in the form that DataFusion's own functions take.
///
/// It keeps the policy of the call and none of its limits: bytes that are parsed with it may overflow the
/// stack. Decode the parts inside a node with [`DecodeContext::expr_from_bytes`] and its like instead.
#[derive(Debug, Clone, Copy)]
pub enum CodecRef<'a> {
    /// The call is about a logical plan or expression.
    Logical(&'a dyn LogicalExtensionCodec),
    /// The call is about a physical plan.
    Physical(&'a dyn PhysicalExtensionCodec),
}

/// The context of a family that encodes a node.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct EncodeContext<'a> {
    /// The codec of the call, for parts that the methods of this context do not encode.
    pub codec: CodecRef<'a>,
    pub(crate) call: &'a dyn Around,
    pub(crate) family: FamilyName,
    pub(crate) node: NodeRef<'a>,
    pub(crate) native: bool,
    pub(crate) engine: bool,
}

impl EncodeContext<'_> {
    /// The limits that a receiver is expected to check the message against.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.call.limits()
    }

    /// The kind of the node.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.node.kind()
    }

    /// Whether the payload leaves in a native frame, whose header holds its
    /// [description](crate::Payload::with_described) and the [runtime](crate::Payload::with_stamp) that it
    /// needs.
    #[must_use]
    pub const fn is_native(&self) -> bool {
        self.native
    }

    /// Whether the plan goes to an engine, whose processes may have to hold functions that they cannot open.
    #[must_use]
    pub const fn is_for_engine(&self) -> bool {
        self.engine
    }

    /// Encodes an expression that the node holds, for its payload.
    ///
    /// The bytes are a message of their own, which [`DecodeContext::expr_from_bytes`] reads. It is under the
    /// policy of the whole call, and counts against the [limits](crate::Limit) of the message around it.
    ///
    /// # Errors
    ///
    /// When anything in it cannot be carried, or a receiver would refuse it. The whole message then fails,
    /// whatever the family returns.
    pub fn expr_to_bytes(&self, expr: &Expr) -> Result<Vec<u8>, WireError> {
        self.call.write(&Held::Expr(expr), self.codec)
    }

    /// [`Self::expr_to_bytes`] for a logical plan, which [`DecodeContext::logical_plan_from_bytes`] reads.
    ///
    /// # Errors
    ///
    /// As [`Self::expr_to_bytes`].
    pub fn logical_plan_to_bytes(&self, plan: &LogicalPlan) -> Result<Vec<u8>, WireError> {
        self.call.write(&Held::LogicalPlan(plan), self.codec)
    }

    /// [`Self::expr_to_bytes`] for a physical expression, which [`DecodeContext::physical_expr_from_bytes`]
    /// reads.
    ///
    /// # Errors
    ///
    /// As [`Self::expr_to_bytes`].
    pub fn physical_expr_to_bytes(&self, expr: &Arc<dyn PhysicalExpr>) -> Result<Vec<u8>, WireError> {
        self.call.write(&Held::PhysicalExpr(expr), self.codec)
    }

    /// [`Self::expr_to_bytes`] for a physical plan, which [`DecodeContext::physical_plan_from_bytes`] reads.
    ///
    /// # Errors
    ///
    /// As [`Self::expr_to_bytes`].
    pub fn physical_plan_to_bytes(&self, plan: &Arc<dyn ExecutionPlan>) -> Result<Vec<u8>, WireError> {
        self.call.write(&Held::PhysicalPlan(plan), self.codec)
    }

    /// The error for a node that is the family's own and cannot be carried, with the reason or the cause.
    ///
    /// A cause that is a [`WireError`] already, e.g. of a function inside the node, is returned unchanged.
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

/// The context of a family that decodes a frame.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct DecodeContext<'a> {
    /// The place of the frame in the plan, and the values that DataFusion passes along there.
    pub place: Place<'a>,
    /// The codec of the call, for parts that the methods of this context do not decode.
    pub codec: CodecRef<'a>,
    pub(crate) call: &'a dyn Around,
}

impl DecodeContext<'_> {
    /// The limits that the message is checked against.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.call.limits()
    }

    /// Decodes an expression that [`EncodeContext::expr_to_bytes`] has encoded.
    ///
    /// The bytes are checked like a whole message, together with the message around them, before anything is
    /// built from them. Their content is under the policy of the whole call. Functions that go by name are
    /// looked up among the registered functions. In the payload of a function or a physical expression they
    /// are looked up only among the built-in functions, because DataFusion does not say there which are
    /// registered.
    ///
    /// # Errors
    ///
    /// When it exceeds what the message around it may hold, or cannot be decoded. The whole message then
    /// fails, whatever the family returns.
    pub fn expr_from_bytes(&self, bytes: &[u8]) -> Result<Expr, WireError> {
        self.call.read_expr(bytes, self.codec, self.task())
    }

    /// [`Self::expr_from_bytes`] for bytes of [`EncodeContext::logical_plan_to_bytes`].
    ///
    /// # Errors
    ///
    /// As [`Self::expr_from_bytes`].
    pub fn logical_plan_from_bytes(&self, bytes: &[u8]) -> Result<LogicalPlan, WireError> {
        self.call.read_logical_plan(bytes, self.codec, self.task())
    }

    /// [`Self::expr_from_bytes`] for bytes of [`EncodeContext::physical_plan_to_bytes`].
    ///
    /// # Errors
    ///
    /// As [`Self::expr_from_bytes`].
    pub fn physical_plan_from_bytes(&self, bytes: &[u8]) -> Result<Arc<dyn ExecutionPlan>, WireError> {
        self.call.read_physical_plan(bytes, self.codec, self.task())
    }

    /// [`Self::expr_from_bytes`] for bytes of [`EncodeContext::physical_expr_to_bytes`], over rows of
    /// `schema`.
    ///
    /// # Errors
    ///
    /// As [`Self::expr_from_bytes`].
    pub fn physical_expr_from_bytes(
        &self,
        bytes: &[u8],
        schema: &Schema,
    ) -> Result<Arc<dyn PhysicalExpr>, WireError> {
        self.call.read_physical_expr(bytes, self.codec, self.task(), schema)
    }

    fn task(&self) -> &TaskContext {
        match self.place {
            Place::TableProvider { task, .. }
            | Place::FileFormat { task }
            | Place::LogicalNode { task, .. }
            | Place::PhysicalNode { task, .. } => task,
            Place::ScalarUdf { .. }
            | Place::AggregateUdf { .. }
            | Place::WindowUdf { .. }
            | Place::HigherOrderUdf { .. }
            | Place::PhysicalExpr { .. } => &BUILT_IN,
        }
    }
}

/// The place of a frame in a plan, with the values that DataFusion passes along; one variant per [`Kind`].
///
/// The inputs of a node are no part of its payload: DataFusion carries them beside it and passes them here.
/// The sender decides how many there are.
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

    /// The plan's own name for the node here; empty where plans give none.
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
