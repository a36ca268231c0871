//! The converter of physical plans, which looks at each node of a message before DataFusion builds it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ptr;
use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::error::Result;
use datafusion::physical_expr::expressions::lit;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::physical_plan::from_proto::parse_physical_expr_with_converter;
use datafusion_proto::physical_plan::to_proto::serialize_physical_expr_with_converter;
use datafusion_proto::physical_plan::{
    PhysicalExtensionCodec, PhysicalPlanDecodeContext, PhysicalPlanNodeExt, PhysicalProtoConverterExtension,
};
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;
use datafusion_proto::protobuf::{PhysicalExprNode, PhysicalPlanNode};

use crate::fidelity;
use crate::fidelity::options::{self, Needed};
use crate::limits::{Limit, Limits};
use crate::plan::slices;
use crate::preflight::{orderings, predicates};

/// DataFusion's own conversion, but for plans that would take too long to build.
#[derive(Debug)]
pub(crate) struct Converter<'l> {
    limits: &'l Limits,
    /// Inputs that were converted to be looked at, by the place of their node in the message.
    inputs: RefCell<HashMap<*const PhysicalPlanNode, Arc<dyn ExecutionPlan>>>,
    /// Work of the filters so far.
    work: Cell<usize>,
    /// Whether a function was written that depends on the time zone of the session.
    reads_zone: Cell<bool>,
}

impl<'l> Converter<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Self {
        Self { limits, inputs: RefCell::default(), work: Cell::new(0), reads_zone: Cell::new(false) }
    }

    /// The options that what was written depends on.
    pub(crate) fn needed(&self) -> Needed {
        let mut needed = Needed::default();
        if self.reads_zone.get() {
            needed.zone();
        }
        needed
    }

    /// Refuses what DataFusion could not build in time. The input of a projection is converted ahead of it,
    /// because how much there is to do depends on it.
    fn look_ahead(&self, proto: &PhysicalPlanNode, ctx: &PhysicalPlanDecodeContext<'_>) -> Result<()> {
        let (input, exprs) = match &proto.physical_plan_type {
            Some(PhysicalPlanType::Projection(node)) => (&node.input, &node.expr),
            Some(PhysicalPlanType::Aggregate(node)) => (&node.input, &node.group_expr),
            Some(PhysicalPlanType::Filter(node)) => {
                let work = node.expr.as_ref().map(predicates::work_of_filter).unwrap_or_default();
                self.work.set(self.work.get().saturating_add(work));
                let within = self.limits.check(Limit::Work, self.work.get());
                return within.map_err(|excess| excess.on_decode().into());
            }
            _ => return Ok(()),
        };
        let Some(input) = input else { return Ok(()) };
        let plan = self.proto_to_execution_plan(input, ctx)?;
        if orderings::are_worth_counting(&plan, exprs.len()) {
            let schema = plan.schema();
            let convert = |expr| self.proto_to_physical_expr(expr, &schema, ctx);
            let sources = exprs.iter().map(convert).collect::<Result<Vec<_>>>()?;
            orderings::check(&plan, &sources, self.limits)?;
        }
        self.inputs.borrow_mut().insert(ptr::from_ref(&**input), plan);
        Ok(())
    }
}

#[deny(clippy::missing_trait_methods)]
impl PhysicalProtoConverterExtension for Converter<'_> {
    fn proto_to_execution_plan(
        &self,
        proto: &PhysicalPlanNode,
        ctx: &PhysicalPlanDecodeContext<'_>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let converted = self.inputs.borrow_mut().remove(&ptr::from_ref(proto));
        match converted {
            Some(plan) => Ok(plan),
            None => self.default_proto_to_execution_plan(proto, ctx),
        }
    }

    fn default_proto_to_execution_plan(
        &self,
        proto: &PhysicalPlanNode,
        ctx: &PhysicalPlanDecodeContext<'_>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.look_ahead(proto, ctx)?;
        let plan = proto.try_into_physical_plan_with_context(ctx, self)?;
        orderings::check_plan(&plan, self.limits)?;
        Ok(plan)
    }

    fn execution_plan_to_proto(
        &self,
        plan: &Arc<dyn ExecutionPlan>,
        codec: &dyn PhysicalExtensionCodec,
    ) -> Result<PhysicalPlanNode> {
        fidelity::write(plan, &|plan| {
            let mut node =
                PhysicalPlanNode::try_from_physical_plan_with_converter(Arc::clone(plan), codec, self)?;
            slices::scan::cut(plan, &mut node)?;
            Ok(node)
        })
    }

    fn proto_to_physical_expr(
        &self,
        proto: &PhysicalExprNode,
        input_schema: &Schema,
        ctx: &PhysicalPlanDecodeContext<'_>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        self.default_proto_to_physical_expr(proto, input_schema, ctx)
    }

    fn default_proto_to_physical_expr(
        &self,
        proto: &PhysicalExprNode,
        input_schema: &Schema,
        ctx: &PhysicalPlanDecodeContext<'_>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        parse_physical_expr_with_converter(proto, input_schema, ctx, self)
    }

    fn physical_expr_to_proto(
        &self,
        expr: &Arc<dyn PhysicalExpr>,
        codec: &dyn PhysicalExtensionCodec,
    ) -> Result<PhysicalExprNode> {
        // What a filter knows is of the run that filled it.
        let expr = if fidelity::is_dynamic(expr) { &lit(true) } else { expr };
        if let Some(call) = expr.downcast_ref::<ScalarFunctionExpr>()
            && options::reads_zone(call.fun())
        {
            self.reads_zone.set(true);
        }
        fidelity::keep_physical_expr(expr, serialize_physical_expr_with_converter(expr, codec, self)?)
    }
}
