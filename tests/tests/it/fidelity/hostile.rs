//! Frames of planwire's own that nobody has written, and those that meet no planwire around them.

use std::collections::BTreeMap;

use datafusion::common::metadata::FieldMetadata;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use datafusion::prelude::{SessionContext, col, dataframe};
use datafusion::scalar::ScalarValue;
use datafusion_proto::logical_plan::AsLogicalPlan;
use datafusion_proto::logical_plan::from_proto::parse_expr;
use datafusion_proto::protobuf::logical_plan_node::LogicalPlanType;
use datafusion_proto::protobuf::{LogicalExprNode, LogicalExtensionNode, LogicalPlanNode};
use planwire_registry::error::Message;
use planwire_registry::{Content, Kind, WireError};
use prost::Message as _;

use crate::fixture::{inline, strict};

const MAGIC: &[u8] = b"DFKEEPE\x01";

fn with_unit() -> Expr {
    let unit = BTreeMap::from([("unit".to_owned(), "EUR".to_owned())]);
    col("a").alias_with_metadata("b", Some(FieldMetadata::from(unit)))
}

/// The bytes with one byte of a payload changed.
fn changed(bytes: &[u8], place: usize, byte: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let payload = bytes.windows(MAGIC.len()).position(|window| window == MAGIC).unwrap() + MAGIC.len();
    bytes[payload + place] = byte;
    bytes
}

#[test]
fn a_payload_that_keeps_nothing_is_malformed_also_for_a_strict_session() {
    let task = SessionContext::new().task_ctx();
    let bytes = inline().logical().expr_to_bytes(&with_unit()).unwrap();
    // A field of a number that there is none of, and one that ends too late.
    for (place, byte) in [(0, 15 << 3 | 2), (1, 0x7f)] {
        for codecs in [inline(), strict()] {
            let error = codecs.logical().expr_from_bytes(&changed(&bytes, place, byte), &task).unwrap_err();
            assert!(matches!(error, WireError::Malformed { kind: Kind::ScalarUdf, .. }), "{error}");
        }
    }
}

#[test]
fn what_is_kept_of_another_expression_is_malformed() {
    let task = SessionContext::new().task_ctx();
    let literal = Expr::Literal(
        ScalarValue::Int32(Some(1)),
        Some(FieldMetadata::from(BTreeMap::from([("unit".to_owned(), "EUR".to_owned())]))),
    );
    let bytes = inline().logical().expr_to_bytes(&literal).unwrap();
    // `NOT IN` and `NOT EXISTS` of one literal, and the name of a field that it does not have.
    for (tag, rest) in [(5 << 3, 1), (6 << 3, 1), (3 << 3 | 2, 0)] {
        let start = bytes.windows(MAGIC.len()).position(|window| window == MAGIC).unwrap() + MAGIC.len();
        let length = bytes[start + 1] as usize;
        let mut bytes = bytes.clone();
        // Of the same length, so that the message around it stays sound: the field, and one that is passed over.
        let mut payload = vec![tag, rest, 14 << 3 | 2, u8::try_from(length - 2).unwrap()];
        payload.resize(length + 2, 0);
        bytes[start..start + length + 2].copy_from_slice(&payload);
        let error = strict().logical().expr_from_bytes(&bytes, &task).unwrap_err();
        assert!(matches!(error, WireError::Malformed { .. }), "{error}");
    }
}

#[test]
fn no_byte_of_a_message_makes_it_panic() {
    let task = SessionContext::new().task_ctx();
    let bytes = inline().logical().expr_to_bytes(&with_unit()).unwrap();
    for place in 0..bytes.len() {
        for byte in [0, 1, 0x7f, 0xff] {
            let mut bytes = bytes.clone();
            bytes[place] = byte;
            if let Err(error) = strict().logical().expr_from_bytes(&bytes, &task) {
                assert!(
                    !matches!(error, WireError::Panicked { .. } | WireError::FamilyPanicked { .. }),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn inspect_shows_what_stands_in_as_planwires_own_and_admits_it() {
    let task = SessionContext::new().task_ctx();
    let bytes = inline().logical().expr_to_bytes(&with_unit()).unwrap();
    let contents = strict().inspect(&bytes, Some(Message::Expr), &task).unwrap();
    assert!(contents.is_admitted(), "{contents}");
    let [part] = &contents.readings[0].parts[..] else { panic!("{contents}") };
    let Content::Frame { family, .. } = &part.content else { panic!("{contents}") };
    assert_eq!(family.as_str(), "planwire");
}

#[tokio::test]
async fn metadata_is_right_where_an_engine_decodes_node_by_node() {
    let ctx = SessionContext::new();
    let bytes = inline().logical().expr_to_bytes(&with_unit()).unwrap();
    let node = LogicalExprNode::decode(bytes.as_slice()).unwrap();
    let expr = parse_expr(&node, &ctx.task_ctx(), inline().logical()).unwrap();
    let table = dataframe!("a" => [4]).unwrap();
    let rows = table.select([expr]).unwrap().collect().await.unwrap();
    assert_eq!(rows[0].schema().field(0).metadata()["unit"], "EUR");
    let four = ScalarValue::Int32(Some(4)).to_array().unwrap();
    assert_eq!(rows[0].column(0).as_ref(), four.as_ref());
}

#[tokio::test]
async fn a_subquery_fails_where_an_engine_decodes_node_by_node() {
    let ctx = SessionContext::new();
    let query = "select a from (values (1)) t(a) where a in (select 1)";
    let plan = ctx.state().create_logical_plan(query).await.unwrap();
    let bytes = inline().logical().logical_plan_to_bytes(&plan).unwrap();
    let node = LogicalPlanNode::decode(bytes.as_slice()).unwrap();
    let plan = node.try_into_logical_plan(&ctx.task_ctx(), inline().logical()).unwrap();
    let error = ctx.execute_logical_plan(plan).await.unwrap().collect().await.unwrap_err();
    assert!(error.to_string().contains("from_bytes"), "{error}");
}

#[test]
fn what_is_kept_of_another_node_is_malformed() {
    let task = SessionContext::new().task_ctx();
    let input = LogicalPlanBuilder::empty(true).build().unwrap();
    let input = inline().logical().logical_plan_to_bytes(&input).unwrap();
    let input = LogicalPlanNode::decode(input.as_slice()).unwrap();
    // Options at the head of no plan and of two; a sort by nothing, and in a direction that nothing goes.
    for (payload, inputs) in
        [(b"\x52\x00".as_slice(), 0), (b"\x52\x00", 2), (b"\x5a\x00", 1), (b"\x5a\x02\x12\x00", 1)]
    {
        let node = [b"DFKEEPL\x01", payload].concat();
        let extension = LogicalExtensionNode { node, inputs: vec![input.clone(); inputs] };
        let plan = LogicalPlanNode { logical_plan_type: Some(LogicalPlanType::Extension(extension)) };
        let error = strict().logical().logical_plan_from_bytes(&plan.encode_to_vec(), &task).unwrap_err();
        assert!(matches!(error, WireError::Malformed { kind: Kind::LogicalNode, .. }), "{error}");
    }
}
