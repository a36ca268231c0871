//! The call around a family, for messages within its payloads.

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;

use crate::error::WireError;
use crate::family::context::CodecRef;
use crate::fidelity::options::Options;
use crate::limits::Limits;
use crate::plan::message_sort::Message;

/// A part inside a payload that becomes a message of its own.
pub(crate) enum Held<'a> {
    Expr(&'a Expr),
    LogicalPlan(&'a LogicalPlan),
    PhysicalExpr(&'a Arc<dyn PhysicalExpr>),
    PhysicalPlan(&'a Arc<dyn ExecutionPlan>),
}

impl Held<'_> {
    pub(crate) const fn sort(&self) -> Message {
        match self {
            Self::Expr(_) => Message::Expr,
            Self::LogicalPlan(_) => Message::LogicalPlan,
            Self::PhysicalExpr(_) => Message::PhysicalExpr,
            Self::PhysicalPlan(_) => Message::PhysicalPlan,
        }
    }
}

/// The call around a family, which writes and reads messages within its own.
pub(crate) trait Around: Sync {
    fn limits(&self) -> &Limits;

    /// Notes that something was decoded that is to be put back, for lack of a field in DataFusion's protobuf.
    fn note_kept(&self);

    /// Checks that the decoding session has the options that a plan was made under, and notes them.
    fn hold(&self, options: &Options, task: &TaskContext) -> Result<(), WireError>;

    fn write(&self, held: &Held<'_>, codec: CodecRef<'_>) -> Result<Vec<u8>, WireError>;

    fn read_expr(&self, bytes: &[u8], codec: CodecRef<'_>, task: &TaskContext) -> Result<Expr, WireError>;

    fn read_logical_plan(
        &self,
        bytes: &[u8],
        codec: CodecRef<'_>,
        task: &TaskContext,
    ) -> Result<LogicalPlan, WireError>;

    fn read_physical_expr(
        &self,
        bytes: &[u8],
        codec: CodecRef<'_>,
        task: &TaskContext,
        schema: &Schema,
    ) -> Result<Arc<dyn PhysicalExpr>, WireError>;

    fn read_physical_plan(
        &self,
        bytes: &[u8],
        codec: CodecRef<'_>,
        task: &TaskContext,
    ) -> Result<Arc<dyn ExecutionPlan>, WireError>;
}
