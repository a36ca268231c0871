//! Python functions: when they are equal, when they touch the interpreter, and how they fail.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use datafusion::logical_expr::Volatility;
use datafusion::prelude::{SessionContext, col};
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_python::PythonError;
use planwire_registry::{Node, WireError};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;

use crate::fixture::{inline, python, running, scalar, scalar_of, strict, total};

fn encoded(node: &Node) -> Vec<u8> {
    let mut frame = Vec::new();
    encode(&inline(), Layer::Logical, "", node, &mut frame).unwrap();
    frame
}

fn decoded(frame: &[u8], name: &str) -> Arc<datafusion::logical_expr::ScalarUDF> {
    let like = Node::ScalarUdf(datafusion::functions::math::abs());
    match decode(&inline(), Layer::Logical, name, &like, frame).unwrap() {
        Node::ScalarUdf(udf) => udf,
        other => panic!("a {} came back", other.kind()),
    }
}

/// Runs `work` on another thread while this one holds the interpreter.
fn while_python_is_busy<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    python("same");
    let (send, receive) = mpsc::channel();
    Python::attach(|_| {
        std::thread::spawn(move || send.send(work()));
        receive.recv_timeout(Duration::from_secs(30)).expect("the work waits for the interpreter")
    })
}

#[test]
fn refusing_takes_no_interpreter() {
    let frames = [
        (encoded(&Node::ScalarUdf(Arc::new(scalar("triple")))), "PW-D005"),
        (b"DFPYUDF".to_vec(), "PW-D001"),
        (b"DFPYUDF\x01\x03".to_vec(), "PW-D001"),
        (b"DFPYUDF\x02\x03\x0b".to_vec(), "PW-D002"),
        (b"DFPYUDF\x01\x03\x00".to_vec(), "PW-D003"),
    ];
    for (frame, code) in frames {
        let error = while_python_is_busy(move || {
            let like = Node::ScalarUdf(datafusion::functions::math::abs());
            decode(&strict(), Layer::Logical, "triple", &like, &frame).unwrap_err()
        });
        assert_eq!(WireError::find(&error).unwrap().code(), code);
    }
}

#[test]
fn a_plan_without_python_functions_takes_no_interpreter() {
    let back = while_python_is_busy(|| {
        let expr = datafusion::functions::math::abs().call(vec![col("a")]);
        let bytes = inline().logical().expr_to_bytes(&expr).unwrap();
        inline().logical().expr_from_bytes(&bytes, &SessionContext::new().task_ctx()).unwrap()
    });
    assert_eq!(back.to_string(), "abs(a)");
}

#[test]
fn functions_of_one_name_are_equal_only_if_their_callables_are() {
    let same = python("same");
    let one = scalar_of("f", Python::attach(|py| same.clone_ref(py)), Volatility::Immutable);
    let again = scalar_of("f", Python::attach(|py| same.clone_ref(py)), Volatility::Immutable);
    let other = scalar_of("f", python("triple"), Volatility::Immutable);
    assert_eq!(one, again);
    assert_ne!(one, other);
    assert_ne!(total(), total());
    assert_ne!(running(), running());
}

#[test]
fn functions_from_one_payload_are_equal_unless_volatile() {
    for (volatility, equal) in
        [(Volatility::Immutable, true), (Volatility::Stable, true), (Volatility::Volatile, false)]
    {
        let frame = encoded(&Node::ScalarUdf(Arc::new(scalar_of("f", python("triple"), volatility))));
        assert_eq!(decoded(&frame, "f") == decoded(&frame, "f"), equal, "{volatility:?}");
    }
}

#[tokio::test]
async fn same_named_functions_keep_their_own_rows() {
    let ctx = SessionContext::new();
    let (p, q) = (
        scalar_of("f", python("triple"), Volatility::Immutable),
        scalar_of("f", python("same"), Volatility::Immutable),
    );
    let table = ctx.sql("SELECT * FROM (VALUES (1), (2)) AS t(v)").await.unwrap();
    let sum = (p.call(vec![col("v")]) + q.call(vec![col("v")])).alias("sum");
    let rows = table.select(vec![sum]).unwrap().collect().await.unwrap();
    insta::assert_snapshot!(datafusion::arrow::util::pretty::pretty_format_batches(&rows).unwrap(), @"
    +-----+
    | sum |
    +-----+
    | 4   |
    | 8   |
    +-----+
    ");
}

#[test]
fn a_name_inside_that_is_not_the_name_outside_is_refused_by_strict_sessions() {
    let frame = encoded(&Node::ScalarUdf(Arc::new(scalar("triple"))));
    let like = Node::ScalarUdf(datafusion::functions::math::abs());
    let guarded = inline().with_mode("range", planwire_registry::FamilyMode::Refuse).unwrap();
    let error = decode(&guarded, Layer::Logical, "abs", &like, &frame).unwrap_err();
    insta::assert_snapshot!(WireError::find(&error).unwrap(), @"the plan says 'abs' where the payload of family `python` holds the scalar UDF 'triple'");
    assert_eq!(decoded(&frame, "abs").name(), "triple");
}

#[tokio::test]
async fn an_exception_keeps_its_type_and_names_the_function() {
    let ctx = SessionContext::new();
    for (name, text) in [("fails", "no such rate"), ("short", "it returned 1 values for 2 rows")] {
        ctx.register_udf(scalar(name));
        let query = ctx.sql(&format!("SELECT {name}(v) FROM (VALUES (1), (2)) AS t(v)")).await.unwrap();
        let error = query.collect().await.unwrap_err();
        let found = PythonError::find(&error).unwrap_or_else(|| panic!("untyped: {error}"));
        assert!(found.to_string().contains(name) && found.to_string().contains(text), "{found}");
        let is_key_error = Python::attach(|py| found.exception().unwrap().is_instance_of::<PyKeyError>(py));
        assert_eq!(is_key_error, name == "fails");
    }
    let after = ctx.sql("SELECT 1").await.unwrap().collect().await.unwrap();
    assert_eq!(after[0].num_rows(), 1);
}
