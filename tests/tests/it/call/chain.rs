//! The chain: its order, its forwarding, and that nothing is lost or half written on the way.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion_proto::logical_plan::{DefaultLogicalExtensionCodec, LogicalExtensionCodec};
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_conformance::hexdump;
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyList, FamilyMode, FamilyName, Kind, Member, Node,
    NodeRef, Payload, Place, SessionCodecs, Tag, WireError, WireFamily,
};

use crate::fixture::nodes::{Answer, Probe, abs, one_of_each, wire_error, with_installed, with_terminal};
use crate::fixture::{fresh, inline, python, scalar, scalar_of, strict};

const LAYERS: [Layer; 2] = [Layer::Logical, Layer::Physical];

/// Carries one node of every kind, as an empty payload.
#[derive(Debug)]
struct Everything;

impl WireFamily for Everything {
    fn name(&self) -> FamilyName {
        FamilyName::new("everything")
    }

    fn tag(&self, kind: Kind) -> Option<Tag> {
        const MAGICS: [&[u8; 7]; 9] = [
            b"DFEACHA", b"DFEACHB", b"DFEACHC", b"DFEACHD", b"DFEACHE", b"DFEACHF", b"DFEACHG", b"DFEACHH",
            b"DFEACHI",
        ];
        let position = Kind::ALL.iter().position(|other| *other == kind)?;
        Some(Tag::new(MAGICS[position], 1))
    }

    fn encode(&self, _: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        Ok(Some(Payload::concat(&[])))
    }

    fn decode(&self, frame: AuthorizedFrame<'_>, cx: &DecodeContext<'_>) -> Result<Node, WireError> {
        let inputs = match cx.place {
            Place::LogicalNode { inputs, .. } => inputs.len(),
            Place::PhysicalNode { inputs, .. } => inputs.len(),
            _ => 1,
        };
        assert_eq!(inputs, 1, "the inputs of a {} are lost", cx.place.kind());
        let node = one_of_each().into_iter().find(|node| node.kind() == frame.inspection().kind);
        Ok(node.unwrap())
    }
}

#[test]
fn every_kind_goes_through_families_on_every_layer() {
    let member = Member::new(Arc::new(Everything), "tests");
    let codecs = SessionCodecs::new(FamilyList::new([member]).unwrap());
    let codecs = codecs.with_mode("everything", FamilyMode::Inline).unwrap();
    for layer in LAYERS {
        for node in one_of_each() {
            let mut bytes = Vec::new();
            encode(&codecs, layer, "name", &node, &mut bytes).unwrap();
            let tag = Everything.tag(node.kind()).unwrap();
            assert_eq!(bytes, [tag.magic.as_bytes().as_slice(), &[1]].concat(), "{layer:?}");
            let back = decode(&codecs, layer, "name", &node, &bytes).unwrap();
            assert_eq!(back.kind(), node.kind());
        }
    }
}

#[test]
fn every_kind_goes_through_installed_codecs_and_to_the_terminal_codec_on_every_layer() {
    let mut methods = BTreeSet::new();
    for layer in LAYERS {
        for node in one_of_each() {
            let installed = Probe::new(Answer::Write(b"\x0a\x01i"));
            let terminal = Probe::new(Answer::Write(b"\x0a\x01t"));
            let both = with_terminal(&with_installed(&fresh(), "one", &installed), &terminal);
            for (codecs, probe, wrote) in [
                (&both, &installed, b"\x0a\x01i"),
                (&with_terminal(&fresh(), &terminal), &terminal, b"\x0a\x01t"),
            ] {
                let mut bytes = Vec::new();
                encode(codecs, layer, "name", &node, &mut bytes).unwrap();
                assert!(bytes.ends_with(wrote), "{} on the {layer:?} layer", node.kind());
                decode(codecs, layer, "name", &node, &bytes).unwrap_err();
                let calls = probe.calls.lock().unwrap();
                assert_eq!(calls.last().unwrap().1, wrote, "{} on the {layer:?} layer", node.kind());
                methods.extend(calls.iter().map(|(method, _)| *method));
            }
        }
    }
    insta::assert_debug_snapshot!("every_method", methods);
}

#[test]
fn families_come_first_then_installed_codecs_then_the_terminal_codec() {
    let [first, second, terminal] =
        [b"first", b"secnd", b"termn"].map(|name| Probe::new(Answer::Write(name)));
    let declines = Probe::new(Answer::Decline);
    for layer in LAYERS {
        let all = with_terminal(
            &with_installed(&with_installed(&inline(), "one", &first), "two", &second),
            &terminal,
        );
        let opening = |codecs: &SessionCodecs, node: &Node| {
            let mut bytes = Vec::new();
            encode(codecs, layer, "triple", node, &mut bytes).unwrap();
            bytes
        };
        let python = Node::ScalarUdf(Arc::new(scalar("triple")));
        assert!(opening(&all, &python).starts_with(b"DFPYUDF\x01"));
        assert!(opening(&all, &abs()).ends_with(b"onefirst"));

        let one_declines = with_terminal(
            &with_installed(&with_installed(&inline(), "one", &declines), "two", &second),
            &terminal,
        );
        assert!(opening(&one_declines, &abs()).ends_with(b"twosecnd"));
        let all_decline = with_terminal(&with_installed(&inline(), "one", &declines), &terminal);
        assert_eq!(opening(&all_decline, &abs()), b"termn");
    }
}

#[test]
fn an_installed_codec_gets_back_what_it_wrote_and_no_other_does() {
    for layer in LAYERS {
        let [declines, writes] = [Probe::new(Answer::Decline), Probe::new(Answer::Write(b"its bytes"))];
        let codecs = with_installed(&with_installed(&fresh(), "one", &declines), "two", &writes);
        let mut bytes = Vec::new();
        encode(&codecs, layer, "abs", &abs(), &mut bytes).unwrap();
        let error = decode(&codecs, layer, "abs", &abs(), &bytes).unwrap_err();
        assert!(matches!(wire_error(&error), WireError::DecodeCodec { .. }));
        let calls = writes.calls.lock().unwrap();
        assert_eq!(calls.last().unwrap(), &("try_decode_udf", b"its bytes".to_vec()));
        assert_eq!(declines.methods(), ["try_encode_udf"]);

        let error = decode(&fresh(), layer, "abs", &abs(), &bytes).unwrap_err();
        assert!(matches!(wire_error(&error), WireError::UnknownCodec { id, .. } if id == "two"));
    }
}

#[test]
fn an_installed_codec_that_writes_nothing_leaves_nothing() {
    let codecs = with_installed(&fresh(), "one", &Probe::new(Answer::Write(b"")));
    let mut bytes = Vec::new();
    encode(&codecs, Layer::Logical, "abs", &abs(), &mut bytes).unwrap();
    assert!(bytes.is_empty());
}

#[test]
fn an_error_of_a_chain_within_a_chain_keeps_its_type() {
    let mut bytes = Vec::new();
    encode(&inline(), Layer::Logical, "triple", &Node::ScalarUdf(Arc::new(scalar("triple"))), &mut bytes)
        .unwrap();
    let inner: Arc<dyn LogicalExtensionCodec> = Arc::new(strict().logical().clone());
    let outer = SessionCodecs::new(FamilyList::default()).with_terminal(inner, Probe::new(Answer::Decline));
    let error = decode(&outer, Layer::Logical, "triple", &abs(), &bytes).unwrap_err();
    assert!(matches!(wire_error(&error), WireError::Refused { .. }), "{error}");
}

#[test]
fn a_frame_that_a_codec_wrote_leaves_only_where_the_policy_lets_it() {
    // A session that sends by name does not look at what it leaves out, e.g. a frame of another Python.
    let frames: [&[u8]; 2] = [b"DFPYUDF\x01\x03\x0bblob", b"DFPYUDF\x01\x02\x07blob"];
    let cases: [(SessionCodecs, bool); 2] = [(inline(), true), (strict(), false)];
    for (codecs, leaves) in cases {
        for (layer, frame) in LAYERS.into_iter().flat_map(|layer| frames.map(|frame| (layer, frame))) {
            let probe = Probe::new(Answer::Write(frame));
            for codecs in [with_terminal(&codecs, &probe), with_installed(&codecs, "one", &probe)] {
                let mut bytes = Vec::new();
                encode(&codecs, layer, "f", &abs(), &mut bytes).unwrap();
                assert_eq!(!bytes.is_empty(), leaves);
            }
        }
    }
}

#[test]
fn a_failed_encode_leaves_the_buffer_as_it_was() {
    let locked = scalar_of("locked", python("locked"), datafusion::logical_expr::Volatility::Immutable);
    let cases = [
        (inline(), Node::ScalarUdf(Arc::new(locked)), "PW-E001"),
        (with_terminal(&fresh(), &Probe::new(Answer::Fail)), abs(), "PW-E003"),
        (with_installed(&fresh(), "one", &Probe::new(Answer::Fail)), abs(), "PW-E003"),
    ];
    for (codecs, node, code) in cases {
        for layer in LAYERS {
            let mut bytes = b"before".to_vec();
            let error = encode(&codecs, layer, "name", &node, &mut bytes).unwrap_err();
            assert_eq!(wire_error(&error).code(), code);
            assert_eq!(bytes, b"before");
        }
    }
}

#[test]
fn an_encode_error_that_datafusion_drops_is_raised() {
    let locked = scalar_of("locked", python("locked"), datafusion::logical_expr::Volatility::Immutable);
    let expr = locked.call(vec![datafusion::prelude::col("a")]);
    let codecs = inline();
    let dropped = datafusion_proto::logical_plan::to_proto::serialize_expr(&expr, codecs.logical());
    assert!(dropped.is_ok(), "DataFusion no longer drops the error, so nothing needs to record it");

    let error = codecs.logical().expr_to_bytes(&expr).unwrap_err();
    assert!(matches!(error, WireError::Encode { .. }), "{error}");
}

#[test]
fn a_decode_error_inside_an_argument_keeps_its_type() {
    let triple = scalar("triple");
    let inner = triple.call(vec![datafusion::prelude::col("a")]);
    let expr = datafusion::functions::math::abs().call(vec![inner]);
    let bytes = inline().logical().expr_to_bytes(&expr).unwrap();
    let task = datafusion::prelude::SessionContext::new().task_ctx();
    let error = strict().logical().expr_from_bytes(&bytes, &task).unwrap_err();
    assert!(matches!(error, WireError::Refused { .. }), "{error}");
}

#[test]
fn a_refusal_is_an_external_error_and_never_a_planning_error() {
    let bytes = {
        let mut bytes = Vec::new();
        let node = Node::ScalarUdf(Arc::new(scalar("triple")));
        encode(&inline(), Layer::Logical, "triple", &node, &mut bytes).unwrap();
        bytes
    };
    let codecs = strict();
    let error = LogicalExtensionCodec::try_decode_udf(codecs.logical(), "triple", &bytes).unwrap_err();
    assert!(matches!(error, DataFusionError::External(_)), "{error:?}");
    let wrapped = error.context("while reading a plan");
    assert!(matches!(wire_error(&wrapped), WireError::Refused { .. }));
}

#[test]
fn an_envelope_carries_in_nothing_that_a_bare_frame_could_not() {
    let mut frame = Vec::new();
    encode(&inline(), Layer::Logical, "triple", &Node::ScalarUdf(Arc::new(scalar("triple"))), &mut frame)
        .unwrap();
    let enclose = |bytes: &[u8]| {
        planwire_registry::envelope::encode(planwire_registry::envelope::Envelope { id: "one", bytes })
    };
    let probe = Probe::new(Answer::Decline);
    let codecs = with_installed(&strict(), "one", &probe);
    let like = abs();
    for (bytes, code) in [
        (enclose(&frame), "PW-D005"),
        (enclose(&enclose(&frame)), "PW-D005"),
        (enclose(b"DFNOONE\x01"), "PW-D007"),
        ((0..20).fold(frame.clone(), |bytes, _| enclose(&bytes)), "PW-D001"),
    ] {
        let error = decode(&codecs, Layer::Logical, "triple", &like, &bytes).unwrap_err();
        assert_eq!(wire_error(&error).code(), code, "{error}");
    }
    assert!(probe.methods().is_empty(), "the installed codec saw what the session refuses");
}

#[test]
fn bytes_cut_inside_a_magic_name_whose_it_is() {
    for (bytes, owner) in [(&b"DFPYUD"[..], "python"), (b"DFRAN", "range"), (b"DFPYCH", "codec-envelope")] {
        let error = decode(&inline(), Layer::Logical, "f", &abs(), bytes).unwrap_err();
        let WireError::Malformed { family, .. } = wire_error(&error) else { panic!("{error}") };
        assert_eq!(family.as_str(), owner);
    }
}

#[test]
fn an_unknown_family_is_refused_by_strict_sessions_and_offered_to_the_terminal_codec_by_others() {
    for (codecs, asked) in [(strict(), false), (inline(), true), (fresh(), true)] {
        let probe = Probe::new(Answer::Decline);
        let codecs = with_terminal(&codecs, &probe);
        let error = decode(&codecs, Layer::Physical, "f", &abs(), b"DFNOONE\x01payload").unwrap_err();
        assert!(matches!(wire_error(&error), WireError::UnknownFamily { .. }), "{error}");
        assert_eq!(!probe.methods().is_empty(), asked);
    }
}

#[test]
fn a_duplicate_codec_id_is_an_error() {
    let probe: Arc<dyn LogicalExtensionCodec> = Arc::new(DefaultLogicalExtensionCodec {});
    let codecs = fresh().with_logical_codec("one", Arc::clone(&probe)).unwrap();
    let error = codecs.with_logical_codec("one", probe).unwrap_err();
    insta::assert_snapshot!(error, @"a codec with the id `one` is already installed");
}

#[test]
fn debug_shows_families_with_their_modes_and_codecs_in_order() {
    let default: Arc<dyn LogicalExtensionCodec> = Arc::new(DefaultLogicalExtensionCodec {});
    let codecs = inline().with_logical_codec("example.codec", default).unwrap();
    insta::assert_debug_snapshot!(codecs);
}

#[test]
fn a_frame_by_kind() {
    let node = Node::TableProvider(Arc::new(planwire_range_family::RangeTable { end: 1000 }));
    let codecs = fresh().with_mode("range", planwire_registry::FamilyMode::Inline).unwrap();
    let mut bytes = Vec::new();
    encode(&codecs, Layer::Logical, "numbers", &node, &mut bytes).unwrap();
    insta::assert_snapshot!(hexdump(&bytes), @"0000  44 46 52 41 4e 47 45 01 e8 03 00 00 00 00 00 00  DFRANGE.........");
}
