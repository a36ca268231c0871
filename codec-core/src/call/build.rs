//! Building: plans and expressions to messages and back, with the parts that DataFusion's protobuf would
//! lose.

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::from_proto::parse_expr;
use datafusion_proto::logical_plan::to_proto::serialize_expr;
use datafusion_proto::logical_plan::{AsLogicalPlan, LogicalExtensionCodec};
use datafusion_proto::physical_plan::{
    PhysicalExtensionCodec, PhysicalPlanDecodeContext, PhysicalProtoConverterExtension,
};
use datafusion_proto::protobuf::{LogicalExprNode, LogicalPlanNode, PhysicalExprNode, PhysicalPlanNode};

use crate::call::CallState;
use crate::call::opaque::StandIns;
use crate::error::WireError;
use crate::fidelity;
use crate::message::converter::Converter;
use crate::message::{self, stack};
use crate::plan::message_sort::Message;
use crate::policy::writes;
use crate::preflight::{nesting, predicates};

impl CallState {
    pub(crate) fn write_expr(&self, expr: &Expr, codec: &dyn LogicalExtensionCodec) -> Result<Vec<u8>> {
        let expr = fidelity::keep_expr(expr, &self.asked, self.limits())?;
        self.written::<LogicalExprNode>(Message::Expr, &serialize_expr(&expr, codec)?)
    }

    pub(crate) fn write_logical_plan(
        &self,
        plan: &LogicalPlan,
        codec: &dyn LogicalExtensionCodec,
    ) -> Result<Vec<u8>> {
        let plan = fidelity::keep_plan(plan, &self.asked, self.under.as_deref(), self.limits())?;
        let node = LogicalPlanNode::try_from_logical_plan(&plan, codec)?;
        self.written(Message::LogicalPlan, &node)
    }

    pub(crate) fn write_physical_expr(
        &self,
        expr: &Arc<dyn PhysicalExpr>,
        codec: &dyn PhysicalExtensionCodec,
    ) -> Result<Vec<u8>> {
        nesting::check_physical_expr(expr, self.limits())?;
        let node = Converter::new(self.limits()).physical_expr_to_proto(expr, codec)?;
        self.written::<PhysicalExprNode>(Message::PhysicalExpr, &node)
    }

    /// Writes a physical plan in the shape that `shaped` gives it.
    pub(crate) fn write_physical_plan(
        &self,
        plan: &Arc<dyn ExecutionPlan>,
        codec: &dyn PhysicalExtensionCodec,
        shaped: impl FnOnce(Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>>,
    ) -> Result<Vec<u8>> {
        nesting::check_physical_plan(plan, self.limits())?;
        let plan = shaped(fidelity::physical_answered(Arc::clone(plan), &self.asked)?)?;
        let converter = Converter::new(self.limits());
        let node = converter.execution_plan_to_proto(&plan, codec)?;
        let node = match self.under.as_deref().map(|options| converter.needed().of(options)).transpose()? {
            Some(Some(options)) => fidelity::under(options, node),
            _ => node,
        };
        self.written::<PhysicalPlanNode>(Message::PhysicalPlan, &node)
    }

    /// The bytes of a message in which all payloads are counted.
    fn written<M: prost::Message>(&self, what: Message, message: &M) -> Result<Vec<u8>> {
        message::write(self.limits(), what, message, self.usage.inlined())
    }

    /// Reads a message without turning any of it into a plan yet, and returns it with the number of levels of
    /// the tree that it becomes.
    fn read<M: prost::Message + Default>(
        &self,
        what: Message,
        bytes: &[u8],
        task: &TaskContext,
    ) -> Result<(M, usize), WireError> {
        let (message, levels) = message::read(self.limits(), what, bytes, task, &StandIns)?;
        if let Some(report) = &self.report {
            report.saw(levels);
        }
        Ok((message, levels))
    }

    pub(crate) fn build_expr(
        &self,
        bytes: &[u8],
        codec: &dyn LogicalExtensionCodec,
        task: &TaskContext,
    ) -> Result<Expr> {
        let (node, levels): (LogicalExprNode, _) = self.read(Message::Expr, bytes, task)?;
        stack::with_room_for(levels, || {
            let mut expr = parse_expr(&node, task, codec)?;
            if self.has_kept() {
                expr = fidelity::restore_expr(expr)?;
            }
            predicates::check_expr(&expr, self.limits())?;
            Ok(expr)
        })
    }

    pub(crate) fn build_logical_plan(
        &self,
        bytes: &[u8],
        codec: &dyn LogicalExtensionCodec,
        task: &TaskContext,
    ) -> Result<LogicalPlan> {
        let (node, levels): (LogicalPlanNode, _) = self.read(Message::LogicalPlan, bytes, task)?;
        stack::with_room_for(levels, || {
            let mut plan = node.try_into_logical_plan(task, codec)?;
            if self.has_kept() {
                plan = fidelity::restore_plan(plan)?;
            }
            let plan = fidelity::without_endless_limits(plan)?;
            predicates::check_plan(&plan, self.limits())?;
            writes::check_logical(&plan)?;
            Ok(plan)
        })
    }

    pub(crate) fn build_physical_expr(
        &self,
        bytes: &[u8],
        codec: &dyn PhysicalExtensionCodec,
        task: &TaskContext,
        schema: &Schema,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        let (node, levels): (PhysicalExprNode, _) = self.read(Message::PhysicalExpr, bytes, task)?;
        let (cx, converter) = (PhysicalPlanDecodeContext::new(task, codec), Converter::new(self.limits()));
        stack::with_room_for(levels, || converter.proto_to_physical_expr(&node, schema, &cx))
    }

    pub(crate) fn build_physical_plan(
        &self,
        bytes: &[u8],
        codec: &dyn PhysicalExtensionCodec,
        task: &TaskContext,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (node, levels): (PhysicalPlanNode, _) = self.read(Message::PhysicalPlan, bytes, task)?;
        let cx = PhysicalPlanDecodeContext::new(task, codec);
        stack::with_room_for(levels, || {
            let plan = Converter::new(self.limits()).proto_to_execution_plan(&node, &cx)?;
            writes::check_physical(&plan)?;
            Ok(plan)
        })
    }
}
