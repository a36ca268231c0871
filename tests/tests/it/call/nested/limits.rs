//! The limits of a message hold inside the payloads of a family, in both directions.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::logical_expr::{Expr, Operator, col, lit};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr, Column};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::prelude::SessionContext;
use datafusion_proto::logical_plan::DefaultLogicalExtensionCodec;
use datafusion_proto::logical_plan::to_proto::serialize_expr;
use datafusion_proto::protobuf as pb;
use planwire_registry::{Limit, Limits, WireError};
use prost::Message as _;

use crate::fixture::geo::{Geo, Held, Holder, Within, filter, geo_and};
use crate::preflight::hostile::nulls;

/// A logical plan with a node of the family that holds a chain of so many operands.
fn logical(operands: usize) -> Vec<u8> {
    use pb::logical_expr_node::ExprType;
    let column = serialize_expr(&col("a"), &DefaultLogicalExtensionCodec {}).unwrap();
    let chain = pb::BinaryExprNode { operands: vec![column; operands], op: "And".into() };
    let chain = pb::LogicalExprNode { expr_type: Some(ExprType::BinaryExpr(chain)) };
    let node = [b"EXGEOLO\x01".to_vec(), chain.encode_to_vec()].concat();
    let node = pb::LogicalExtensionNode { node, inputs: vec![] };
    let plan = pb::logical_plan_node::LogicalPlanType::Extension(node);
    pb::LogicalPlanNode { logical_plan_type: Some(plan) }.encode_to_vec()
}

fn boolean() -> Arc<Schema> {
    Arc::new(Schema::new(vec![Field::new("a", DataType::Boolean, true)]))
}

/// The same of a physical plan.
fn physical(operands: usize) -> Vec<u8> {
    use pb::physical_expr_node::ExprType;
    use pb::physical_plan_node::PhysicalPlanType;
    let codecs = geo_and(vec![]);
    let input: Arc<dyn ExecutionPlan> = Arc::new(EmptyExec::new(boolean()));
    let input = codecs.physical().physical_plan_to_bytes(&input).unwrap();
    let expr = |expr_type| pb::PhysicalExprNode { expr_id: None, expr_type: Some(expr_type) };
    let column = expr(ExprType::Column(pb::PhysicalColumn { name: "a".into(), index: 0 }));
    let chain = pb::PhysicalBinaryExprNode {
        operands: vec![column; operands],
        op: "And".into(),
        ..Default::default()
    };
    let chain = expr(ExprType::BinaryExpr(Box::new(chain)));
    let node = [b"EXGEOPH\x01".to_vec(), chain.encode_to_vec()].concat();
    let inputs = vec![pb::PhysicalPlanNode::decode(input.as_slice()).unwrap()];
    let node = pb::PhysicalExtensionNode { node, inputs };
    pb::PhysicalPlanNode { physical_plan_type: Some(PhysicalPlanType::Extension(node)) }.encode_to_vec()
}

/// Decodes both on a thread with little room.
fn decoded(operands: usize) -> [Result<(), WireError>; 2] {
    let decode = move || {
        let (codecs, task) = (geo_and(vec![]), SessionContext::new().task_ctx());
        [
            codecs.logical().logical_plan_from_bytes(&logical(operands), &task).map(drop),
            codecs.physical().physical_plan_from_bytes(&physical(operands), &task).map(drop),
        ]
    };
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(decode).unwrap().join().unwrap()
}

#[test]
fn a_flat_chain_inside_a_node_ends_at_the_limits_and_not_with_the_stack() {
    // Up to two levels are those of the plan around it.
    for outcome in decoded(4094) {
        outcome.unwrap();
    }
    for (operands, limit) in [
        (4096, Limit::Depth),
        (8_000, Limit::Depth),
        (40_000, Limit::Depth),
        (64_000, Limit::Nodes),
        (100_000, Limit::Nodes),
    ] {
        for outcome in decoded(operands) {
            match outcome.unwrap_err() {
                WireError::LimitExceeded { limit: named, most, .. } => {
                    assert_eq!((named, most), (limit, Limits::default().get(limit)), "{operands}");
                }
                other => panic!("{operands}: {other}"),
            }
        }
    }
}

/// A chain that is as deep as it has operands.
fn chain(operands: usize) -> Expr {
    std::iter::repeat_n(col("a"), operands).reduce(Expr::and).unwrap()
}

fn physical_chain(operands: usize) -> Arc<dyn ExecutionPlan> {
    let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new("a", 0));
    let and = |left, right| Arc::new(BinaryExpr::new(left, Operator::And, right)) as _;
    let predicate = std::iter::repeat_n(column, operands).reduce(and).unwrap();
    Arc::new(Within { predicate, input: Arc::new(EmptyExec::new(boolean())) })
}

#[test]
fn a_chain_inside_a_node_that_no_receiver_takes_is_not_sent() {
    let codecs = geo_and(vec![]);
    let encoded = |operands| {
        let logical = codecs.logical().logical_plan_to_bytes(&filter(chain(operands)));
        [logical, codecs.physical().physical_plan_to_bytes(&physical_chain(operands))]
    };
    for outcome in encoded(4094) {
        outcome.unwrap();
    }
    for outcome in encoded(4096) {
        let error = outcome.unwrap_err();
        let WireError::EncodeLimit { limit: Limit::Depth, found, most: 4096 } = error else {
            panic!("{error}")
        };
        assert!(found > 4096);
    }
}

/// Functions within functions within a node, and one beside.
fn sample() -> Expr {
    let holds = |expr| Holder::holding(Held::Expr(expr)).call(vec![lit(1)]);
    holds(holds(chain(5)).and(holds(col("b").and(nulls(2_000)))).and(nulls(1_000)))
}

#[test]
fn every_limit_holds_for_what_a_message_adds_up_to_with_what_is_inside() {
    let with = |limit, most| geo_and(vec![]).with_limits(Limits::default().with(limit, most));
    let task = SessionContext::new().task_ctx();
    let plan = filter(sample());
    let bytes = geo_and(vec![]).logical().logical_plan_to_bytes(&plan).unwrap();
    let encoded = |limit, most| with(limit, most).logical().logical_plan_to_bytes(&plan);
    let decoded = |limit, most| with(limit, most).logical().logical_plan_from_bytes(&bytes, &task);
    for &limit in Limit::ALL {
        let (mut fails, mut passes) = (0, Limits::default().get(limit));
        while passes - fails > 1 {
            let middle = fails + (passes - fails) / 2;
            if encoded(limit, middle).is_ok() { passes = middle } else { fails = middle }
        }
        if let Err(error) = decoded(limit, passes) {
            panic!("{limit} of {passes}: {error}");
        }
        // The sample has no schema; and a sender knows a name for the node that the plan does not have.
        if matches!(limit, Limit::Schema | Limit::Fields | Limit::Name) {
            continue;
        }
        let error = decoded(limit, passes - 1).unwrap_err();
        assert!(matches!(error, WireError::LimitExceeded { limit: named, .. } if named == limit), "{error}");
        let counted = match limit {
            Limit::Frames => 4,
            // The node; a call and its argument; the same below two operators; the chain.
            Limit::Depth => 1 + 2 + 4 + 5,
            // Two lists, in two messages, less the bytes that each has.
            Limit::Rows => (2_000 - 511) + (1_000 - 511),
            _ => continue,
        };
        assert_eq!(passes, counted, "{limit}");
    }
}

#[test]
fn what_a_family_makes_of_a_limit_does_not_lift_it() {
    use planwire_registry::{
        AuthorizedFrame, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Member,
        Node, NodeRef, Payload, SessionCodecs, Tag, WireFamily,
    };

    /// Makes something up where the payload cannot be decoded.
    #[derive(Debug)]
    struct Lenient;

    impl WireFamily for Lenient {
        fn name(&self) -> FamilyName {
            FamilyName::new("geo")
        }
        fn tag(&self, kind: Kind) -> Option<Tag> {
            Geo.tag(kind)
        }
        fn encode(&self, node: NodeRef<'_>, cx: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
            let encoded = Geo.encode(node, cx);
            Ok(encoded.unwrap_or_else(|_| Some(Payload::concat(&[]))))
        }
        fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
            let expr = cx.expr_from_bytes(frame.payload()).unwrap_or_else(|_| col("a"));
            let node = Arc::new(crate::fixture::nodes::Annotated::new(vec![expr]));
            Ok(Node::LogicalNode(datafusion::logical_expr::Extension { node }))
        }
    }

    let member = Member::new(Arc::new(Lenient), "tests");
    let codecs = SessionCodecs::new(FamilyList::new([member]).unwrap());
    let codecs = codecs.with_mode("geo", FamilyMode::Inline).unwrap();
    let task = SessionContext::new().task_ctx();
    let error = codecs.logical().logical_plan_from_bytes(&logical(10_000), &task).unwrap_err();
    assert_eq!(error.code(), "PW-D017", "{error}");
    let error = codecs.logical().logical_plan_to_bytes(&filter(chain(10_000))).unwrap_err();
    assert_eq!(error.code(), "PW-E007", "{error}");
}
