//! Precedence: who wins where a payload comes under the name of a registered function.

use std::sync::Arc;

use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, ScalarUDF, Volatility};
use datafusion::prelude::{SessionContext, col};
use datafusion_proto::protobuf::logical_expr_node::ExprType;
use datafusion_proto::protobuf::{LogicalExprNode, ScalarUdfExprNode};
use planwire_registry::envelope::{self, Envelope};
use planwire_registry::{
    Candidate, Crossing, FamilyMode, Precedence, Report, SessionCodecs, StrictMode, Verdict, WireError,
};
use prost::Message as _;

use crate::fixture::nodes::{Answer, Probe, with_installed};
use crate::fixture::{counted, fresh, inline, python, scalar, scalar_of};

/// Lets nothing through.
#[derive(Debug)]
struct Never;

impl StrictMode for Never {
    fn verdict(&self, _: Crossing, _: &Candidate<'_>) -> Verdict {
        Verdict::Refuse("never".to_owned())
    }
}

/// Codecs in every mode, and what becomes of a payload in each.
fn modes() -> [(SessionCodecs, Option<&'static str>); 3] {
    let guarded = FamilyMode::Guarded(Arc::new(Never));
    [
        (counted(FamilyMode::Inline), None),
        (counted(FamilyMode::Refuse), Some("PW-D005")),
        (counted(guarded), Some("PW-D006")),
    ]
}

/// A function of the receiver's own.
fn own() -> ScalarUDF {
    scalar_of("triple", python("same"), Volatility::Immutable)
}

/// Decodes a call where `triple` is registered, and tells whether the function is the registered one.
fn decoded(codecs: &SessionCodecs, bytes: &[u8]) -> Result<bool, WireError> {
    let (receiver, own) = (SessionContext::new(), own());
    receiver.register_udf(own.clone());
    match codecs.logical().expr_from_bytes(bytes, &receiver.task_ctx())? {
        Expr::ScalarFunction(ScalarFunction { func, .. }) => Ok(*func == own),
        other => panic!("{other}"),
    }
}

/// A message that calls a function which brings a payload.
fn call(name: &str) -> Vec<u8> {
    inline().logical().expr_to_bytes(&scalar(name).call(vec![col("a")])).unwrap()
}

/// A message that calls `triple` with these bytes for its payload.
fn bringing(bytes: Vec<u8>) -> Vec<u8> {
    let call =
        ScalarUdfExprNode { fun_name: "triple".to_owned(), args: Vec::new(), fun_definition: Some(bytes) };
    LogicalExprNode { expr_type: Some(ExprType::ScalarUdfExpr(call)) }.encode_to_vec()
}

/// The payload of such a message.
fn payload(message: &[u8]) -> Vec<u8> {
    match LogicalExprNode::decode(message).unwrap().expr_type {
        Some(ExprType::ScalarUdfExpr(call)) => call.fun_definition.unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_payload_goes_before_a_registered_function_unless_told_otherwise() {
    assert_eq!(fresh().precedence(), Precedence::Payload);
    for (codecs, code) in modes() {
        match decoded(&codecs, &call("triple")) {
            Ok(own) => assert!(code.is_none() && !own),
            Err(error) => assert_eq!(Some(error.code()), code, "{error}"),
        }
    }
}

#[test]
fn a_registered_function_goes_before_a_payload_in_every_mode() {
    for (codecs, _) in modes() {
        let report = Report::default();
        let codecs = codecs.with_precedence(Precedence::Registered).reporting(&report);
        let before = codecs.families().map(|family| family.counts.decoded).sum::<u64>();
        assert!(decoded(&codecs, &call("triple")).unwrap());
        let remarks: Vec<_> = report.remarks().iter().map(ToString::to_string).collect();
        assert_eq!(
            remarks,
            ["the registered scalar UDF 'triple' is taken, and the payload of that name is left alone"]
        );
        assert_eq!(codecs.families().map(|family| family.counts.decoded).sum::<u64>(), before);
    }
}

#[test]
fn a_name_that_is_not_registered_is_as_before() {
    for (codecs, code) in modes() {
        let codecs = codecs.with_precedence(Precedence::Registered);
        let outcome = decoded(&codecs, &call("fails"));
        assert_eq!(outcome.err().map(|error| error.code()), code);
    }
}

#[test]
fn a_payload_that_is_left_alone_is_sound_all_the_same() {
    for (codecs, _) in modes() {
        let codecs = codecs.with_precedence(Precedence::Registered);
        let sound = payload(&call("triple"));
        assert!(decoded(&codecs, &bringing(sound.clone())).unwrap());
        let mut version = sound.clone();
        version[7] = 9;
        let mut aggregate = sound.clone();
        aggregate[6] = b'A';
        let broken = [
            (sound[..4].to_vec(), "PW-D001"),
            (sound[..9].to_vec(), "PW-D001"),
            (version, "PW-D002"),
            (aggregate, "PW-D004"),
        ];
        for (bytes, code) in broken {
            let wrapped = envelope::encode(Envelope { id: "nobody's", bytes: &bytes });
            for bytes in [bytes, wrapped] {
                let error = decoded(&codecs, &bringing(bytes)).unwrap_err();
                assert_eq!(error.code(), code, "{error}");
            }
        }
        let wrapped = envelope::encode(Envelope { id: "nobody's", bytes: &sound });
        assert!(decoded(&codecs, &bringing(wrapped)).unwrap());
    }
}

#[test]
fn no_installed_codec_sees_what_comes_under_the_name_of_a_registered_function() {
    let probe = Probe::new(Answer::Write(b""));
    let codecs = with_installed(&inline().with_precedence(Precedence::Registered), "one", &probe);
    // A frame of the core's own. Outside of an envelope it would take precedence over registered functions.
    let kept = b"DFKEEPE\x01anything".to_vec();
    let bytes = envelope::encode(Envelope { id: "one", bytes: &kept });
    assert!(decoded(&codecs, &bringing(bytes)).unwrap());
    assert!(probe.methods().is_empty(), "the installed codec was asked");
}

#[test]
fn precedence_is_one_sessions_own_and_no_other_builder_changes_it() {
    let codecs = inline().with_precedence(Precedence::Registered);
    assert_eq!(inline().precedence(), Precedence::Payload);
    let narrowed = codecs.with_mode("python", FamilyMode::Refuse).unwrap().with_limits(*codecs.limits());
    assert_eq!(narrowed.precedence(), Precedence::Registered);
    assert_eq!(narrowed.with_precedence(Precedence::Payload).precedence(), Precedence::Payload);
}
