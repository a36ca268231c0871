//! Messages that would take more work than they have bytes.

use std::thread;

use super::*;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit, scalar_subquery};
use datafusion_proto::protobuf::MemoryScanExecNode;

fn aliases(levels: usize) -> LogicalExprNode {
    (0..levels).fold(literal(Value::Int64Value(1)), |inner, _| {
        let node = AliasNode { expr: Some(Box::new(inner)), alias: "n".to_owned(), ..Default::default() };
        expr(ExprType::Alias(Box::new(node)))
    })
}

/// An expression in itself, by a node that holds it.
fn nested(levels: usize, around: impl Fn(LogicalExprNode) -> ExprType) -> LogicalExprNode {
    (0..levels).fold(literal(Value::Int64Value(1)), |inner, _| expr(around(inner)))
}

/// The kinds of expressions that DataFusion visits or copies several times at each level.
fn repeated(levels: usize) -> [(&'static str, LogicalExprNode); 8] {
    let one = || literal(Value::Int64Value(1));
    let call = |name: &'static str| {
        move |inner| {
            let args = vec![inner, literal(Value::Int64Value(1))];
            ExprType::ScalarUdfExpr(ScalarUdfExprNode {
                fun_name: name.to_owned(),
                args,
                fun_definition: None,
            })
        }
    };
    [
        ("alias", aliases(levels)),
        (
            "cast",
            nested(levels, |inner| {
                let arrow_type = Some(ArrowType::try_from(&DataType::Int64).unwrap());
                ExprType::Cast(Box::new(CastNode {
                    expr: Some(Box::new(inner)),
                    arrow_type,
                    ..Default::default()
                }))
            }),
        ),
        (
            "between",
            nested(levels, |inner| {
                let [low, high] = [one(), one()].map(|bound| Some(Box::new(bound)));
                ExprType::Between(Box::new(BetweenNode {
                    expr: Some(Box::new(inner)),
                    negated: false,
                    low,
                    high,
                }))
            }),
        ),
        (
            "in",
            nested(levels, |inner| {
                ExprType::InList(Box::new(InListNode {
                    expr: Some(Box::new(inner)),
                    list: vec![one()],
                    negated: false,
                }))
            }),
        ),
        (
            "when",
            nested(levels, |inner| {
                let when = WhenThen { when_expr: Some(inner), then_expr: Some(one()) };
                ExprType::Case(Box::new(CaseNode { expr: None, when_then_expr: vec![when], else_expr: None }))
            }),
        ),
        (
            "concatenation",
            (0..levels).fold(one(), |inner, _| {
                binary("Eq", vec![binary("StringConcat", vec![one(), inner]), one()])
            }),
        ),
        ("coalesce", nested(levels, call("coalesce"))),
        ("nvl", nested(levels, call("nvl"))),
    ]
}

#[test]
fn work_that_doubles_with_each_level_is_held_by_a_limit() {
    for (label, node) in repeated(5) {
        assert!(decode_expr(&node).is_ok(), "{label}");
    }
    for (_, node) in repeated(22) {
        assert_exceeds(decode_expr(&node), Limit::Work);
        assert_exceeds(decode_plan(&projection(vec![node])), Limit::Work);
    }
    let subqueries = |levels| {
        (0..levels).fold(lit(1), |inner: Expr, _| {
            let rows = LogicalPlanBuilder::empty(true).project([inner.alias("c")]).unwrap().build().unwrap();
            scalar_subquery(Arc::new(rows))
        })
    };
    assert!(strict().logical().expr_to_bytes(&subqueries(5)).is_ok());
    let sent = strict().logical().expr_to_bytes(&subqueries(12));
    assert!(matches!(sent, Err(WireError::EncodeLimit { limit: Limit::Work, .. })), "{sent:?}");
}

#[test]
fn grouping_sets_count_as_the_plan_they_become() {
    let cube = |members: usize| {
        let members = (0..members).map(|at| literal(Value::Int64Value(at as i64)));
        expr(ExprType::Cube(CubeNode { expr: members.collect() }))
    };
    let grouped = |group_expr| {
        let node = AggregateNode { input: Some(Box::new(one_row())), group_expr, aggr_expr: vec![] };
        plan(LogicalPlanType::Aggregate(Box::new(node)))
    };
    decode_plan(&grouped(vec![cube(8)])).unwrap();
    for sets in [vec![cube(50)], vec![cube(70)], vec![cube(9), cube(9)], vec![cube(4); 5]] {
        assert_exceeds(decode_plan(&grouped(sets)), Limit::Nodes);
    }
}

#[test]
fn packed_numbers_and_partitions_count_as_nodes() {
    let empty = |partitions| {
        let node = EmptyExecNode { schema: Some(Default::default()), partitions };
        PhysicalPlanNode { physical_plan_type: Some(PhysicalPlanType::Empty(node)) }
    };
    let filter = FilterExecNode {
        input: Some(Box::new(empty(1))),
        projection: vec![0; 100_000],
        ..Default::default()
    };
    let filter = PhysicalPlanNode { physical_plan_type: Some(PhysicalPlanType::Filter(Box::new(filter))) };
    for node in [filter, empty(u32::MAX)] {
        let decoded = strict().physical().physical_plan_from_bytes(&node.encode_to_vec(), &task());
        assert_exceeds(decoded, Limit::Nodes);
    }
    let node = RepartitionNode {
        input: Some(Box::new(one_row())),
        partition_method: Some(repartition_node::PartitionMethod::RoundRobin(1 << 40)),
    };
    assert_exceeds(decode_plan(&plan(LogicalPlanType::Repartition(Box::new(node)))), Limit::Nodes);
}

#[test]
fn rows_of_a_table_in_a_physical_plan_without_bytes_are_held_by_a_limit() {
    let schema = Schema::new(vec![Field::new("n", DataType::Null, true)]);
    let scan = |rows| {
        let table = RecordBatch::try_new(Arc::new(schema.clone()), vec![Arc::new(NullArray::new(rows))]);
        let mut stream = StreamWriter::try_new(Vec::new(), &schema).unwrap();
        stream.write(&table.unwrap()).unwrap();
        let node = MemoryScanExecNode {
            partitions: vec![stream.into_inner().unwrap()],
            schema: Some((&schema).try_into().unwrap()),
            ..Default::default()
        };
        let node = PhysicalPlanNode { physical_plan_type: Some(PhysicalPlanType::MemoryScan(node)) };
        strict().physical().physical_plan_from_bytes(&node.encode_to_vec(), &task())
    };
    assert!(scan(1000).is_ok());
    assert_exceeds(scan(1 << 40), Limit::Rows);
}

#[test]
fn elements_of_a_literal_without_bytes_are_held_by_a_limit() {
    const COUNT: usize = 1_234_567;
    let sound = strict().logical().expr_to_bytes(&nulls(COUNT)).unwrap();
    assert!(strict().logical().expr_from_bytes(&sound, &task()).is_ok());
    let mut huge = sound;
    let place = (COUNT as i64).to_le_bytes();
    let at = huge.windows(8).position(|window| window == place).unwrap();
    huge[at..at + 8].copy_from_slice(&(1_i64 << 50).to_le_bytes());
    assert_exceeds(strict().logical().expr_from_bytes(&huge, &task()), Limit::Rows);
    let sent = strict().logical().expr_to_bytes(&nulls(20 << 20));
    assert!(matches!(sent, Err(WireError::EncodeLimit { limit: Limit::Rows, .. })), "{sent:?}");
}

#[test]
fn a_plan_as_deep_as_the_limit_decodes_on_a_small_stack() {
    let decode = || {
        // Not dropped here: what recurses over the plan afterwards is the host's to give room to.
        std::mem::forget(decode_plan(&sum_of(2_000)).unwrap());
    };
    thread::Builder::new().stack_size(2 << 20).spawn(decode).unwrap().join().unwrap();
    assert_exceeds(decode_plan(&sum_of(5_000)), Limit::Depth);
}

#[test]
fn looking_into_a_message_gives_the_limit_that_decoding_would() {
    let codecs: SessionCodecs = strict();
    let bytes = projection(vec![aliases(40)]).encode_to_vec();
    let contents = codecs.inspect(&bytes, Some(Message::LogicalPlan), &task()).unwrap();
    let refused = contents.readings[0].refused.as_ref().unwrap();
    assert!(matches!(refused, WireError::LimitExceeded { limit: Limit::Work, .. }), "{refused}");
    assert!(!contents.is_admitted());
}

#[test]
fn predicates_that_double_with_each_projection_are_held_by_a_limit() {
    let doubled = |levels| {
        let double = |input, _| column_of(input, binary("Plus", vec![column(), column()]));
        let columns = (0..levels).fold(sum_of(2), double);
        let predicate = binary("Gt", vec![column(), literal(Value::Int64Value(1))]);
        let node = SelectionNode { input: Some(Box::new(columns)), expr: Some(Box::new(predicate)) };
        plan(LogicalPlanType::Selection(Box::new(node)))
    };
    assert!(decode_plan(&doubled(5)).is_ok());
    assert_exceeds(decode_plan(&doubled(22)), Limit::Work);
}

#[test]
fn bounds_of_a_long_conjunction_are_held_by_a_limit() {
    use datafusion_proto::protobuf::physical_expr_node::ExprType;
    use datafusion_proto::protobuf::{PhysicalBinaryExprNode, PhysicalColumn, PhysicalExprNode};

    let node = |kind| PhysicalExprNode { expr_type: Some(kind), expr_id: None };
    let binary = |op: &str, operands| {
        node(ExprType::BinaryExpr(Box::new(PhysicalBinaryExprNode {
            op: op.to_owned(),
            operands,
            ..Default::default()
        })))
    };
    let column = node(ExprType::Column(PhysicalColumn { name: "c".to_owned(), index: 0 }));
    let filter = |count| {
        let comparison = |at| {
            let value = datafusion_proto_common::ScalarValue { value: Some(Value::Int64Value(at)) };
            binary("Lt", vec![column.clone(), node(ExprType::Literal(value))])
        };
        let schema = Schema::new(vec![Field::new("c", DataType::Int64, true)]);
        let rows = EmptyExecNode { schema: Some((&schema).try_into().unwrap()), partitions: 1 };
        let filter = FilterExecNode {
            input: Some(Box::new(PhysicalPlanNode {
                physical_plan_type: Some(PhysicalPlanType::Empty(rows)),
            })),
            expr: Some(binary("And", (0..count).map(comparison).collect())),
            default_filter_selectivity: 20,
            ..Default::default()
        };
        let plan = PhysicalPlanNode { physical_plan_type: Some(PhysicalPlanType::Filter(Box::new(filter))) };
        strict().physical().physical_plan_from_bytes(&plan.encode_to_vec(), &task())
    };
    assert!(filter(50).is_ok());
    assert_exceeds(filter(2_000), Limit::Work);
}

#[test]
fn types_that_double_with_each_projection_are_held_by_a_limit() {
    let doubled = |levels| {
        (0..levels).fold(column_of(one_row(), literal(Value::Int64Value(1))), |input, _| {
            let args = vec![column(), column()];
            let pair = ScalarUdfExprNode { fun_name: "struct".to_owned(), args, fun_definition: None };
            column_of(input, expr(ExprType::ScalarUdfExpr(pair)))
        })
    };
    decode_plan(&doubled(8)).unwrap();
    assert_exceeds(decode_plan(&doubled(20)), Limit::Fields);
}

#[test]
fn calls_on_constants_that_grow_beyond_bounds_are_held_by_a_limit() {
    let number = |value| literal(Value::Int64Value(value));
    let text = |value: &str| literal(Value::Utf8Value(value.to_owned()));
    let call = |name: &str, args: Vec<LogicalExprNode>| {
        let fun_name = name.to_owned();
        expr(ExprType::ScalarUdfExpr(ScalarUdfExprNode { fun_name, args, fun_definition: None }))
    };
    let repeated = |levels| (0..levels).fold(text("x"), |inner, _| call("repeat", vec![inner, number(1000)]));
    let replaced = |levels| {
        (0..levels)
            .fold(text("x"), |inner, _| call("replace", vec![inner, text("x"), text(&"x".repeat(100))]))
    };
    let product = binary("Multiply", vec![number(30_000), number(30_000)]);
    for node in [
        call("repeat", vec![text("x"), number(1 << 30)]),
        call("repeat", vec![text("x"), product]),
        call("lpad", vec![text("x"), number(i64::from(i32::MAX))]),
        call("array_repeat", vec![number(1), number(1 << 31)]),
        call("range", vec![number(0), number(1 << 40)]),
        repeated(4),
        replaced(6),
    ] {
        assert_exceeds(decode_expr(&node), Limit::Work);
    }
    for node in [call("repeat", vec![text("x"), number(-1)]), repeated(2), replaced(2)] {
        decode_expr(&node).unwrap();
    }
}
