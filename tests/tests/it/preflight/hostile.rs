//! Messages that would cost more than they hold: refused on their bytes, before anything is made of them.

mod work;

use std::sync::Arc;

use datafusion::arrow::array::{ListArray, NullArray};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::execution::TaskContext;
use datafusion::functions::core::expr_fn::arrow_cast;
use datafusion::logical_expr::{Expr, LogicalPlan, cast, lit};
use datafusion::prelude::SessionContext;
use datafusion_proto::protobuf::logical_expr_node::ExprType;
use datafusion_proto::protobuf::logical_plan_node::LogicalPlanType;
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;
use datafusion_proto::protobuf::{
    AggregateNode, AliasNode, BetweenNode, BinaryExprNode, CaseNode, CastNode, CubeNode, EmptyExecNode,
    EmptyRelationNode, FilterExecNode, InListNode, LogicalExprNode, LogicalPlanNode, PhysicalPlanNode,
    ProjectionNode, RepartitionNode, ScalarUdfExprNode, SelectionNode, WhenThen, repartition_node,
};
use datafusion_proto_common::scalar_value::Value;
use datafusion_proto_common::{ArrowType, Decimal128, ScalarFixedSizeBinary, ScalarTimestampValue};
use planwire_registry::error::Message;
use planwire_registry::{Limit, Limits, SessionCodecs, WireError};
use prost::Message as _;

use crate::fixture::strict;

fn task() -> Arc<TaskContext> {
    SessionContext::new().task_ctx()
}

fn expr(kind: ExprType) -> LogicalExprNode {
    LogicalExprNode { expr_type: Some(kind) }
}

fn literal(value: Value) -> LogicalExprNode {
    expr(ExprType::Literal(datafusion_proto_common::ScalarValue { value: Some(value) }))
}

fn one_row() -> LogicalPlanNode {
    let node = EmptyRelationNode { produce_one_row: true };
    LogicalPlanNode { logical_plan_type: Some(LogicalPlanType::EmptyRelation(node)) }
}

fn plan(kind: LogicalPlanType) -> LogicalPlanNode {
    LogicalPlanNode { logical_plan_type: Some(kind) }
}

fn projection(exprs: Vec<LogicalExprNode>) -> LogicalPlanNode {
    let node = ProjectionNode { input: Some(Box::new(one_row())), expr: exprs, ..Default::default() };
    plan(LogicalPlanType::Projection(Box::new(node)))
}

fn decode_expr(node: &LogicalExprNode) -> Result<Expr, WireError> {
    strict().logical().expr_from_bytes(&node.encode_to_vec(), &task())
}

fn decode_plan(node: &LogicalPlanNode) -> Result<LogicalPlan, WireError> {
    strict().logical().logical_plan_from_bytes(&node.encode_to_vec(), &task())
}

#[track_caller]
fn assert_exceeds<T: std::fmt::Debug>(outcome: Result<T, WireError>, wanted: Limit) {
    match outcome.unwrap_err() {
        WireError::LimitExceeded { limit, .. } => assert_eq!(limit, wanted),
        other => panic!("{wanted}: {other}"),
    }
}

fn null_of(data_type: &DataType) -> LogicalExprNode {
    literal(Value::NullValue(ArrowType::try_from(data_type).unwrap()))
}

fn fixed(size: i32, inner: DataType) -> DataType {
    DataType::FixedSizeList(Arc::new(Field::new("item", inner, true)), size)
}

#[test]
fn a_type_that_claims_memory_is_refused_wherever_it_stands() {
    let wide = fixed(1 << 24, fixed(1 << 24, DataType::Int64));
    let within = |inner: &DataType| {
        let field = Arc::new(Field::new("item", inner.clone(), true));
        [
            DataType::List(Arc::clone(&field)),
            DataType::LargeListView(Arc::clone(&field)),
            DataType::Struct(Fields::from(vec![Arc::clone(&field)])),
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(inner.clone())),
        ]
    };
    let types = within(&wide).into_iter().chain([wide.clone(), DataType::FixedSizeBinary(i32::MAX)]);
    for data_type in types {
        let node = null_of(&data_type);
        assert_exceeds(decode_expr(&node), Limit::Width);
        assert_exceeds(decode_plan(&projection(vec![node])), Limit::Width);
        // On the way out alike, so that nothing is sent that no receiver takes.
        let sent = strict().logical().expr_to_bytes(&cast(lit(1), data_type));
        assert!(matches!(sent, Err(WireError::EncodeLimit { limit: Limit::Width, .. })), "{sent:?}");
    }
}

#[test]
fn a_literal_that_claims_a_fixed_size_is_refused() {
    let claimed = |length| {
        let value = ScalarFixedSizeBinary { values: vec![1, 2], length };
        decode_expr(&literal(Value::FixedSizeBinaryValue(value)))
    };
    assert!(claimed(2).is_ok());
    assert_exceeds(claimed(i32::MAX), Limit::Width);
    let error = claimed(-1).unwrap_err();
    assert!(matches!(error, WireError::NotAMessage { .. }), "{error}");
}

#[test]
fn a_decimal_literal_beyond_its_precision_is_malformed() {
    let decimal = |p, s| {
        let value = 1_i128.to_be_bytes().to_vec();
        decode_expr(&literal(Value::Decimal128Value(Decimal128 { value, p, s })))
    };
    assert!(decimal(38, 2).is_ok());
    for (precision, scale) in [(0, 0), (39, 0), (81, 0), (5, 6), (5, 300)] {
        let error = decimal(precision, scale).unwrap_err();
        assert!(matches!(error, WireError::NotAMessage { .. }), "{precision}, {scale}: {error}");
    }
}

#[test]
fn the_width_of_a_type_is_held_at_its_number() {
    let data_type = fixed(1000, DataType::FixedSizeBinary(100));
    let bytes = null_of(&data_type).encode_to_vec();
    let read = |most| {
        let codecs = strict().with_limits(Limits::default().with(Limit::Width, most));
        codecs.logical().expr_from_bytes(&bytes, &task())
    };
    assert!(read(100_000).is_ok());
    assert_exceeds(read(99_999), Limit::Width);
}

#[test]
fn a_type_that_no_library_makes_is_malformed() {
    let zoned = |zone: &str| DataType::Timestamp(TimeUnit::Second, Some(zone.into()));
    let field = |name: &str, data_type| Field::new(name, data_type, true);
    let types = [
        zoned("U\0"),
        zoned("Nowhere/Land"),
        zoned("\u{1b}[2K"),
        DataType::Decimal128(0, 0),
        DataType::Decimal128(81, 0),
        DataType::Decimal256(77, 0),
        DataType::Decimal32(10, 2),
        DataType::Decimal64(5, 6),
        DataType::Time32(TimeUnit::Nanosecond),
        DataType::Time64(TimeUnit::Second),
        DataType::FixedSizeBinary(-1),
        fixed(-5, DataType::Int8),
        DataType::Dictionary(Box::new(DataType::Utf8), Box::new(DataType::Utf8)),
        DataType::RunEndEncoded(
            Arc::new(field("run_ends", DataType::UInt8)),
            Arc::new(field("values", DataType::Utf8)),
        ),
        DataType::Dictionary(
            Box::new(DataType::Int8),
            Box::new(DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8))),
        ),
        DataType::Map(Arc::new(field("entries", DataType::Int8)), false),
        DataType::Struct(Fields::from(vec![field("a\0b", DataType::Int8)])),
    ];
    for data_type in types {
        let outcome = decode_expr(&null_of(&data_type));
        assert!(matches!(outcome, Err(WireError::NotAMessage { .. })), "{data_type}: {outcome:?}");
    }
    for data_type in [zoned("+05:30"), zoned("Europe/Berlin"), DataType::Decimal256(76, -3)] {
        assert!(decode_expr(&null_of(&data_type)).is_ok(), "{data_type}");
    }
}

#[test]
fn a_zone_or_name_with_a_zero_byte_is_malformed() {
    let timestamp = ScalarTimestampValue { timezone: "UT\0".to_owned(), value: None };
    let named = AliasNode {
        expr: Some(Box::new(literal(Value::Int64Value(1)))),
        alias: "a\0".to_owned(),
        ..Default::default()
    };
    for node in [literal(Value::TimestampValue(timestamp)), expr(ExprType::Alias(Box::new(named)))] {
        let outcome = decode_expr(&node);
        assert!(matches!(outcome, Err(WireError::NotAMessage { .. })), "{outcome:?}");
    }
    // A value may hold anything.
    assert!(decode_expr(&literal(Value::Utf8Value("a\0".to_owned()))).is_ok());
}

#[test]
fn a_cast_to_a_type_in_a_text_is_held_as_the_type_would_be() {
    let deep = format!("{}Int8{}", "List(".repeat(60_000), ")".repeat(60_000));
    for (text, sound) in [
        ("FixedSizeList(16777216 x FixedSizeList(16777216 x Int64))", false),
        ("Timestamp(s, \"U\0\")", false),
        (&*deep, false),
        ("List(", true),
        ("List(Int8)", true),
        ("Timestamp(s, \"Europe/Berlin\")", true),
    ] {
        let bytes = ["arrow_cast", "arrow_try_cast"].map(|name| {
            let args = vec![literal(Value::Int64Value(1)), literal(Value::Utf8Value(text.to_owned()))];
            let call = ScalarUdfExprNode { fun_name: name.to_owned(), args, fun_definition: None };
            expr(ExprType::ScalarUdfExpr(call))
        });
        for node in bytes {
            let shown = text.get(..40).unwrap_or(text);
            assert_eq!(decode_expr(&node).is_ok(), sound, "{shown}");
        }
    }
    // A type that is computed would be parsed once it is known, past this check.
    let computed = arrow_cast(lit(1), lit("List(Int8)").alias("type"));
    assert!(strict().logical().expr_to_bytes(&computed).is_err());
}

fn column() -> LogicalExprNode {
    expr(ExprType::Column(datafusion_proto_common::Column { name: "c".to_owned(), relation: None }))
}

fn binary(op: &str, operands: Vec<LogicalExprNode>) -> LogicalExprNode {
    expr(ExprType::BinaryExpr(BinaryExprNode { operands, op: op.to_owned() }))
}

/// A plan with one column `c`.
fn column_of(input: LogicalPlanNode, inner: LogicalExprNode) -> LogicalPlanNode {
    let node = AliasNode { expr: Some(Box::new(inner)), alias: "c".to_owned(), ..Default::default() };
    let exprs = vec![expr(ExprType::Alias(Box::new(node)))];
    let node = ProjectionNode { input: Some(Box::new(input)), expr: exprs, ..Default::default() };
    plan(LogicalPlanType::Projection(Box::new(node)))
}

/// A plan that adds up so many columns, which DataFusion turns into a tree as deep.
fn sum_of(operands: usize) -> LogicalPlanNode {
    let rows = column_of(one_row(), literal(Value::Int64Value(1)));
    column_of(rows, binary("Plus", vec![column(); operands]))
}

/// A literal list of so many nulls, none of which has a bit of its own.
pub(crate) fn nulls(count: usize) -> Expr {
    let list = ListArray::new(
        Arc::new(Field::new_list_field(DataType::Null, true)),
        OffsetBuffer::from_lengths([count]),
        Arc::new(NullArray::new(count)),
        None,
    );
    lit(ScalarValue::List(Arc::new(list)))
}
