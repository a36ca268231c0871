//! The toggle by direction, kind and layer: what every combination does, and the rule that says so.

use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::physical_plan::collect;
use datafusion::prelude::SessionContext;
use planwire_conformance::crossing::{self, Layer};
use planwire_conformance::hexdump;
use planwire_registry::{Kind, Node, SessionCodecs, WireError};

use crate::fixture::{inline, running, scalar, strict, total};

const KINDS: [(Kind, &str, &[i64]); 3] = [
    (Kind::ScalarUdf, "SELECT triple(v) FROM (VALUES (1), (2), (3)) AS t(v)", &[3, 6, 9]),
    (Kind::AggregateUdf, "SELECT total(v) FROM (VALUES (1), (2), (3)) AS t(v)", &[6]),
    (Kind::WindowUdf, "SELECT running(v) OVER (ORDER BY v) FROM (VALUES (1), (2), (3)) AS t(v)", &[1, 3, 6]),
];

#[derive(Debug, PartialEq)]
enum Outcome {
    Rows(Vec<i64>),
    Refused,
    Unknown,
}

fn registered(ctx: &SessionContext, kind: Kind) {
    match kind {
        Kind::ScalarUdf => ctx.register_udf(scalar("triple")),
        Kind::AggregateUdf => ctx.register_udaf(total()),
        _ => ctx.register_udwf(running()),
    }
}

fn values(batches: &[RecordBatch]) -> Vec<i64> {
    batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect()
}

async fn sent(codecs: &SessionCodecs, kind: Kind, layer: Layer, query: &str) -> Vec<u8> {
    let ctx = SessionContext::new();
    registered(&ctx, kind);
    let query = ctx.sql(query).await.unwrap();
    match layer {
        Layer::Logical => codecs.logical().logical_plan_to_bytes(query.logical_plan()).unwrap(),
        Layer::Physical => {
            codecs.physical().physical_plan_to_bytes(&query.create_physical_plan().await.unwrap()).unwrap()
        }
    }
}

async fn received(
    codecs: &SessionCodecs,
    ctx: &SessionContext,
    layer: Layer,
    bytes: &[u8],
) -> Result<Vec<i64>, WireError> {
    let task = ctx.task_ctx();
    let batches = match layer {
        Layer::Logical => {
            let plan = codecs.logical().logical_plan_from_bytes(bytes, &task)?;
            ctx.execute_logical_plan(plan).await.unwrap().collect().await.unwrap()
        }
        Layer::Physical => {
            let plan = codecs.physical().physical_plan_from_bytes(bytes, &task)?;
            collect(plan, task).await.unwrap()
        }
    };
    Ok(values(&batches))
}

#[tokio::test]
async fn every_toggle_by_kind_by_layer_follows_the_rule() {
    let codecs = [("inline", inline()), ("refuse", strict())];
    let mut seen = 0;
    for (kind, query, rows) in KINDS {
        for layer in [Layer::Logical, Layer::Physical] {
            for (sender, out) in &codecs {
                let bytes = sent(out, kind, layer, query).await;
                assert_eq!(bytes.windows(4).any(|part| part == b"DFPY"), *sender == "inline");
                for (receiver, into) in &codecs {
                    for is_registered in [false, true] {
                        let ctx = SessionContext::new();
                        if is_registered {
                            registered(&ctx, kind);
                        }
                        let outcome = match received(into, &ctx, layer, &bytes).await {
                            Ok(rows) => Outcome::Rows(rows),
                            Err(WireError::Refused { .. }) => Outcome::Refused,
                            Err(WireError::UnknownFunction { .. }) => Outcome::Unknown,
                            Err(other) => panic!("{other}"),
                        };
                        // An inline payload is decoded or refused, and never replaced by a namesake.
                        let expected = match (*sender, *receiver, is_registered) {
                            ("inline", "inline", _) | ("refuse", _, true) => Outcome::Rows(rows.to_vec()),
                            ("inline", _, _) => Outcome::Refused,
                            (_, _, false) => Outcome::Unknown,
                            _ => unreachable!(),
                        };
                        assert_eq!(
                            outcome, expected,
                            "{kind} on the {layer:?} layer, {sender} to {receiver}, registered: {is_registered}"
                        );
                        seen += 1;
                    }
                }
            }
        }
    }
    assert_eq!(seen, 3 * 2 * 2 * 2 * 2);
}

#[test]
fn both_layers_write_the_same_frame() {
    for node in [
        Node::ScalarUdf(Arc::new(scalar("triple"))),
        Node::AggregateUdf(Arc::new(total())),
        Node::WindowUdf(Arc::new(running())),
    ] {
        let [logical, physical] = [Layer::Logical, Layer::Physical].map(|layer| {
            let mut frame = Vec::new();
            crossing::encode(&inline(), layer, "", &node, &mut frame).unwrap();
            frame
        });
        assert_eq!(hexdump(&logical), hexdump(&physical));
    }
}

#[tokio::test]
async fn names_like_an_unknown_one_are_offered() {
    let bytes = sent(&strict(), Kind::ScalarUdf, Layer::Logical, KINDS[0].1).await;
    let ctx = SessionContext::new();
    ctx.register_udf(crate::fixture::scalar_of(
        "tripel",
        crate::fixture::python("triple"),
        datafusion::logical_expr::Volatility::Immutable,
    ));
    let error = received(&inline(), &ctx, Layer::Logical, &bytes).await.unwrap_err();
    insta::assert_snapshot!(error, @"unknown function: no scalar UDF named 'triple' is registered here, similar names are `tripel`");
}
