//! Inside: the plans and expressions that a node holds, written and read for its family as messages within the
//! message.

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::{DefaultLogicalExtensionCodec, LogicalExtensionCodec};
use datafusion_proto::physical_plan::{DefaultPhysicalExtensionCodec, PhysicalExtensionCodec};

use crate::call::chain::Layer;
use crate::call::{Call, CallState};
use crate::error::WireError;
use crate::family::around::{Around, Held};
use crate::family::context::CodecRef;
use crate::fidelity::options::Options;
use crate::limits::Limits;
use crate::message::unwound;
use crate::plan::message_sort::Message;
use crate::preflight::budget;

impl Around for Arc<CallState> {
    fn limits(&self) -> &Limits {
        CallState::limits(self)
    }

    fn note_kept(&self) {
        CallState::note_kept(self);
    }

    fn hold(&self, options: &Options, task: &TaskContext) -> Result<(), WireError> {
        if let Some(report) = &self.report {
            report.hold(options);
        }
        options.check(task)
    }

    fn write(&self, held: &Held<'_>, codec: CodecRef<'_>) -> Result<Vec<u8>, WireError> {
        let _spent = budget::write_inside();
        let what = held.sort();
        let write = || match held {
            Held::Expr(expr) => self.logical(codec, |codec| self.write_expr(expr, codec)),
            Held::LogicalPlan(plan) => self.logical(codec, |codec| self.write_logical_plan(plan, codec)),
            Held::PhysicalExpr(expr) => self.physical(codec, |codec| self.write_physical_expr(expr, codec)),
            Held::PhysicalPlan(plan) => {
                self.physical(codec, |codec| self.write_physical_plan(plan, codec, Ok))
            }
        };
        let outcome = unwound(write).map_err(|detail| WireError::EncodePanicked { what, detail });
        self.settle(outcome, |source| WireError::EncodeMessage { what, source: Arc::new(source) })
    }

    fn read_expr(&self, bytes: &[u8], codec: CodecRef<'_>, task: &TaskContext) -> Result<Expr, WireError> {
        self.read_inside(Message::Expr, || self.logical(codec, |codec| self.build_expr(bytes, codec, task)))
    }

    fn read_logical_plan(
        &self,
        bytes: &[u8],
        codec: CodecRef<'_>,
        task: &TaskContext,
    ) -> Result<LogicalPlan, WireError> {
        self.read_inside(Message::LogicalPlan, || {
            self.logical(codec, |codec| self.build_logical_plan(bytes, codec, task))
        })
    }

    fn read_physical_expr(
        &self,
        bytes: &[u8],
        codec: CodecRef<'_>,
        task: &TaskContext,
        schema: &Schema,
    ) -> Result<Arc<dyn PhysicalExpr>, WireError> {
        self.read_inside(Message::PhysicalExpr, || {
            self.physical(codec, |codec| self.build_physical_expr(bytes, codec, task, schema))
        })
    }

    fn read_physical_plan(
        &self,
        bytes: &[u8],
        codec: CodecRef<'_>,
        task: &TaskContext,
    ) -> Result<Arc<dyn ExecutionPlan>, WireError> {
        self.read_inside(Message::PhysicalPlan, || {
            self.physical(codec, |codec| self.build_physical_plan(bytes, codec, task))
        })
    }
}

impl CallState {
    fn read_inside<T>(&self, what: Message, read: impl FnOnce() -> Result<T>) -> Result<T, WireError> {
        let _spent = budget::read_inside();
        let outcome = unwound(read).map_err(|detail| WireError::Panicked { what, detail });
        self.settle(outcome, |source| WireError::DecodeMessage { what, source: Arc::new(source) })
    }

    /// Returns the first error of the call, which DataFusion may have dropped, or else the outcome.
    fn settle<T>(
        &self,
        outcome: Result<Result<T>, WireError>,
        failed: impl FnOnce(DataFusionError) -> WireError,
    ) -> Result<T, WireError> {
        if let Some(fault) = self.first_fault() {
            return Err(fault);
        }
        let settled = outcome.and_then(|outcome| {
            outcome.map_err(|source| WireError::find(&source).cloned().unwrap_or_else(|| failed(source)))
        });
        settled.inspect_err(|error| self.record(error))
    }

    /// Converts with the codec of the call. If the call is of the other layer, converts with a codec of the
    /// same families, because a function crosses on both layers.
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
