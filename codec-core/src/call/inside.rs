//! Inside: the plans and expressions that a node holds, encoded and decoded for its family as messages within
//! the message.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::Schema;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionContext;
use datafusion_proto::logical_plan::to_proto::serialize_expr;
use datafusion_proto::logical_plan::{AsLogicalPlan, DefaultLogicalExtensionCodec, LogicalExtensionCodec};
use datafusion_proto::physical_plan::{
    DefaultPhysicalExtensionCodec, PhysicalExtensionCodec, PhysicalPlanDecodeContext,
    PhysicalProtoConverterExtension,
};
use datafusion_proto::protobuf::{LogicalExprNode, LogicalPlanNode, PhysicalExprNode, PhysicalPlanNode};

use crate::call::chain::Layer;
use crate::call::{Call, CallState};
use crate::error::{Message, WireError};
use crate::fidelity;
use crate::message::converter::Converter;
use crate::message::{build_expr, build_logical_plan, build_physical_plan, stack, unwound};
use crate::plan::context::{CodecRef, DecodeContext, EncodeContext, Place};
use crate::preflight::{budget, nesting};

/// What goes by name is looked up among these functions where DataFusion does not say what is registered.
static BUILT_IN: LazyLock<Arc<TaskContext>> = LazyLock::new(|| SessionContext::new().task_ctx());

impl EncodeContext<'_> {
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
        let call = self.call;
        call.encode_inside(Message::Expr, || {
            let expr = fidelity::keep_expr(expr, &call.asked, call.limits())?;
            let node = call.logical(self.codec, |codec| serialize_expr(&expr, codec))?;
            call.written::<LogicalExprNode>(Message::Expr, &node)
        })
    }

    /// [`Self::expr_to_bytes`] for a logical plan, which [`DecodeContext::logical_plan_from_bytes`] reads.
    ///
    /// # Errors
    ///
    /// As [`Self::expr_to_bytes`].
    pub fn logical_plan_to_bytes(&self, plan: &LogicalPlan) -> Result<Vec<u8>, WireError> {
        let call = self.call;
        call.encode_inside(Message::LogicalPlan, || {
            let plan = fidelity::keep_plan(plan, &call.asked, call.limits())?;
            let node =
                call.logical(self.codec, |codec| LogicalPlanNode::try_from_logical_plan(&plan, codec))?;
            call.written(Message::LogicalPlan, &node)
        })
    }

    /// [`Self::expr_to_bytes`] for a physical expression, which [`DecodeContext::physical_expr_from_bytes`]
    /// reads.
    ///
    /// # Errors
    ///
    /// As [`Self::expr_to_bytes`].
    pub fn physical_expr_to_bytes(&self, expr: &Arc<dyn PhysicalExpr>) -> Result<Vec<u8>, WireError> {
        let call = self.call;
        call.encode_inside(Message::PhysicalExpr, || {
            nesting::check_physical_expr(expr, call.limits())?;
            let node = call.physical(self.codec, |codec| {
                Converter::new(call.limits()).physical_expr_to_proto(expr, codec)
            })?;
            call.written::<PhysicalExprNode>(Message::PhysicalExpr, &node)
        })
    }

    /// [`Self::expr_to_bytes`] for a physical plan, which [`DecodeContext::physical_plan_from_bytes`] reads.
    ///
    /// # Errors
    ///
    /// As [`Self::expr_to_bytes`].
    pub fn physical_plan_to_bytes(&self, plan: &Arc<dyn ExecutionPlan>) -> Result<Vec<u8>, WireError> {
        let call = self.call;
        call.encode_inside(Message::PhysicalPlan, || {
            nesting::check_physical_plan(plan, call.limits())?;
            let plan = fidelity::physical_answered(Arc::clone(plan), &call.asked)?;
            let node = call.physical(self.codec, |codec| {
                Converter::new(call.limits()).execution_plan_to_proto(&plan, codec)
            })?;
            call.written::<PhysicalPlanNode>(Message::PhysicalPlan, &node)
        })
    }
}

impl DecodeContext<'_> {
    /// Decodes an expression that [`EncodeContext::expr_to_bytes`] has encoded.
    ///
    /// The bytes are checked before anything is made of them, as a whole message is, together with the message
    /// around them. What they hold is under the policy of the whole call. Functions that go by name are looked
    /// up among those that are registered; in the payload of a function or a physical expression only among the
    /// built-in ones, because DataFusion does not say there what is registered.
    ///
    /// # Errors
    ///
    /// When it is more than the message around it may hold, or cannot be decoded. The whole message then
    /// fails, whatever the family returns.
    pub fn expr_from_bytes(&self, bytes: &[u8]) -> Result<Expr, WireError> {
        let (call, task) = (self.call, self.task());
        call.decode_inside(Message::Expr, || {
            let (node, levels) = call.read(Message::Expr, bytes, task)?;
            call.logical(self.codec, |codec| build_expr(&node, levels, task, codec, call))
        })
    }

    /// [`Self::expr_from_bytes`] for what [`EncodeContext::logical_plan_to_bytes`] has encoded.
    ///
    /// # Errors
    ///
    /// As [`Self::expr_from_bytes`].
    pub fn logical_plan_from_bytes(&self, bytes: &[u8]) -> Result<LogicalPlan, WireError> {
        let (call, task) = (self.call, self.task());
        call.decode_inside(Message::LogicalPlan, || {
            let (node, levels) = call.read(Message::LogicalPlan, bytes, task)?;
            call.logical(self.codec, |codec| build_logical_plan(&node, levels, task, codec, call))
        })
    }

    /// [`Self::expr_from_bytes`] for what [`EncodeContext::physical_expr_to_bytes`] has encoded, over rows of
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
        let (call, task) = (self.call, self.task());
        call.decode_inside(Message::PhysicalExpr, || {
            let (node, levels): (PhysicalExprNode, _) = call.read(Message::PhysicalExpr, bytes, task)?;
            call.physical(self.codec, |codec| {
                let cx = PhysicalPlanDecodeContext::new(task, codec);
                let converter = Converter::new(call.limits());
                stack::with_room_for(levels, || converter.proto_to_physical_expr(&node, schema, &cx))
            })
        })
    }

    /// [`Self::expr_from_bytes`] for what [`EncodeContext::physical_plan_to_bytes`] has encoded.
    ///
    /// # Errors
    ///
    /// As [`Self::expr_from_bytes`].
    pub fn physical_plan_from_bytes(&self, bytes: &[u8]) -> Result<Arc<dyn ExecutionPlan>, WireError> {
        let (call, task) = (self.call, self.task());
        call.decode_inside(Message::PhysicalPlan, || {
            let (node, levels) = call.read(Message::PhysicalPlan, bytes, task)?;
            call.physical(self.codec, |codec| build_physical_plan(&node, levels, task, codec, call.limits()))
        })
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

impl CallState {
    fn encode_inside(
        &self,
        what: Message,
        encode: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Vec<u8>, WireError> {
        let _spent = budget::write_inside();
        let outcome = unwound(encode).map_err(|detail| WireError::EncodePanicked { what, detail });
        self.settled(outcome, |source| WireError::EncodeMessage { what, source: Arc::new(source) })
    }

    fn decode_inside<T>(&self, what: Message, decode: impl FnOnce() -> Result<T>) -> Result<T, WireError> {
        let _spent = budget::read_inside();
        let outcome = unwound(decode).map_err(|detail| WireError::Panicked { what, detail });
        self.settled(outcome, |source| WireError::DecodeMessage { what, source: Arc::new(source) })
    }

    /// The first error of the call, which DataFusion may have dropped, or else what came out.
    fn settled<T>(
        &self,
        outcome: Result<Result<T>, WireError>,
        failed: impl FnOnce(datafusion::error::DataFusionError) -> WireError,
    ) -> Result<T, WireError> {
        if let Some(fault) = self.first_fault() {
            return Err(fault);
        }
        let settled = outcome.and_then(|outcome| {
            outcome.map_err(|source| WireError::find(&source).cloned().unwrap_or_else(|| failed(source)))
        });
        settled.inspect_err(|error| self.record(error))
    }

    /// Converts with the codec of the call, or with one of the same families where the call is of the other
    /// layer: a function crosses on both.
    fn logical<T>(
        self: &Arc<Self>,
        codec: CodecRef<'_>,
        convert: impl FnOnce(&dyn LogicalExtensionCodec) -> T,
    ) -> T {
        match codec {
            CodecRef::Logical(codec) => convert(codec),
            CodecRef::Physical(_) => {
                convert(&self.over::<dyn LogicalExtensionCodec>(Arc::new(DefaultLogicalExtensionCodec {})))
            }
        }
    }

    /// [`Self::logical`] for the physical layer.
    fn physical<T>(
        self: &Arc<Self>,
        codec: CodecRef<'_>,
        convert: impl FnOnce(&dyn PhysicalExtensionCodec) -> T,
    ) -> T {
        match codec {
            CodecRef::Physical(codec) => convert(codec),
            CodecRef::Logical(_) => {
                convert(&self.over::<dyn PhysicalExtensionCodec>(Arc::new(DefaultPhysicalExtensionCodec {})))
            }
        }
    }

    /// The same call over another layer, where no codec is installed.
    fn over<C: ?Sized>(self: &Arc<Self>, terminal: Arc<C>) -> Call<C> {
        Call { state: Arc::clone(self), layer: Layer::new(terminal) }
    }
}
