//! Whole messages: plans and expressions to bytes and back, with every codec error surfaced.

use std::sync::Arc;

use datafusion::common::utils::datafusion_strsim::levenshtein;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::PhysicalExtensionCodec;

use crate::call::Call;
use crate::call::chain::CodecChain;
use crate::error::WireError;
use crate::fidelity;
use crate::limits::{Excess, Limit};
use crate::message::unwound;
use crate::plan::kind::Kind;
use crate::plan::message_sort::Message;
use crate::preflight::budget;
use crate::wire::parts::Parts;
use crate::wire::reference;

impl<C: LogicalExtensionCodec + ?Sized> CodecChain<C> {
    /// Encodes an expression as the message that DataFusion's `Expr::to_bytes` would write, with the
    /// functions that the policy lets travel inline.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-E` code, when anything in the expression cannot be carried.
    pub fn expr_to_bytes(&self, expr: &Expr) -> Result<Vec<u8>, WireError> {
        self.expr_to_parts(expr).map(Parts::into_vec)
    }

    /// Encodes an expression; the bytes are those of [`Self::expr_to_bytes`].
    ///
    /// # Errors
    ///
    /// As [`Self::expr_to_bytes`].
    pub fn expr_to_parts(&self, expr: &Expr) -> Result<Parts, WireError> {
        self.encode_message(Message::Expr, |call| call.state.write_expr(expr, call))
    }

    /// Decodes an expression; functions that came by name are looked up in `task`.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-D` code.
    pub fn expr_from_bytes(&self, bytes: &[u8], task: &TaskContext) -> Result<Expr, WireError> {
        self.decode_message(Message::Expr, bytes, task, |call| call.state.build_expr(bytes, call, task))
    }

    /// Encodes a logical plan.
    ///
    /// # Errors
    ///
    /// A [`WireError`] with a `PW-E` code, when anything in the plan cannot be carried.
    pub fn logical_plan_to_bytes(&self, plan: &LogicalPlan) -> Result<Vec<u8>, WireError> {
        self.logical_plan_to_parts(plan).map(Parts::into_vec)
    }

    /// Encodes a logical plan; the bytes are those of [`Self::logical_plan_to_bytes`].
    ///
    /// # Errors
    ///
    /// As [`Self::logical_plan_to_bytes`].
    pub fn logical_plan_to_parts(&self, plan: &LogicalPlan) -> Result<Parts, WireError> {
        self.encode_message(Message::LogicalPlan, |call| call.state.write_logical_plan(plan, call))
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
        self.decode_message(Message::LogicalPlan, bytes, task, |call| {
            call.state.build_logical_plan(bytes, call, task)
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
        self.physical_plan_to_parts(plan).map(Parts::into_vec)
    }

    /// Encodes a physical plan; the bytes are those of [`Self::physical_plan_to_bytes`].
    ///
    /// # Errors
    ///
    /// As [`Self::physical_plan_to_bytes`].
    pub fn physical_plan_to_parts(&self, plan: &Arc<dyn ExecutionPlan>) -> Result<Parts, WireError> {
        self.encode_message(Message::PhysicalPlan, |call| {
            call.state.write_physical_plan(plan, call, fidelity::independent)
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
        self.decode_message(Message::PhysicalPlan, bytes, task, |call| {
            call.state.build_physical_plan(bytes, call, task)
        })
    }
}

impl<C: ?Sized> CodecChain<C> {
    fn encode_message(
        &self,
        what: Message,
        encode: impl FnOnce(&Call<C>) -> Result<Vec<u8>>,
    ) -> Result<Parts, WireError> {
        let _spent = budget::begin();
        let call = self.call();
        call.state.shared.open();
        let outcome = unwound(|| encode(&call)).map_err(|detail| WireError::EncodePanicked { what, detail });
        // First, because an error that DataFusion dropped leaves a message that looks whole.
        call.take_fault()?;
        let bytes = outcome?.map_err(|source| match WireError::find(&source) {
            Some(found) => found.clone(),
            None => WireError::EncodeMessage { what, source: Arc::new(source) },
        })?;
        let bytes = reference::append(bytes, call.state.shared.take());
        call.state.limits().check(Limit::Message, bytes.len()).map_err(Excess::on_encode)?;
        Ok(bytes)
    }

    fn decode_message<T>(
        &self,
        what: Message,
        bytes: &[u8],
        task: &TaskContext,
        decode: impl FnOnce(&Call<C>) -> Result<T>,
    ) -> Result<T, WireError> {
        let _spent = budget::begin();
        let call = self.call_checked(task);
        call.read_table(what, bytes)?;
        let outcome = unwound(|| decode(&call));
        // First, because a plan that was decoded around a fault is of no use.
        call.take_fault().map_err(|error| error.with_similar(task))?;
        let outcome = outcome.map_err(|detail| WireError::Panicked { what, detail })?;
        outcome.map_err(|source| match WireError::find(&source) {
            Some(found) => found.clone(),
            None => WireError::DecodeMessage { what, source: Arc::new(source) },
        })
    }
}

impl WireError {
    /// Adds registered names that are similar to the name of an unknown function and may have been meant.
    #[must_use]
    pub fn with_similar(mut self, task: &TaskContext) -> Self {
        if let Self::UnknownFunction { kind, name, similar, .. } = &mut self {
            let mut names: Vec<&String> = match kind {
                Kind::AggregateUdf => task.aggregate_functions().keys().collect(),
                Kind::WindowUdf => task.window_functions().keys().collect(),
                Kind::HigherOrderUdf => task.higher_order_functions().keys().collect(),
                _ => task.scalar_functions().keys().collect(),
            };
            let distance = |candidate: &str| levenshtein(candidate, name);
            // A name from outside may be long, and each distance to it costs as much as the name is long.
            if name.len() > LONGEST_COMPARED {
                return self;
            }
            names.retain(|candidate| distance(candidate) <= 1 + name.len() / 4);
            names.sort_by_key(|candidate| (distance(candidate), (*candidate).clone()));
            *similar = names.into_iter().take(MOST_SIMILAR).cloned().collect();
        }
        self
    }
}

const LONGEST_COMPARED: usize = 64;
const MOST_SIMILAR: usize = 3;
