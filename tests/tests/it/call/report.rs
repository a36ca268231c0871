//! Reports, counts and stand-ins: what is known of a call besides its result, and what never leaves it.

use std::time::{Duration, Instant};

use datafusion::functions::expr_fn::abs;
use datafusion::logical_expr::{Expr, Operator, binary_expr};
use datafusion::prelude::{SessionContext, col};
use planwire_registry::{
    Carrier, FamilyCounts, FamilyMode, FamilyName, Kind, Report, SessionCodecs, WireError,
};

use crate::fixture::{counted, inline, scalar, strict};

const PYTHON: FamilyName = FamilyName::new("python");

fn counts(codecs: &SessionCodecs) -> (u64, u64, u64) {
    let FamilyCounts { encoded, decoded, refused, .. } =
        codecs.settings().families().get(PYTHON.as_str()).unwrap().counts();
    (encoded, decoded, refused)
}

fn decoded(codecs: &SessionCodecs, bytes: &[u8]) -> Result<Expr, WireError> {
    codecs.logical().expr_from_bytes(bytes, &SessionContext::new().task_ctx())
}

fn triple() -> Expr {
    scalar("triple").call(vec![abs(col("a"))])
}

#[test]
fn a_report_says_what_travelled_how_and_how_large_it_was() {
    for (codecs, carrier) in [(inline(), Carrier::Family(PYTHON)), (strict(), Carrier::Name)] {
        let report = Report::default();
        let bytes = codecs.reporting(&report).logical().expr_to_bytes(&triple()).unwrap();
        let carried = report.carried();
        let names: Vec<_> = carried.iter().map(|carried| (carried.kind, carried.name.as_str())).collect();
        assert_eq!(names, [(Kind::ScalarUdf, "triple"), (Kind::ScalarUdf, "abs")]);
        assert_eq!((&carried[0].carrier, &carried[1].carrier), (&carrier, &Carrier::Name));
        assert_eq!(carried[1].size, 0);
        assert_eq!(carried[0].size == 0, carrier == Carrier::Name);
        assert!(carried[0].size < bytes.len());
    }
}

#[test]
fn payloads_are_counted_by_what_became_of_them() {
    let inline = counted(FamilyMode::Inline);
    assert_eq!(counts(&inline), (0, 0, 0));
    let bytes = inline.logical().expr_to_bytes(&triple()).unwrap();
    decoded(&inline, &bytes).unwrap();
    decoded(&inline, &bytes).unwrap();
    assert_eq!(counts(&inline), (1, 2, 0));

    // A session of the same process, in another mode.
    let refuse = inline.with_mode("python", FamilyMode::Refuse).unwrap();
    decoded(&refuse, &bytes).unwrap_err();
    refuse.logical().expr_to_bytes(&triple()).unwrap();
    assert_eq!(counts(&inline), (1, 2, 1));
}

#[test]
fn a_payload_under_another_name_is_remarked() {
    let bytes = inline().logical().expr_to_bytes(&triple()).unwrap();
    // Outside, the name stands in the plan as plain text; inside, it stays as it is.
    let place = bytes.windows(6).position(|window| window == b"triple").unwrap();
    let mut renamed = bytes;
    renamed[place..place + 6].copy_from_slice(b"tripel");
    let report = Report::default();
    decoded(&inline().reporting(&report), &renamed).unwrap();
    match &report.remarks()[..] {
        [WireError::NameMismatch { outer, inner, .. }] => {
            assert_eq!((outer.as_str(), inner.as_str()), ("tripel", "triple"))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_more_is_decoded_once_a_message_has_failed() {
    let codecs = counted(FamilyMode::Inline);
    let unknown = binary_expr(scalar("same").call(vec![col("a")]), Operator::Plus, triple());
    let bytes = codecs.logical().expr_to_bytes(&unknown).unwrap();
    // The first frame is of a version that nobody reads.
    let place = bytes.windows(7).position(|window| window == b"DFPYUDF").unwrap();
    let mut damaged = bytes;
    damaged[place + 7] = 9;
    let error = decoded(&codecs, &damaged).unwrap_err();
    assert!(matches!(error, WireError::Version { found: 9, .. }), "{error}");
    assert_eq!(counts(&codecs), (2, 0, 0));
}

/// Calls of `abs` around an expression.
fn nested(innermost: Expr, calls: usize) -> Expr {
    (0..calls).fold(innermost, |argument, _| abs(argument))
}

#[test]
fn an_unknown_function_far_down_is_reported_at_once() {
    let bytes = strict().logical().expr_to_bytes(&nested(scalar("triple").call(vec![col("a")]), 45)).unwrap();
    let start = Instant::now();
    let error = decoded(&strict(), &bytes).unwrap_err();
    assert!(matches!(error, WireError::UnknownFunction { .. }), "{error}");
    assert!(error.to_string().len() < 200, "{error}");
    // Each level would double it: without the guard this takes longer than anyone waits.
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn an_error_of_datafusions_own_far_down_is_reported_at_once() {
    let bytes = strict().logical().expr_to_bytes(&nested(col("a") + col("b"), 45)).unwrap();
    let place = bytes.windows(4).position(|window| window == b"Plus").unwrap();
    let mut damaged = bytes.clone();
    damaged[place..place + 4].copy_from_slice(b"Sulp");
    match decoded(&strict(), &damaged).unwrap_err() {
        WireError::DecodeMessage { source, .. } => assert!(source.to_string().len() < 500, "{source}"),
        other => panic!("{other}"),
    }
    assert_eq!(decoded(&strict(), &bytes).unwrap(), nested(col("a") + col("b"), 45));
}
