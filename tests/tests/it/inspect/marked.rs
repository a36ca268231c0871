//! Messages put together by hand, with a frame of one family for each kind.

use std::sync::{Arc, Mutex};

use datafusion_proto::protobuf as pb;
use planwire_registry::frame::Frame;
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Member, Nested,
    Node, NodeRef, Payload, SessionCodecs, Tag, WireError, WireFamily,
};
use prost::Message as _;

use crate::fixture::nodes::one_of_each;
use crate::fixture::{running, scalar, total};

/// Carries a node of every kind, and panics as soon as one is decoded unless it is told what to note.
#[derive(Debug, Default)]
pub(crate) struct Marked(pub(crate) Option<Mutex<Vec<(Kind, String)>>>);

pub(crate) const NAME: FamilyName = FamilyName::new("marked");
const MAGICS: [&[u8; 7]; 9] = [
    b"DFMARKA", b"DFMARKB", b"DFMARKC", b"DFMARKD", b"DFMARKE", b"DFMARKF", b"DFMARKG", b"DFMARKH",
    b"DFMARKI",
];

impl WireFamily for Marked {
    fn name(&self) -> FamilyName {
        NAME
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        let position = Kind::ALL.iter().position(|other| *other == kind)?;
        Some(Tag::new(MAGICS[position], 1))
    }

    fn encode(&self, node: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        Ok(Some(node.kind().as_str().as_bytes().into()))
    }

    fn nested<'a>(&self, _: Kind, _: &Frame<'a>) -> Nested<'a> {
        Nested::Nothing
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        let Some(noted) = &self.0 else { panic!("looking decodes nothing") };
        noted.lock().unwrap().push((cx.place.kind(), cx.place.name()));
        let kind = frame.inspection().kind;
        Ok(match (kind, frame.inspection().name.as_str()) {
            (Kind::ScalarUdf, "triple") => Node::ScalarUdf(Arc::new(scalar("triple"))),
            (Kind::AggregateUdf, "total") => Node::AggregateUdf(Arc::new(total())),
            (Kind::WindowUdf, "running") => Node::WindowUdf(Arc::new(running())),
            _ => one_of_each().into_iter().find(|node| node.kind() == kind).unwrap(),
        })
    }
}

pub(crate) fn marked(family: Arc<Marked>) -> SessionCodecs {
    let families = FamilyList::new([Member::new(family, "tests")]).unwrap();
    SessionCodecs::new(families).with_mode("marked", FamilyMode::Inline).unwrap()
}

pub(crate) fn frame(kind: Kind) -> Vec<u8> {
    let position = Kind::ALL.iter().position(|other| *other == kind).unwrap();
    [MAGICS[position].as_slice(), &[1], kind.as_str().as_bytes()].concat()
}

fn expr(kind: pb::logical_expr_node::ExprType) -> pb::LogicalExprNode {
    pb::LogicalExprNode { expr_type: Some(kind) }
}

fn plan(kind: pb::logical_plan_node::LogicalPlanType) -> pb::LogicalPlanNode {
    pb::LogicalPlanNode { logical_plan_type: Some(kind) }
}

/// A plan in which a codec is asked about each kind that a logical plan can hold, by a frame of [`Marked`].
pub(crate) fn logical() -> Vec<u8> {
    use pb::logical_expr_node::ExprType;
    use pb::logical_plan_node::LogicalPlanType;
    let window = |function, kind| {
        expr(ExprType::WindowExpr(Box::new(pb::WindowExprNode {
            window_function: Some(function),
            fun_definition: Some(frame(kind)),
            ..Default::default()
        })))
    };
    let scan = plan(LogicalPlanType::CustomScan(pb::CustomTableScanNode {
        table_name: Some(pb::TableReference {
            table_reference_enum: Some(pb::table_reference::TableReferenceEnum::Full(
                pb::FullTableReference { catalog: "c".into(), schema: "s".into(), table: "t".into() },
            )),
        }),
        custom_table_data: frame(Kind::TableProvider),
        ..Default::default()
    }));
    let aggregate = expr(ExprType::AggregateUdfExpr(Box::new(pb::AggregateUdfExprNode {
        fun_name: "inner".into(),
        fun_definition: Some(frame(Kind::AggregateUdf)),
        ..Default::default()
    })));
    let higher_order = expr(ExprType::HigherOrderUdfExpr(pb::HigherOrderUdfExprNode {
        fun_name: "applies".into(),
        fun_definition: Some(frame(Kind::HigherOrderUdf)),
        args: vec![],
    }));
    let outer = expr(ExprType::ScalarUdfExpr(pb::ScalarUdfExprNode {
        fun_name: "outer".into(),
        args: vec![aggregate, higher_order],
        fun_definition: Some(frame(Kind::ScalarUdf)),
    }));
    let projection = plan(LogicalPlanType::Projection(Box::new(pb::ProjectionNode {
        input: Some(Box::new(scan)),
        expr: vec![
            outer,
            window(pb::window_expr_node::WindowFunction::Udwf("runs".into()), Kind::WindowUdf),
            window(pb::window_expr_node::WindowFunction::Udaf("sums".into()), Kind::AggregateUdf),
        ],
        optional_alias: None,
    })));
    let copy = plan(LogicalPlanType::CopyTo(Box::new(pb::CopyToNode {
        input: Some(Box::new(projection)),
        file_type: frame(Kind::FileFormat),
        ..Default::default()
    })));
    plan(LogicalPlanType::Extension(pb::LogicalExtensionNode {
        node: frame(Kind::LogicalNode),
        inputs: vec![copy],
    }))
    .encode_to_vec()
}

/// The same of a physical plan.
pub(crate) fn physical() -> Vec<u8> {
    use pb::physical_expr_node::ExprType;
    use pb::physical_plan_node::PhysicalPlanType;
    let expr = |kind| pb::PhysicalExprNode { expr_id: Some(7), expr_type: Some(kind) };
    let aggregate = expr(ExprType::AggregateExpr(pb::PhysicalAggregateExprNode {
        aggregate_function: Some(
            pb::physical_aggregate_expr_node::AggregateFunction::UserDefinedAggrFunction("total".into()),
        ),
        fun_definition: Some(frame(Kind::AggregateUdf)),
        ..Default::default()
    }));
    let window = pb::PhysicalWindowExprNode {
        window_function: Some(pb::physical_window_expr_node::WindowFunction::UserDefinedWindowFunction(
            "runs".into(),
        )),
        fun_definition: Some(frame(Kind::WindowUdf)),
        ..Default::default()
    };
    let opaque = expr(ExprType::Extension(pb::PhysicalExtensionExprNode {
        expr: frame(Kind::PhysicalExpr),
        inputs: vec![expr(ExprType::ScalarUdf(pb::PhysicalScalarUdfNode {
            name: "inner".into(),
            fun_definition: Some(frame(Kind::ScalarUdf)),
            ..Default::default()
        }))],
    }));
    let input = pb::PhysicalPlanNode {
        physical_plan_type: Some(PhysicalPlanType::Window(Box::new(pb::WindowAggExecNode {
            window_expr: vec![window],
            partition_keys: vec![
                opaque,
                aggregate,
                expr(ExprType::HigherOrderUdf(pb::PhysicalHigherOrderUdfNode {
                    name: "applies".into(),
                    fun_definition: Some(frame(Kind::HigherOrderUdf)),
                    args: vec![],
                })),
            ],
            ..Default::default()
        }))),
    };
    let extension = pb::PhysicalExtensionNode { node: frame(Kind::PhysicalNode), inputs: vec![input] };
    pb::PhysicalPlanNode { physical_plan_type: Some(PhysicalPlanType::Extension(extension)) }.encode_to_vec()
}

/// The message of a call without arguments whose function has these bytes.
pub(crate) fn call(bytes: &[u8]) -> Vec<u8> {
    expr(pb::logical_expr_node::ExprType::ScalarUdfExpr(pb::ScalarUdfExprNode {
        fun_name: "triple".into(),
        args: vec![],
        fun_definition: Some(bytes.to_vec()),
    }))
    .encode_to_vec()
}
