//! Messages: whole plans and expressions to bytes and back, with every codec error surfaced.

pub(crate) mod converter;
pub mod panics;
pub(crate) mod stack;

use std::sync::Arc;

use datafusion::common::exec_err;
use datafusion::common::utils::datafusion_strsim::levenshtein;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::from_proto::parse_expr;
use datafusion_proto::logical_plan::to_proto::serialize_expr;
use datafusion_proto::logical_plan::{AsLogicalPlan, LogicalExtensionCodec};
use datafusion_proto::physical_plan::{
    PhysicalExtensionCodec, PhysicalPlanDecodeContext, PhysicalProtoConverterExtension,
};
use datafusion_proto::protobuf::{LogicalExprNode, LogicalPlanNode, PhysicalPlanNode};

use crate::call::chain::CodecChain;
use crate::call::{Call, CallState};
use crate::error::{Message, WireError};
use crate::fidelity;
use crate::message::converter::Converter;
use crate::plan::kind::Kind;
use crate::policy::writes;
use crate::preflight::limits::Limits;
use crate::preflight::shape::{self, Fault, Shape};
use crate::preflight::{budget, nesting, predicates};
use crate::wire::trailer;

impl<C: LogicalExtensionCodec + ?Sized> CodecChain<C> {
    /// Encodes an expression as the message that DataFusion's `Expr::to_bytes` would write, with the
    /// functions that the policy lets travel inline.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-E` code, when anything in the expression cannot be carried.
    pub fn expr_to_bytes(&self, expr: &Expr) -> Result<Vec<u8>, WireError> {
        self.encode_message(Message::Expr, |codec| {
            let expr = fidelity::keep_expr(expr, &codec.state.asked, codec.state.limits())?;
            codec.state.written::<LogicalExprNode>(Message::Expr, &serialize_expr(&expr, codec)?)
        })
    }

    /// Decodes an expression; functions that came by name are looked up in `task`.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-D` code.
    pub fn expr_from_bytes(&self, bytes: &[u8], task: &TaskContext) -> Result<Expr, WireError> {
        self.decode_message(Message::Expr, task, |codec| {
            let (node, levels) = codec.state.read(Message::Expr, bytes, task)?;
            build_expr(&node, levels, task, codec, &codec.state)
        })
    }

    /// Encodes a logical plan.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-E` code, when anything in the plan cannot be carried.
    pub fn logical_plan_to_bytes(&self, plan: &LogicalPlan) -> Result<Vec<u8>, WireError> {
        self.encode_message(Message::LogicalPlan, |codec| {
            let plan = fidelity::keep_plan(plan, &codec.state.asked, codec.state.limits())?;
            codec.state.written(Message::LogicalPlan, &LogicalPlanNode::try_from_logical_plan(&plan, codec)?)
        })
    }

    /// Decodes a logical plan; functions that came by name are looked up in `task`.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-D` code.
    pub fn logical_plan_from_bytes(
        &self,
        bytes: &[u8],
        task: &TaskContext,
    ) -> Result<LogicalPlan, WireError> {
        self.decode_message(Message::LogicalPlan, task, |codec| {
            let (node, levels) = codec.state.read(Message::LogicalPlan, bytes, task)?;
            build_logical_plan(&node, levels, task, codec, &codec.state)
        })
    }
}

impl<C: PhysicalExtensionCodec + ?Sized> CodecChain<C> {
    /// Encodes a physical plan.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-E` code, when anything in the plan cannot be carried.
    pub fn physical_plan_to_bytes(&self, plan: &Arc<dyn ExecutionPlan>) -> Result<Vec<u8>, WireError> {
        self.encode_message(Message::PhysicalPlan, |codec| {
            nesting::check_physical_plan(plan, codec.state.limits())?;
            let plan = fidelity::physical_answered(Arc::clone(plan), &codec.state.asked)?;
            let plan = fidelity::independent(plan)?;
            let node = Converter::new(codec.state.limits()).execution_plan_to_proto(&plan, codec)?;
            codec.state.written::<PhysicalPlanNode>(Message::PhysicalPlan, &node)
        })
    }

    /// Decodes a physical plan; functions that came by name are looked up in `task`.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-D` code.
    pub fn physical_plan_from_bytes(
        &self,
        bytes: &[u8],
        task: &TaskContext,
    ) -> Result<Arc<dyn ExecutionPlan>, WireError> {
        self.decode_message(Message::PhysicalPlan, task, |codec| {
            let (node, levels) = codec.state.read(Message::PhysicalPlan, bytes, task)?;
            build_physical_plan(&node, levels, task, codec, codec.state.limits())
        })
    }
}

impl<C: ?Sized> CodecChain<C> {
    fn encode_message<T>(
        &self,
        what: Message,
        encode: impl FnOnce(&Call<C>) -> Result<T>,
    ) -> Result<T, WireError> {
        let _spent = budget::begin();
        let call = self.call();
        let outcome = unwound(|| encode(&call)).map_err(|detail| WireError::EncodePanicked { what, detail });
        // First, because an error that DataFusion dropped leaves a message that looks whole.
        call.take_fault()?;
        outcome?.map_err(|source| match WireError::find(&source) {
            Some(found) => found.clone(),
            None => WireError::EncodeMessage { what, source: Arc::new(source) },
        })
    }

    fn decode_message<T>(
        &self,
        what: Message,
        task: &TaskContext,
        decode: impl FnOnce(&Call<C>) -> Result<T>,
    ) -> Result<T, WireError> {
        let _spent = budget::begin();
        let call = self.call_checked(task);
        let outcome = unwound(|| decode(&call));
        // First, because what was decoded around a fault is of no use.
        call.take_fault().map_err(|error| with_similar(error, task))?;
        let outcome = outcome.map_err(|detail| WireError::Panicked { what, detail })?;
        outcome.map_err(|source| match WireError::find(&source) {
            Some(found) => found.clone(),
            None => WireError::DecodeMessage { what, source: Arc::new(source) },
        })
    }
}

/// Runs a conversion of DataFusion's, which panics over some messages that protobuf accepts.
///
/// # Errors
///
/// What the panic said.
pub(crate) fn unwound<T>(convert: impl FnOnce() -> Result<T>) -> Result<Result<T>, String> {
    let convert = || stack::with_room(convert);
    panics::catch(convert).map_err(|panic| panics::text(&*panic))
}

/// Adds the registered names that an unknown one may have been meant for.
fn with_similar(mut error: WireError, task: &TaskContext) -> WireError {
    if let WireError::UnknownFunction { kind, name, similar, .. } = &mut error {
        let mut names: Vec<&String> = match kind {
            Kind::AggregateUdf => task.aggregate_functions().keys().collect(),
            Kind::WindowUdf => task.window_functions().keys().collect(),
            Kind::HigherOrderUdf => task.higher_order_functions().keys().collect(),
            _ => task.scalar_functions().keys().collect(),
        };
        let distance = |candidate: &str| levenshtein(candidate, name);
        // A name from outside may be long, and the distance to it costs its length each time.
        if name.len() > LONGEST_COMPARED {
            return error;
        }
        names.retain(|candidate| distance(candidate) <= 1 + name.len() / 4);
        names.sort_by_key(|candidate| (distance(candidate), (*candidate).clone()));
        *similar = names.into_iter().take(MOST_SIMILAR).cloned().collect();
    }
    error
}

const LONGEST_COMPARED: usize = 64;
const MOST_SIMILAR: usize = 3;

/// Bytes that an expression of a few nodes takes.
const SMALL: usize = 256;

impl CallState {
    /// Writes a message that a receiver with the same limits can read.
    ///
    /// Neither protobuf nor DataFusion limits what is written, so the receiver's own check tells.
    pub(crate) fn written<M: prost::Message>(&self, what: Message, message: &M) -> Result<Vec<u8>> {
        // Prost makes the length of each message anew at each level around it; the buffer grows, so that of
        // the whole is not needed besides.
        let mut bytes = Vec::with_capacity(SMALL);
        message.encode_raw(&mut bytes);
        match self.counted(&bytes, what) {
            Ok(_) => Ok(bytes),
            Err(Fault::Excess(excess)) => Err(excess.on_encode().into()),
            Err(Fault::Malformed(fault)) => exec_err!("it would not be read: {fault}"),
        }
    }

    /// Reads a message, of which nothing has been turned into a plan yet, and returns it with the levels of
    /// the tree that it becomes.
    pub(crate) fn read<M: prost::Message + Default>(
        &self,
        what: Message,
        bytes: &[u8],
        task: &TaskContext,
    ) -> Result<(M, usize), WireError> {
        let not_a_message = |source| Err(WireError::NotAMessage { what, source });
        let shape = match self.counted(bytes, what) {
            Ok(shape) => shape,
            Err(Fault::Excess(excess)) => return Err(excess.on_decode()),
            Err(Fault::Malformed(fault)) => {
                let sealed = bytes.starts_with(trailer::SEALED);
                let fault = if sealed { "it is a sealed message, to be opened first" } else { fault };
                return not_a_message(Arc::new(DataFusionError::Execution(fault.to_owned())));
            }
        };
        writes::check(what, || shape.writes.map(str::to_owned))?;
        let message = match M::decode(bytes) {
            Ok(message) => message,
            Err(error) => return not_a_message(Arc::new(error)),
        };
        if let Some(report) = &self.report {
            report.saw(shape.levels);
        }
        if shape.exprs > SHALLOW {
            shape::probe_exprs(bytes, what, task)
                .map_err(|source| WireError::DecodeMessage { what, source: Arc::new(source) })?;
        }
        Ok((message, shape.levels))
    }

    /// Checks the bytes of a message by themselves, and then together with those around or inside.
    fn counted(&self, bytes: &[u8], what: Message) -> Result<Shape, Fault> {
        let shape = shape::check(bytes, what, self.limits())?;
        budget::spend(&shape, self.limits())?;
        Ok(shape)
    }
}

/// Makes an expression of a message that was read, with room for its levels.
pub(crate) fn build_expr(
    node: &LogicalExprNode,
    levels: usize,
    task: &TaskContext,
    codec: &dyn LogicalExtensionCodec,
    call: &CallState,
) -> Result<Expr> {
    stack::with_room_for(levels, || {
        let mut expr = parse_expr(node, task, codec)?;
        if call.has_kept() {
            expr = fidelity::restore_expr(expr)?;
        }
        predicates::check_expr(&expr, call.limits())?;
        Ok(expr)
    })
}

/// [`build_expr`] for a logical plan.
pub(crate) fn build_logical_plan(
    node: &LogicalPlanNode,
    levels: usize,
    task: &TaskContext,
    codec: &dyn LogicalExtensionCodec,
    call: &CallState,
) -> Result<LogicalPlan> {
    stack::with_room_for(levels, || {
        let mut plan = node.try_into_logical_plan(task, codec)?;
        if call.has_kept() {
            plan = fidelity::restore_plan(plan)?;
        }
        let plan = fidelity::without_endless_limits(plan)?;
        predicates::check_plan(&plan, call.limits())?;
        writes::check_logical(&plan)?;
        Ok(plan)
    })
}

/// [`build_expr`] for a physical plan.
pub(crate) fn build_physical_plan(
    node: &PhysicalPlanNode,
    levels: usize,
    task: &TaskContext,
    codec: &dyn PhysicalExtensionCodec,
    limits: &Limits,
) -> Result<Arc<dyn ExecutionPlan>> {
    let cx = PhysicalPlanDecodeContext::new(task, codec);
    stack::with_room_for(levels, || {
        let plan = Converter::new(limits).proto_to_execution_plan(node, &cx)?;
        writes::check_physical(&plan)?;
        Ok(plan)
    })
}

/// The nesting of expressions up to which DataFusion's error texts stay in the megabytes: a call takes two
/// levels.
const SHALLOW: usize = 32;
