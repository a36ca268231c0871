//! A family as others write them: nodes with a predicate inside, and a function that holds whatever a message can
//! be.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::common::not_impl_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, Extension, LogicalPlan, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use planwire_registry::error::Message;
use planwire_registry::frame::Frame;
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Member, Nested,
    Node, NodeRef, Payload, Place, SessionCodecs, Tag, WireError, WireFamily,
};

use crate::nodes::Annotated;

/// A filter of a physical plan, which DataFusion cannot serialise.
#[derive(Debug)]
pub(crate) struct Within {
    pub(crate) predicate: Arc<dyn PhysicalExpr>,
    pub(crate) input: Arc<dyn ExecutionPlan>,
}

impl DisplayAs for Within {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Within: {}", self.predicate)
    }
}

impl ExecutionPlan for Within {
    fn name(&self) -> &str {
        "Within"
    }
    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }
    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }
    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        f(&self.predicate)
    }
    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }
    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        not_impl_err!("never executed")
    }
}

/// What a [`Holder`] holds.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    Expr(Expr),
    LogicalPlan(LogicalPlan),
    PhysicalExpr(Arc<dyn PhysicalExpr>),
    PhysicalPlan(Arc<dyn ExecutionPlan>),
}

/// A function that holds a plan or an expression.
#[derive(Debug)]
pub(crate) struct Holder {
    pub(crate) held: Held,
    signature: Signature,
}

impl Holder {
    pub(crate) fn holding(held: Held) -> ScalarUDF {
        Self { held, signature: Signature::variadic_any(Volatility::Immutable) }.into()
    }
}

impl PartialEq for Holder {
    fn eq(&self, other: &Self) -> bool {
        format!("{:?}", self.held) == format!("{:?}", other.held)
    }
}

impl Eq for Holder {}

impl Hash for Holder {
    fn hash<H: Hasher>(&self, state: &mut H) {
        "holder".hash(state);
    }
}

impl ScalarUDFImpl for Holder {
    fn name(&self) -> &str {
        "holder"
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Null)
    }
    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        not_impl_err!("never run")
    }
}

/// Carries [`Annotated`] with one note, [`Within`], and [`Holder`].
#[derive(Debug)]
pub(crate) struct Geo;

/// The sort of message that a [`Holder`] holds, by the first byte of its payload.
const SORTS: [Message; 4] =
    [Message::Expr, Message::LogicalPlan, Message::PhysicalExpr, Message::PhysicalPlan];

impl WireFamily for Geo {
    fn name(&self) -> FamilyName {
        FamilyName::new("geo")
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        match kind {
            Kind::ScalarUdf => Some(Tag::new(b"EXGEOHO", 1)),
            Kind::LogicalNode => Some(Tag::new(b"EXGEOLO", 1)),
            Kind::PhysicalNode => Some(Tag::new(b"EXGEOPH", 1)),
            _ => None,
        }
    }

    fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        match node {
            NodeRef::ScalarUdf(udf) => {
                let Some(Holder { held, .. }) = udf.inner().downcast_ref() else { return Ok(None) };
                let (sort, bytes) = match held {
                    Held::Expr(expr) => (0, cx.expr_to_bytes(expr)?),
                    Held::LogicalPlan(plan) => (1, cx.logical_plan_to_bytes(plan)?),
                    Held::PhysicalExpr(expr) => (2, cx.physical_expr_to_bytes(expr)?),
                    Held::PhysicalPlan(plan) => (3, cx.physical_plan_to_bytes(plan)?),
                };
                Ok(Some(Payload::concat(&[&[sort], &bytes])))
            }
            NodeRef::LogicalNode(extension) => {
                let Some(node) = extension.node.as_any().downcast_ref::<Annotated>() else { return Ok(None) };
                let [predicate] = &node.notes[..] else {
                    return Err(cx.cannot_carry("it has no predicate, or more than one"));
                };
                Ok(Some(cx.expr_to_bytes(predicate)?.into()))
            }
            NodeRef::PhysicalNode { plan, .. } => {
                let Some(node) = plan.downcast_ref::<Within>() else { return Ok(None) };
                Ok(Some(cx.physical_expr_to_bytes(&node.predicate)?.into()))
            }
            _ => Ok(None),
        }
    }

    fn nested<'a>(&self, kind: Kind, frame: &Frame<'a>) -> Nested<'a> {
        match (kind, frame.payload) {
            (Kind::ScalarUdf, [sort, bytes @ ..]) => SORTS
                .get(usize::from(*sort))
                .map_or(Nested::Nothing, |what| Nested::Parts(vec![(*what, bytes)])),
            (Kind::LogicalNode, bytes) => Nested::Parts(vec![(Message::Expr, bytes)]),
            (Kind::PhysicalNode, bytes) => Nested::Parts(vec![(Message::PhysicalExpr, bytes)]),
            _ => Nested::Nothing,
        }
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        match (cx.place, frame.payload()) {
            (Place::ScalarUdf { .. }, [sort, bytes @ ..]) => {
                let held = match sort {
                    0 => Held::Expr(cx.expr_from_bytes(bytes)?),
                    1 => Held::LogicalPlan(cx.logical_plan_from_bytes(bytes)?),
                    2 => Held::PhysicalExpr(cx.physical_expr_from_bytes(bytes, &Schema::empty())?),
                    3 => Held::PhysicalPlan(cx.physical_plan_from_bytes(bytes)?),
                    _ => return Err(frame.malformed(format!("there is no sort {sort}"))),
                };
                Ok(Node::ScalarUdf(Arc::new(Holder::holding(held))))
            }
            (Place::LogicalNode { .. }, bytes) => {
                let node = Arc::new(Annotated::new(vec![cx.expr_from_bytes(bytes)?]));
                Ok(Node::LogicalNode(Extension { node }))
            }
            (Place::PhysicalNode { inputs, .. }, bytes) => {
                let [input] = inputs else {
                    return Err(frame.malformed(format!("it has {} inputs, not 1", inputs.len())));
                };
                let predicate = cx.physical_expr_from_bytes(bytes, &input.schema())?;
                Ok(Node::PhysicalNode(Arc::new(Within { predicate, input: Arc::clone(input) })))
            }
            _ => Err(frame.malformed("the payload is empty")),
        }
    }
}

/// Codecs of this family, inline, and of others.
pub(crate) fn geo_and(others: Vec<Arc<dyn WireFamily>>) -> SessionCodecs {
    let members = others.into_iter().chain([Arc::new(Geo) as _]);
    let members = members.map(|family| Member { family, origin: "tests" });
    let codecs = SessionCodecs::new(FamilyList::new(members).unwrap());
    codecs.with_mode("geo", FamilyMode::Inline).unwrap()
}

pub(crate) fn filter(predicate: Expr) -> LogicalPlan {
    LogicalPlan::Extension(Extension { node: Arc::new(Annotated::new(vec![predicate])) })
}
