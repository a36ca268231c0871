//! Whole messages: bad ones are typed errors, and what is written can be read.

use std::sync::OnceLock;

use datafusion::logical_expr::Expr;
use datafusion::prelude::{SessionContext, col, lit};
use planwire_registry::{Limit, SessionCodecs, WireError};
use proptest::prelude::*;

use crate::fixture::nodes::{Answer, Probe, with_terminal};
use crate::fixture::{inline, scalar, strict};

/// Decodes bytes as a message of each sort.
fn decoded(codecs: &SessionCodecs, bytes: &[u8]) -> [Result<(), WireError>; 3] {
    let task = SessionContext::new().task_ctx();
    [
        codecs.logical().expr_from_bytes(bytes, &task).map(drop),
        codecs.logical().logical_plan_from_bytes(bytes, &task).map(drop),
        codecs.physical().physical_plan_from_bytes(bytes, &task).map(drop),
    ]
}

#[test]
fn bytes_that_are_no_message_say_so() {
    let errors: Vec<_> =
        decoded(&inline(), b"\xff\xff").into_iter().map(|outcome| outcome.unwrap_err().to_string()).collect();
    insta::assert_snapshot!(errors.join("\n"), @"
    the bytes are not an encoded expression
    the bytes are not an encoded logical plan
    the bytes are not an encoded physical plan
    ");
}

#[test]
fn a_message_about_nothing_says_so() {
    for outcome in decoded(&inline(), b"") {
        let error = outcome.unwrap_err();
        assert!(matches!(error, WireError::DecodeMessage { .. }), "{error}");
    }
}

#[test]
fn what_a_receiver_could_not_read_is_not_written() {
    let nested = |depth| (0..depth).fold(col("a"), |expr: Expr, _| !expr);
    let task = SessionContext::new().task_ctx();
    let mut refused = 0;
    // Protobuf allows 100 levels, of which each `NOT` takes two.
    for depth in [1, 30, 60, 2000] {
        match inline().logical().expr_to_bytes(&nested(depth)) {
            Ok(bytes) => {
                assert_eq!(inline().logical().expr_from_bytes(&bytes, &task).unwrap(), nested(depth));
            }
            Err(error) => {
                assert!(matches!(error, WireError::EncodeLimit { limit: Limit::Nesting, .. }), "{error}");
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 2);
}

#[test]
fn a_long_chain_of_one_operator_is_no_nesting() {
    let chain = (1..500).fold(col("a"), |expr: Expr, next| expr.and(col(format!("c{next}"))));
    let task = SessionContext::new().task_ctx();
    let bytes = inline().logical().expr_to_bytes(&chain).unwrap();
    assert_eq!(inline().logical().expr_from_bytes(&bytes, &task).unwrap(), chain);
}

#[test]
fn a_panic_is_an_error_in_either_direction() {
    let [panics, writes] =
        [Answer::Panic, Answer::Write(b"bytes")].map(|answer| with_terminal(&inline(), &Probe::new(answer)));
    let expr = datafusion::functions::math::abs().call(vec![col("a")]);
    let out = panics.logical().expr_to_bytes(&expr).unwrap_err();
    assert!(
        matches!(&out, WireError::EncodePanicked { detail, .. } if detail == "over the way out"),
        "{out}"
    );

    let bytes = writes.logical().expr_to_bytes(&expr).unwrap();
    let back = panics.logical().expr_from_bytes(&bytes, &SessionContext::new().task_ctx()).unwrap_err();
    assert!(matches!(&back, WireError::Panicked { detail, .. } if detail == "over the way in"), "{back}");
}

fn message() -> &'static [u8] {
    static MESSAGE: OnceLock<Vec<u8>> = OnceLock::new();
    MESSAGE.get_or_init(|| {
        let expr = scalar("triple").call(vec![col("a")]) + lit(1) * col("b");
        inline().logical().expr_to_bytes(&expr).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_give_a_typed_error_or_a_message(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let mut bytes = message().to_vec();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        for outcome in decoded(&strict(), &bytes) {
            let Err(error) = outcome else { continue };
            prop_assert!(error.to_string().len() < 8 * 1024, "{}", error.code());
        }
    }
}
