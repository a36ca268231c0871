//! Python functions: when they are equal, when they touch the interpreter, and how they fail.

use std::ffi::CStr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use datafusion::logical_expr::Volatility;
use datafusion::prelude::{SessionContext, col};
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_python::{PythonAggregateUdf, PythonError, PythonWindowUdf};
use planwire_registry::{Node, WireError};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyTuple};

use crate::fixture::{inline, int64, python, running, scalar, scalar_of, strict, total};

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
fn a_function_with_aliases_travels_as_what_it_is() {
    let (scalar, total, running) = (scalar("triple"), total(), running());
    let pairs = [
        (
            Node::ScalarUdf(Arc::new(scalar.clone().with_aliases(["thrice"]))),
            Node::ScalarUdf(Arc::new(scalar)),
        ),
        (
            Node::AggregateUdf(Arc::new(total.clone().with_aliases(["all"]))),
            Node::AggregateUdf(Arc::new(total)),
        ),
        (
            Node::WindowUdf(Arc::new(running.clone().with_aliases(["yet"]))),
            Node::WindowUdf(Arc::new(running)),
        ),
    ];
    for (aliased, plain) in pairs {
        assert!(encoded(&aliased) == encoded(&plain), "the {} travels as another", plain.kind());
    }
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
fn a_frame_in_another_hook_takes_no_interpreter() {
    let frame = encoded(&Node::AggregateUdf(Arc::new(total())));
    let error = while_python_is_busy(move || {
        let like = Node::ScalarUdf(datafusion::functions::math::abs());
        decode(&inline(), Layer::Logical, "total", &like, &frame).unwrap_err()
    });
    assert!(matches!(WireError::find(&error), Some(WireError::WrongKind { .. })), "{error}");
}

#[test]
fn an_error_is_logged_without_the_interpreter() {
    let like = Node::ScalarUdf(datafusion::functions::math::abs());
    let mut frame = encoded(&Node::ScalarUdf(Arc::new(scalar("triple"))));
    frame.truncate(40);
    let error = decode(&inline(), Layer::Logical, "triple", &like, &frame).unwrap_err();
    assert!(while_python_is_busy(move || format!("{error:?}")).contains("pickle"));
}

#[test]
fn a_pickle_that_holds_no_function_says_so() {
    let payload = |parts: &CStr| {
        python("same");
        Python::attach(|py| {
            let dump = c"import cloudpickle, sys; frame = b'DFPYUDF\\x01' + bytes(sys.version_info[:2]) + cloudpickle.dumps(";
            let code = [dump.to_bytes(), parts.to_bytes(), b")\0"].concat();
            let globals = PyDict::new(py);
            py.run(CStr::from_bytes_with_nul(&code).unwrap(), Some(&globals), None).unwrap();
            globals.get_item("frame").unwrap().unwrap().extract::<Vec<u8>>().unwrap()
        })
    };
    let like = Node::ScalarUdf(datafusion::functions::math::abs());
    let texts: Vec<_> = [
        c"('f', 5, b'', b'', 'immutable')",
        c"('f', print, b'', b'', 'immutable')",
        c"('f', print, b'', b'', 'sometimes')",
        c"('f', print)",
        c"5",
    ]
    .into_iter()
    .map(|parts| {
        let error = decode(&inline(), Layer::Logical, "f", &like, &payload(parts)).unwrap_err();
        assert!(matches!(WireError::find(&error), Some(WireError::Payload { .. })), "{error}");
        PythonError::find(&error).unwrap().to_string()
    })
    .collect();
    insta::assert_snapshot!(texts.join("\n"), @r#"
    decoding scalar UDF 'f': TypeError: a function is a callable, not int
    decoding scalar UDF 'f': ValueError: truncated: the stream ends within a message
    decoding scalar UDF 'f': ValueError: a volatility is 'immutable', 'stable' or 'volatile', not 'sometimes'
    decoding scalar UDF 'f': ValueError: the pickle holds 2 parts, not 5
    decoding scalar UDF 'f': TypeError: 'int' object is not an instance of 'tuple'
    "#);
}

#[tokio::test]
async fn aggregates_and_windows_that_break_their_declaration_say_so() {
    let ctx = SessionContext::new();
    let state = int64();
    let udaf = |name: &str, class: &str| {
        let states = vec![Arc::clone(&state), Arc::clone(&state)];
        PythonAggregateUdf::new(name, python(class), vec![int64()], int64(), states, Volatility::Immutable)
    };
    ctx.register_udaf(udaf("two_states", "Total").into());
    ctx.register_udaf(total());
    let udwf = |name: &str, class: &str| {
        PythonWindowUdf::new(name, python(class), vec![int64()], int64(), Volatility::Immutable)
    };
    ctx.register_udwf(udwf("out_of_range", "OutOfRange").into());
    ctx.register_udwf(running());
    let queries = [
        "SELECT two_states(v) FROM t GROUP BY v",
        "SELECT total(DISTINCT v), total(DISTINCT v + 1) FROM t",
        "SELECT out_of_range(v) OVER () FROM t",
        "SELECT running(v) IGNORE NULLS OVER () FROM t",
    ];
    let mut texts = Vec::new();
    for query in queries {
        let query = query.replace("FROM t", "FROM (VALUES (1), (2)) AS t(v)");
        let error = ctx.sql(&query).await.unwrap().collect().await.unwrap_err();
        texts.push(error.strip_backtrace());
    }
    insta::assert_snapshot!(texts.join("\n"), @"
    External error: running aggregate UDF 'two_states': ValueError: state() returned 1 values where 2 are declared
    This feature is not implemented: DISTINCT for the aggregate UDF 'total', where DataFusion leaves it to the function
    Execution error: window UDF 'out_of_range': get_range(0, 2) returned (0, 3), which is no range of the partition
    This feature is not implemented: IGNORE NULLS for the window UDF 'running'
    ");
}

#[tokio::test]
async fn an_exception_keeps_its_type_and_names_the_function() {
    let ctx = SessionContext::new();
    let cases = [
        ("fails", "v", "no such rate"),
        ("floods", "v", "ValueError: nnn"),
        ("short", "v", "it returned 1 values for 2 rows"),
        ("doubled", "7", "it returned 2 values for 1 rows"),
        ("text", "v", "it returned an array of Utf8 where it declares Int64"),
    ];
    for (name, argument, text) in cases {
        ctx.register_udf(scalar(name));
        let query =
            ctx.sql(&format!("SELECT {name}({argument}) FROM (VALUES (1), (2)) AS t(v)")).await.unwrap();
        let error = query.collect().await.unwrap_err();
        let found = PythonError::find(&error).unwrap_or_else(|| panic!("untyped: {error}"));
        assert!(found.to_string().contains(name) && found.to_string().contains(text), "{found}");
        assert!(found.to_string().len() < 2048);
        let is_key_error = Python::attach(|py| found.exception().unwrap().is_instance_of::<PyKeyError>(py));
        assert_eq!(is_key_error, name == "fails");
    }
    let after = ctx.sql("SELECT 1").await.unwrap().collect().await.unwrap();
    assert_eq!(after[0].num_rows(), 1);
}

#[tokio::test]
async fn a_panic_inside_a_function_is_an_error_of_that_function() {
    python("same");
    let panics = Python::attach(|py| {
        let panics = |_: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| -> PyResult<()> {
            panic!("a bug below Python")
        };
        PyCFunction::new_closure(py, None, None, panics).unwrap().into_any().unbind()
    });
    let ctx = SessionContext::new();
    ctx.register_udf(scalar_of("panics", panics, Volatility::Immutable));
    let query = ctx.sql("SELECT panics(v) FROM (VALUES (1)) AS t(v)").await.unwrap();
    let error = query.collect().await.unwrap_err();
    let found = PythonError::find(&error).unwrap();
    assert_eq!(found.to_string(), "running scalar UDF 'panics': panicked: a bug below Python");
    assert!(found.exception().is_none());
}
