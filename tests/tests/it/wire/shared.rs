//! A message has each function of a native frame once, and refers to it from wherever its plan calls it.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::datasource::MemTable;
use datafusion::logical_expr::{Expr, Volatility};
use datafusion::prelude::{SessionContext, col};
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_registry::{Frames, Limit, Limits, Precedence, Report, SessionCodecs, WireError};

use super::native::{elsewhere, frame_of, native, triple};
use crate::fixture::geo::{Held, Holder, geo_and};
use crate::fixture::guarded::{rings, signed};
use crate::fixture::{counted, inline, python, scalar, scalar_of, strict};
use planwire_guard::Algorithm;
use planwire_python::PythonFamily;
use planwire_registry::FamilyMode;

const START: &[u8] = b"\x8fDFX";
const REFERENCE: &[u8] = b"\x8fDFR";

fn count(message: &[u8], what: &[u8]) -> usize {
    message.windows(what.len()).filter(|window| *window == what).count()
}

/// A sum of calls of one function: each a function of its own, as an engine may copy it.
fn calls(times: usize) -> Expr {
    let call = || scalar("triple").call(vec![col("a")]);
    let one = call();
    (1..times).fold(one.clone(), |sum, _| sum + one.clone())
}

fn double() -> Expr {
    scalar_of("double", python("same"), Volatility::Immutable).call(vec![col("a")])
}

fn sent(codecs: &SessionCodecs, expr: &Expr) -> Vec<u8> {
    codecs.logical().expr_to_bytes(expr).unwrap()
}

fn arrived(codecs: &SessionCodecs, message: &[u8]) -> Result<Expr, WireError> {
    codecs.logical().expr_from_bytes(message, &SessionContext::new().task_ctx())
}

fn code(codecs: &SessionCodecs, message: &[u8]) -> &'static str {
    arrived(codecs, message).unwrap_err().code()
}

/// The fields of a message after its first one, which are its table.
fn split(message: &[u8]) -> (&[u8], &[u8]) {
    let at = message.windows(START.len()).position(|window| window == START).unwrap();
    // The key of the field has two bytes, and the length here too.
    message.split_at(at - 4)
}

#[test]
fn a_function_travels_once_however_often_it_is_called() {
    let report = Report::default();
    let codecs = native();
    let many = codecs.logical().reporting(&report).expr_to_bytes(&calls(1000)).unwrap();
    assert_eq!((count(&many, START), count(&many, REFERENCE)), (1, 1000));
    assert_eq!(report.carried().len(), 1);
    let expr = arrived(&inline(), &many).unwrap();
    assert_eq!(expr.to_string(), calls(1000).to_string());
    assert_eq!(sent(&codecs, &expr), many);
    // In version 1 every call stands alone, and makes the names no longer.
    let alone = sent(&inline(), &calls(1000));
    assert_eq!(count(&alone, b"DFPYUDF"), 1000);
    assert_eq!(arrived(&inline(), &alone).unwrap().to_string(), expr.to_string());
}

#[test]
fn functions_that_differ_are_not_mixed_up() {
    let other = scalar_of("triple", python("same"), Volatility::Immutable).call(vec![col("a")]);
    let named = double();
    let expr = calls(2) + other.clone() + named + other + calls(1);
    let message = sent(&native(), &expr);
    assert_eq!(count(&message, START), 3);
    let expr = arrived(&inline(), &message).unwrap();
    let mut functions = Vec::new();
    datafusion::common::tree_node::TreeNode::apply(&expr, |part| {
        if let Expr::ScalarFunction(call) = part {
            functions.push(Arc::clone(&call.func));
        }
        Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
    })
    .unwrap();
    let [a, b, c, d, e, f] = &functions[..] else { panic!("{functions:?}") };
    assert!(a == b && b == f && c == e && a != c && d != a && d != c);
    // One object, opened once.
    assert!(Arc::ptr_eq(a, b) && Arc::ptr_eq(c, e));
}

#[test]
fn a_volatile_function_that_was_one_is_one() {
    let volatile = scalar_of("triple", python("triple"), Volatility::Volatile).call(vec![col("a")]);
    let expr = arrived(&inline(), &sent(&native(), &(volatile.clone() + volatile))).unwrap();
    let Expr::BinaryExpr(sum) = expr else { panic!("{expr}") };
    assert_eq!(sum.left, sum.right);
}

#[tokio::test]
async fn plans_of_both_layers_have_it_once() {
    let ctx = SessionContext::new();
    let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, true)]));
    ctx.register_table("t", Arc::new(MemTable::try_new(schema, vec![vec![]]).unwrap())).unwrap();
    ctx.register_udf(scalar("triple"));
    let query =
        "SELECT triple(a) FROM t WHERE triple(a) IN (SELECT triple(triple(a)) FROM t) ORDER BY triple(a)";
    let frame = ctx.sql(query).await.unwrap();
    let native = native().with_mode("arrow", FamilyMode::Inline).unwrap();
    let inline = inline().with_mode("arrow", FamilyMode::Inline).unwrap();
    let message = native.logical().logical_plan_to_bytes(frame.logical_plan()).unwrap();
    assert_eq!(count(&message, START), 1, "{}", frame.logical_plan());
    assert!(count(&message, REFERENCE) > 3);
    let task = SessionContext::new().task_ctx();
    let plan = inline.logical().logical_plan_from_bytes(&message, &task).unwrap();
    assert_eq!(plan.to_string(), frame.logical_plan().to_string());

    let plan = ctx.sql("SELECT triple(a), triple(triple(a)) FROM t WHERE triple(a) > 1").await.unwrap();
    let plan = plan.create_physical_plan().await.unwrap();
    let message = native.physical().physical_plan_to_bytes(&plan).unwrap();
    assert_eq!(count(&message, START), 1);
    assert!(count(&message, REFERENCE) > 2);
    inline.physical().physical_plan_from_bytes(&message, &task).unwrap();
}

#[test]
fn the_order_within_a_message_does_not_matter() {
    let message = sent(&native(), &calls(3));
    let (plan, table) = split(&message);
    let turned = [table, plan].concat();
    assert_eq!(arrived(&inline(), &turned).unwrap(), arrived(&inline(), &message).unwrap());
}

#[test]
fn a_reference_without_its_function_is_malformed() {
    let message = sent(&native(), &calls(3));
    let (plan, table) = split(&message);
    for codecs in [inline(), strict(), elsewhere()] {
        assert_eq!(code(&codecs, plan), "PW-D001");
    }
    // Of another message.
    let other = sent(&native(), &double());
    assert_eq!(code(&inline(), &[plan, split(&other).1].concat()), "PW-D001");
    // Twice, or nothing that is a frame.
    assert_eq!(code(&inline(), &[plan, table, table].concat()), "PW-D013");
    let mut unsound = message.clone();
    let at = plan.len() + 4 + 4;
    unsound[at] = 9;
    assert_eq!(code(&inline(), &unsound), "PW-D013");
    // An engine that asks node by node has no message, so the frame stands where the function is.
    assert!(frame_of(&triple()).starts_with(START));
    let mut reference = REFERENCE.to_vec();
    reference.extend([0; 16]);
    let error = decode(&inline(), Layer::Logical, "triple", &triple(), &reference).unwrap_err();
    assert_eq!(WireError::find(&error).unwrap().code(), "PW-D001");
}

#[test]
fn a_changed_payload_is_malformed_in_every_mode() {
    let mut message = sent(&native(), &calls(2));
    *message.last_mut().unwrap() ^= 1;
    for codecs in [inline(), strict()] {
        assert_eq!(code(&codecs, &message), "PW-D001");
    }
}

#[test]
fn a_strict_session_refuses_it_by_its_name() {
    let error = arrived(&strict(), &sent(&native(), &calls(3))).unwrap_err();
    assert!(matches!(&error, WireError::Refused { name, .. } if name == "triple"), "{error}");
}

#[test]
fn limits_count_it_once() {
    let (codecs, message) = (counted(FamilyMode::Inline), sent(&native(), &calls(50)));
    let limited = |limit, most| codecs.clone().with_limits(Limits::default().with(limit, most));
    assert!(arrived(&limited(Limit::Frames, 1), &message).is_ok());
    assert_eq!(code(&limited(Limit::Frames, 0), &message), "PW-D017");
    let size = frame_of(&triple()).len();
    assert!(arrived(&limited(Limit::Payload, size), &message).is_ok());
    assert_eq!(code(&limited(Limit::Payload, size - 1), &message), "PW-D017");
    assert!(arrived(&limited(Limit::Inlined, size), &message).is_ok());
    assert_eq!(code(&limited(Limit::Inlined, size - 1), &message), "PW-D017");
    assert_eq!(code(&limited(Limit::Message, message.len() - 1), &message), "PW-D017");
    let sender = limited(Limit::Message, message.len() - 1).with_frames("python", Frames::Native).unwrap();
    assert_eq!(sender.logical().expr_to_bytes(&calls(50)).unwrap_err().code(), "PW-E007");
}

#[test]
fn a_registered_function_that_takes_precedence_is_taken_for_each_call() {
    let ctx = SessionContext::new();
    ctx.register_udf(scalar_of("triple", python("same"), Volatility::Immutable));
    let message = sent(&native(), &calls(2));
    for codecs in [inline(), strict()] {
        let codecs = codecs.with_precedence(Precedence::Registered);
        let expr = codecs.logical().expr_from_bytes(&message, &ctx.task_ctx()).unwrap();
        let Expr::BinaryExpr(sum) = expr else { panic!("{expr}") };
        let Expr::ScalarFunction(call) = &*sum.right else { panic!("{sum}") };
        assert_eq!(*call.func, *ctx.state().scalar_functions()["triple"]);
    }
}

#[test]
fn a_guard_signs_and_checks_it_once() {
    let [signing, checking] = rings(Algorithm::HmacSha256);
    let guarded = |ring| FamilyMode::Guarded(Arc::new(signed(ring)));
    let sender = native().with_mode("python", guarded(&signing)).unwrap();
    let receiver = inline().with_mode("python", guarded(&checking)).unwrap();
    let message = sent(&sender, &calls(3));
    assert_eq!(count(&message, START), 1);
    assert_eq!(arrived(&receiver, &message).unwrap().to_string(), calls(3).to_string());
    assert_eq!(code(&receiver, &sent(&native(), &calls(3))), "PW-D006");
}

#[test]
fn a_payload_that_may_travel_on_alone_is_whole() {
    let codecs = geo_and(vec![Arc::new(PythonFamily)])
        .with_mode("python", FamilyMode::Inline)
        .and_then(|codecs| codecs.with_frames("python", Frames::Native))
        .unwrap();
    let held = Holder::holding(Held::Expr(calls(2).is_null())).call(vec![col("b")]).is_true();
    let expr = calls(2).is_null().and(held).and(calls(1).is_null());
    let message = sent(&codecs, &expr);
    // Two stand in the payload, and one in the table.
    assert_eq!((count(&message, START), count(&message, REFERENCE)), (3, 3));
    assert_eq!(arrived(&codecs, &message).unwrap().to_string(), expr.to_string());
}

#[test]
fn what_is_held_is_sent_on_once_within_the_limits_that_it_came_under() {
    let message = sent(&native(), &calls(20));
    let limits = Limits::default().with(Limit::Frames, 1).with(Limit::Inlined, frame_of(&triple()).len());
    let relay = elsewhere().with_limits(limits);
    let expr = arrived(&relay, &message).unwrap();
    let report = Report::default();
    assert_eq!(relay.logical().reporting(&report).expr_to_bytes(&expr).unwrap(), message);
    assert_eq!(report.carried().len(), 1);
}

#[test]
fn under_another_name_it_counts_once_more() {
    let inline = inline().with_limits(Limits::default().with(Limit::Frames, 1));
    let message = sent(&native(), &calls(2));
    // The second call has another name of the same length.
    let at = split(&message).0.windows(6).rposition(|window| window == b"triple").unwrap();
    let mut renamed = message.clone();
    renamed[at..at + 6].copy_from_slice(b"tripel");
    assert!(arrived(&inline, &message).is_ok());
    assert_eq!(code(&inline, &renamed), "PW-D017");
}

#[test]
fn a_table_has_functions_and_nothing_else() {
    let message = sent(&native(), &calls(1));
    let (plan, _) = split(&message);
    let mut other = message.clone();
    other[plan.len() + 4 + 5] = 5;
    for codecs in [inline(), elsewhere()] {
        assert_eq!(code(&codecs, &other), "PW-D013");
    }
}

#[test]
fn a_look_shows_each_call_and_what_nothing_calls() {
    let message = sent(&native(), &calls(2));
    let task = SessionContext::new().task_ctx();
    let look = |codecs: &SessionCodecs, message: &[u8]| codecs.inspect(message, None, &task).unwrap();
    let contents = look(&inline(), &message);
    let [one, two] = &contents.readings[0].parts[..] else { panic!("{contents}") };
    assert!(one.is_admitted() && two.is_admitted() && one.digest == two.digest && one.size == two.size);
    assert!(!contents.readings[0].unknown_fields);
    assert!(!look(&strict(), &message).is_admitted());
    let other = sent(&native(), &double());
    let with_more = [&message[..], split(&other).1].concat();
    let contents = look(&inline(), &with_more);
    assert_eq!(contents.readings[0].parts.len(), 3, "{contents}");
    assert_eq!(contents.readings[0].parts[2].name, "double");
    assert!(!look(&strict(), &with_more).is_admitted());
    // It is never decoded.
    assert_eq!(arrived(&inline(), &with_more).unwrap(), arrived(&inline(), &message).unwrap());
    let mut bytes = Vec::new();
    encode(&native(), Layer::Logical, "", &triple(), &mut bytes).unwrap();
    assert!(bytes.starts_with(START));
}
