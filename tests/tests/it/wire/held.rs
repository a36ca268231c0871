//! Functions of a family that is not linked: planned with, sent on as they came, and not run.

use datafusion::logical_expr::{Expr, Volatility};
use datafusion::prelude::{SessionContext, col, lit};
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_conformance::hexdump;
use planwire_registry::{Carrier, Content, FamilyMode, Fate, Limit, Limits, Report, WireError};

use super::native::{elsewhere, fault, field, frame_of, native, triple};
use crate::fixture::{inline, python, scalar_of};

/// The expression `f(a) > 1`.
fn asked(name: &str, volatility: Volatility) -> Expr {
    scalar_of(name, python("triple"), volatility).call(vec![col("a")]).gt(lit(1_i64))
}

#[tokio::test]
async fn a_process_without_the_family_plans_with_a_function_sends_it_on_and_does_not_run_it() {
    let ctx = SessionContext::new();
    let message = native().logical().expr_to_bytes(&asked("f", Volatility::Immutable)).unwrap();
    let expr = elsewhere().logical().expr_from_bytes(&message, &ctx.task_ctx()).unwrap();
    assert_eq!(expr.to_string(), "f(a) > Int64(1)");
    let report = Report::default();
    let again = elsewhere().logical().reporting(&report).expr_to_bytes(&expr).unwrap();
    assert_eq!(hexdump(&again), hexdump(&message));
    assert_eq!(report.carried()[0].carrier, Carrier::Held("python".to_owned()));
    // Through a plan of each layer.
    let rows = ctx.sql("SELECT * FROM (VALUES (1), (2)) AS t (a)").await.unwrap();
    let plan = rows.filter(expr).unwrap().create_physical_plan().await.unwrap();
    let sent = elsewhere().physical().physical_plan_to_bytes(&plan).unwrap();
    let error = datafusion::physical_plan::collect(plan, ctx.task_ctx()).await.unwrap_err();
    let found = WireError::find(&error).unwrap();
    assert!(matches!(found, WireError::Unopened { family, .. } if family == "python"), "{found}");
    let plan = inline().physical().physical_plan_from_bytes(&sent, &ctx.task_ctx()).unwrap();
    let batches = datafusion::physical_plan::collect(plan, ctx.task_ctx()).await.unwrap();
    assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 2);
}

#[test]
fn a_function_that_is_held_is_shown_as_held_and_is_not_admitted() {
    let frame = frame_of(&triple());
    let reading = elsewhere().logical().inspect_frame(&frame).unwrap();
    let part = &reading.parts[0];
    assert!(matches!(part.fate, Fate::Held), "{}", part.fate);
    assert!(matches!(part.content, Content::UnknownFamily(_)) && !part.is_admitted());
}

#[test]
fn a_strict_session_holds_nothing_of_a_family_that_is_not_linked() {
    let frame = frame_of(&triple());
    let codecs = elsewhere().with_mode("demo", FamilyMode::Refuse).unwrap();
    let found = fault(&codecs, &frame);
    assert!(matches!(found, WireError::UnknownFamily { .. }), "{found}");
}

#[test]
fn a_function_is_held_only_under_the_name_that_the_plan_has_for_it() {
    let frame = frame_of(&triple());
    let error = decode(&elsewhere(), Layer::Logical, "double", &triple(), &frame).unwrap_err();
    let found = WireError::find(&error).unwrap();
    assert!(matches!(found, WireError::NameMismatch { inner, .. } if inner == "triple"), "{found}");
}

#[test]
fn what_is_held_leaves_by_name_where_a_session_is_strict() {
    let frame = frame_of(&triple());
    let held = decode(&elsewhere(), Layer::Logical, "triple", &triple(), &frame).unwrap();
    let codecs = elsewhere().with_mode("demo", FamilyMode::Refuse).unwrap();
    let mut sent = Vec::new();
    encode(&codecs, Layer::Logical, "", &held, &mut sent).unwrap();
    assert_eq!(sent, b"");
}

#[test]
fn a_family_that_is_linked_and_does_not_carry_the_kind_has_no_function_held_for_it() {
    let mut frame = frame_of(&triple());
    let name = 20..20 + usize::from(frame[7]);
    frame.splice(name, *b"arrow");
    frame[7] = 5;
    let found = fault(&inline(), &frame);
    assert!(matches!(found, WireError::Malformed { .. }), "{found}");
    assert!(found.to_string().ends_with("family `arrow` carries no scalar UDF"), "{found}");
}

#[test]
fn two_functions_that_are_held_are_one_only_if_their_frames_are() {
    let ctx = SessionContext::new();
    let held = |name: &str, callable: &str| {
        let udf = scalar_of(name, python(callable), Volatility::Immutable);
        let message = native().logical().expr_to_bytes(&udf.call(vec![col("a")])).unwrap();
        elsewhere().logical().expr_from_bytes(&message, &ctx.task_ctx()).unwrap()
    };
    assert_eq!(held("f", "triple"), held("f", "triple"));
    assert_ne!(held("f", "triple"), held("f", "same"));
}

#[test]
fn the_header_of_a_native_frame_is_within_the_limits() {
    let frame = frame_of(&triple());
    let schema = field(&frame, 4).len() - 5 - 2;
    let within = |limit, most| {
        let codecs = elsewhere().with_limits(Limits::default().with(limit, most));
        decode(&codecs, Layer::Logical, "triple", &triple(), &frame).is_ok()
    };
    for (limit, found) in [(Limit::Schema, schema), (Limit::Fields, 2), (Limit::Payload, frame.len())] {
        assert!(within(limit, found) && !within(limit, found - 1), "{limit}");
    }
}
