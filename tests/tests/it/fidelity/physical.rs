//! What is kept of physical nodes: sound bytes come back, any other bytes are an error, and policy has no say.

use std::error::Error as _;
use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_proto::protobuf::physical_plan_node::PhysicalPlanType;
use datafusion_proto::protobuf::{EmptyExecNode, PhysicalExtensionNode, PhysicalPlanNode};
use planwire_registry::{Kind, WireError, fresh, independent};
use prost::Message as _;

use crate::fixture::{inline, strict};

async fn planned(query: &str) -> (SessionContext, Arc<dyn ExecutionPlan>) {
    let ctx = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(3));
    let plan = ctx.sql(query).await.unwrap().create_physical_plan().await.unwrap();
    (ctx, plan)
}

const COPY: &str = "copy (select date '2024-02-03' as d) to 'a.csv' stored as csv";

/// The message of a plan with an empty one under what is kept of a node.
fn of_another_node(payload: &[u8]) -> Vec<u8> {
    let schema = Some((&Schema::empty()).try_into().unwrap());
    let empty = PhysicalPlanType::Empty(EmptyExecNode { schema, ..Default::default() });
    let inputs = vec![PhysicalPlanNode { physical_plan_type: Some(empty) }];
    let node = [b"DFKEEPP\x01", payload].concat();
    let extension = PhysicalPlanType::Extension(PhysicalExtensionNode { node, inputs });
    PhysicalPlanNode { physical_plan_type: Some(extension) }.encode_to_vec()
}

#[tokio::test]
async fn a_strict_session_reads_what_is_kept_and_nobody_counts_it_as_a_payload() {
    let (ctx, plan) = planned(COPY).await;
    let bytes = inline().physical().physical_plan_to_bytes(&plan).unwrap();
    assert!(bytes.windows(7).any(|window| window == b"DFKEEPP"));
    let arrived = strict().physical().physical_plan_from_bytes(&bytes, &ctx.task_ctx()).unwrap();
    assert_eq!(arrived.name(), plan.name());
    let contents = strict().inspect(&bytes, None, &ctx.task_ctx()).unwrap();
    assert_eq!(contents.readings[0].writes, Some("a CSV sink"));
    assert!(contents.is_admitted(), "{contents}");
}

#[test]
fn what_nobody_kept_is_an_error() {
    let task = SessionContext::new().task_ctx();
    // Nothing; a field that there is none of; one that ends too late; a million empty grouping sets; and
    // what is kept of a scan, of sinks, of windows, of a series, of recursion, of a projection and of sorts;
    // and streams: by a column that there is none of, of such a column, and in 65 orders.
    let orders = [b"\x6a\x82\x01".as_slice(), &b"\x2a\x00".repeat(65)].concat();
    let payloads: [&[u8]; 17] = [
        b"",
        b"\x7a\x00",
        b"\x0a\x7f",
        b"\x2a\x04\x08\xc0\x84\x3d",
        b"\x0a\x06\x0a\x04gzip",
        b"\x12\x00",
        b"\x1a\x00",
        b"\x22\x00",
        b"\x32\x00",
        b"\x3a\x00",
        b"\x42\x04\x12\x02\x08\x09",
        b"\x4a\x00",
        b"\x5a\x00",
        b"\x62\x00",
        b"\x6a\x07\x2a\x05\x0a\x03\x0a\x01a",
        b"\x6a\x05\x32\x03\x0a\x01\x00",
        &orders,
    ];
    for payload in payloads {
        for codecs in [inline(), strict()] {
            let bytes = of_another_node(payload);
            let error = codecs.physical().physical_plan_from_bytes(&bytes, &task).unwrap_err();
            assert!(matches!(error, WireError::Payload { kind: Kind::PhysicalNode, .. }), "{error}");
        }
    }
}

#[test]
fn a_session_without_a_store_of_files_reads_no_stream_of_a_file() {
    let ctx = SessionContext::new();
    let stream = of_another_node(b"\x6a\x0d\x0a\x0b/etc/passwd");
    let read = || inline().physical().physical_plan_from_bytes(&stream, &ctx.task_ctx());
    assert!(read().is_ok());
    ctx.runtime_env().deregister_object_store(ObjectStoreUrl::local_filesystem().as_ref()).unwrap();
    let error = read().unwrap_err();
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("without a store for file://"), "{cause}");
}

#[tokio::test]
async fn a_plan_of_one_partition_is_left_as_it_is() {
    let (_, plan) = planned("select 1 as a").await;
    let divided = independent(Arc::clone(&plan)).unwrap();
    assert!(Arc::ptr_eq(&plan, &divided));
}

#[tokio::test]
async fn a_plan_that_ran_gives_its_rows_again() {
    let (ctx, plan) = planned("select count(*) from range(10) as t(a) join range(5) as u(b) on a = b").await;
    for _ in 0..2 {
        let plan = fresh(Arc::clone(&plan)).unwrap();
        let rows = datafusion::physical_plan::collect(plan, ctx.task_ctx()).await.unwrap();
        assert_eq!(
            rows[0].column(0).as_any().downcast_ref(),
            Some(&datafusion::arrow::array::Int64Array::from(vec![5]))
        );
    }
}
