//! Looking into messages: everything in them is found, nothing of it is decoded, and the gate has the
//! same word as in a decode.

mod hostile;
mod marked;
mod shown;

use std::sync::{Arc, Mutex};

use datafusion::functions::expr_fn::abs;
use datafusion::logical_expr::Expr;
use datafusion::prelude::{SessionContext, col};
use planwire_conformance::crossing::{Layer, encode};
use planwire_registry::envelope::{self, Envelope};
use planwire_registry::error::{CodecName, Message};
use planwire_registry::{
    Content, Contents, Fate, Kind, Limit, Limits, Node, Part, Precedence, SessionCodecs, WireError,
};

use self::marked::{Marked, NAME, call, logical, marked, physical};
use crate::fixture::nodes::{Answer, Probe, with_installed};
use crate::fixture::{fresh, inline, running, scalar, strict, total};

/// Kind and name of each part with the number of those around it.
fn outline(parts: &[Part], level: usize) -> Vec<String> {
    let line = |part: &Part| {
        let kind = part.kind.map_or("nothing", Kind::as_str);
        format!("{}{kind} {:?}", "  ".repeat(level), part.name)
    };
    let lines = |part: &Part| {
        let mut lines = vec![line(part)];
        lines.extend(outline(&part.children, level + 1));
        lines
    };
    parts.iter().flat_map(lines).collect()
}

fn only(contents: &Contents) -> &[Part] {
    let [reading] = &contents.readings[..] else { panic!("{contents}") };
    &reading.parts
}

/// What bytes hold, for a session in which nothing is registered.
fn look(codecs: &SessionCodecs, bytes: &[u8], what: Option<Message>) -> Result<Contents, WireError> {
    codecs.inspect(bytes, what, &SessionContext::new().task_ctx())
}

fn part(codecs: &SessionCodecs, bytes: &[u8]) -> Part {
    let contents = look(codecs, bytes, Some(Message::Expr)).unwrap();
    let [part] = only(&contents) else { panic!("{contents}") };
    part.clone()
}

#[test]
fn everything_that_a_codec_is_asked_about_is_found_and_nothing_of_it_is_decoded() {
    let codecs = marked(Arc::default());
    let contents = look(&codecs, &logical(), None).unwrap();
    assert_eq!(contents.readings[0].what, Some(Message::LogicalPlan));
    insta::assert_snapshot!(outline(only(&contents), 0).join("\n"), @r#"
    logical node ""
      file format ""
        table provider "c.s.t"
        scalar UDF "outer"
          aggregate UDF "inner"
          higher-order UDF "applies"
        window UDF "runs"
        aggregate UDF "sums"
    "#);
    let physical = look(&codecs, &physical(), None).unwrap();
    assert_eq!(physical.readings[0].what, Some(Message::PhysicalPlan));
    insta::assert_snapshot!(outline(only(&physical), 0).join("\n"), @r#"
    physical node ""
      window UDF "runs"
      physical expression ""
        scalar UDF "inner"
      aggregate UDF "total"
      higher-order UDF "applies"
    "#);
    for contents in [contents, physical] {
        assert!(contents.is_admitted(), "{contents}");
        for part in contents.readings[0].iter() {
            // Each frame says by its magic which kind it is, so it was found in the place of that kind.
            let Content::Frame { family: NAME, kind, version: Some(1), .. } = part.content else {
                panic!("{part:?}")
            };
            assert_eq!((part.kind, part.size), (Some(kind), kind.as_str().len()));
        }
    }
}

/// A session that knows the functions of the tests.
fn registered() -> SessionContext {
    let ctx = SessionContext::new();
    ctx.register_udf(scalar("triple"));
    ctx.register_udaf(total());
    ctx.register_udwf(running());
    ctx
}

#[tokio::test]
async fn what_is_found_is_what_a_decode_asks_about() {
    let ctx = registered();
    let mut seen = 0;
    for query in [
        "SELECT triple(abs(triple(v))) FROM (VALUES (1), (2)) AS t(v)",
        "SELECT v, total(v) FROM (VALUES (1), (2)) AS t(v) WHERE triple(v) > 3 GROUP BY v HAVING total(v) > 1",
        "SELECT running(v) OVER (ORDER BY v), total(v) OVER (PARTITION BY v) FROM (VALUES (1), (2)) AS t(v)",
        "SELECT v FROM (VALUES (1)) AS t(v) UNION SELECT triple(w) FROM (VALUES (2)) AS u(w) WHERE triple(w) < 7",
    ] {
        let frame = ctx.sql(query).await.unwrap();
        for layer in [Layer::Logical, Layer::Physical] {
            let family = Arc::new(Marked(Some(Mutex::default())));
            let codecs = marked(Arc::clone(&family));
            let task = ctx.task_ctx();
            let bytes = match layer {
                Layer::Logical => codecs.logical().logical_plan_to_bytes(frame.logical_plan()),
                Layer::Physical => {
                    let plan = frame.clone().create_physical_plan().await.unwrap();
                    codecs.physical().physical_plan_to_bytes(&plan)
                }
            }
            .unwrap();
            let contents = look(&codecs, &bytes, None).unwrap();
            let noted = || family.0.as_ref().unwrap().lock().unwrap().clone();
            assert_eq!(noted(), [], "looking decoded something");
            match layer {
                Layer::Logical => codecs.logical().logical_plan_from_bytes(&bytes, &task).map(drop),
                Layer::Physical => codecs.physical().physical_plan_from_bytes(&bytes, &task).map(drop),
            }
            .unwrap();
            let mut asked = noted();
            // What the core keeps of a plan is decoded by no family of the session.
            let is_kept = |part: &Part| matches!(part.content, Content::Frame { family, .. } if family.as_str() == "planwire");
            let parts = contents.readings[0].iter().filter(|part| part.is_inline() && !is_kept(part));
            let mut found: Vec<_> = parts.map(|part| (part.kind.unwrap(), part.name.clone())).collect();
            // A function that stands there twice is decoded once.
            for list in [&mut asked, &mut found] {
                list.sort();
                list.dedup();
            }
            assert_eq!(found, asked, "{query} on the {layer:?} layer\n{contents}");
            seen += found.len();
        }
    }
    assert!(seen > 12, "{seen}");
}

fn triple() -> Expr {
    scalar("triple").call(vec![abs(col("a"))])
}

#[test]
fn the_word_of_the_gate_is_that_of_a_decode() {
    let bytes = inline().logical().expr_to_bytes(&triple()).unwrap();
    let task = SessionContext::new().task_ctx();
    let at = |needle: &[u8]| bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    let changed = |place: usize, byte: u8| {
        let mut changed = bytes.clone();
        changed[place] = byte;
        changed
    };
    let magic = at(b"DFPYUDF");
    let cases = [
        ("as it is", bytes.clone()),
        ("of another version", changed(magic + 7, 9)),
        ("of another runtime", changed(magic + 9, 2)),
        ("of another kind", changed(magic + 6, b'A')),
        ("of an unknown family", changed(magic + 6, b'Z')),
        ("by another name", changed(at(b"triple"), b'T')),
    ];
    let limited = |limit, most| inline().with_limits(Limits::default().with(limit, most));
    let mut codes = Vec::new();
    for codecs in
        [inline(), strict(), limited(Limit::Payload, 10), limited(Limit::Frames, 0), limited(Limit::Name, 5)]
    {
        for (case, bytes) in &cases {
            let part = part(&codecs, bytes);
            let decoded = codecs.logical().expr_from_bytes(bytes, &task);
            match (&part.fate, decoded) {
                (Fate::Admitted, Ok(_)) => {}
                (Fate::Refused(looked), Err(decoded)) => {
                    assert_eq!(looked.to_string(), decoded.to_string(), "{case}");
                    codes.push(looked.code());
                }
                // The gate lets it through to the terminal codec, which knows no more than we do.
                (Fate::Left(CodecName::Terminal), Err(WireError::UnknownFamily { .. })) => {
                    assert!(!part.is_admitted());
                }
                (looked, decoded) => panic!("{case}: {looked}, {decoded:?}"),
            }
        }
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes, ["PW-D002", "PW-D003", "PW-D004", "PW-D005", "PW-D007", "PW-D017"]);
}

#[test]
fn what_is_known_of_an_unsound_frame_is_told() {
    let bytes = inline().logical().expr_to_bytes(&triple()).unwrap();
    let magic = bytes.windows(7).position(|window| window == b"DFPYUDF").unwrap();
    let mut other = bytes.clone();
    other[magic + 9] = 2;
    for codecs in [inline(), strict(), fresh()] {
        let part = part(&codecs, &other);
        let Content::Frame { stamp: Some(stamp), version: Some(1), .. } = part.content else {
            panic!("{part:?}")
        };
        assert_eq!(stamp.to_string(), "CPython 3.2");
        assert!(part.digest.is_some() && matches!(part.fate, Fate::Refused(WireError::Stamp { .. })));
    }
    let mut wrong = bytes;
    wrong[magic + 6] = b'W';
    let part = part(&inline(), &wrong);
    let Content::Frame { stamp: Some(_), kind: Kind::WindowUdf, .. } = part.content else {
        panic!("{part:?}")
    };
    assert_eq!(part.kind, Some(Kind::ScalarUdf));
}

#[test]
fn envelopes_are_opened_as_far_as_a_decode_would() {
    let enclose = |id: &str, bytes: &[u8]| envelope::encode(Envelope { id, bytes });
    let mut python = Vec::new();
    let node = Node::ScalarUdf(Arc::new(scalar("triple")));
    encode(&inline(), Layer::Logical, "triple", &node, &mut python).unwrap();
    let probe = Probe::new(Answer::Decline);
    let [lax, tight] = [inline(), strict()].map(|codecs| with_installed(&codecs, "one", &probe));
    for (codecs, bytes, fate, ids) in [
        (&lax, enclose("one", &python), "left to codec 'one'", &["one"][..]),
        (&lax, enclose("planwire", &enclose("one", &python)), "left to codec 'one'", &["planwire", "one"]),
        (&lax, enclose("planwire", &python), "admitted", &["planwire"]),
        (&lax, enclose("two", &python), "refused (PW-D009)", &["two"]),
        (&lax, enclose("one", b""), "left to codec 'one'", &["one"]),
        (&tight, enclose("one", &python), "refused (PW-D005)", &["one"]),
        (&tight, enclose("planwire", &enclose("one", &python)), "refused (PW-D005)", &["planwire", "one"]),
        (&tight, enclose("one", b"DFNOONE\x01"), "refused (PW-D007)", &["one"]),
        (&lax, enclose("one", &python)[..13].to_vec(), "refused (PW-D001)", &[]),
        (
            &lax,
            (0..9).fold(python.clone(), |inside, _| enclose("one", &inside)),
            "refused (PW-D001)",
            &["one"; 8],
        ),
    ] {
        let part = part(codecs, &call(&bytes));
        assert!(part.fate.to_string().starts_with(fate), "{part:?}");
        assert_eq!(part.envelopes, ids);
    }
    assert!(probe.methods().is_empty(), "an installed codec was asked");
}

#[test]
fn what_no_family_wrote_is_told_apart() {
    for (bytes, content, fate) in [
        (&b""[..], "Name", "admitted"),
        (b"\x0a\x01i", "Unframed", "left to the terminal codec"),
        (b"DFPY", "Unframed", "refused (PW-D001)"),
        (b"DFNOONE\x01payload", "UnknownFamily(DFNOONE)", "left to the terminal codec"),
    ] {
        let part = part(&inline(), &call(bytes));
        assert_eq!(format!("{:?}", part.content), content);
        assert!(part.fate.to_string().starts_with(fate), "{part:?}");
        assert_eq!(part.is_admitted(), content == "Name" || bytes.starts_with(b"\x0a"));
    }
}

#[test]
fn a_frame_that_stands_alone_is_told() {
    let codecs = marked(Arc::default());
    let contents = look(&codecs, &marked::frame(Kind::FileFormat), None).unwrap();
    assert_eq!(contents.readings[0].what, None);
    assert_eq!(outline(only(&contents), 0), ["file format \"\""]);
    let enclosed = envelope::encode(Envelope { id: "planwire", bytes: &marked::frame(Kind::LogicalNode) });
    assert_eq!(outline(only(&look(&codecs, &enclosed, None).unwrap()), 0), ["logical node \"\""]);
    let unknown = look(&codecs, b"DFNOONE\x01payload", None).unwrap();
    assert_eq!(outline(only(&unknown), 0), ["nothing \"\""]);
    assert!(!unknown.is_admitted());
}

#[test]
fn a_registered_function_that_goes_before_a_payload_is_told() {
    let bytes = inline().logical().expr_to_bytes(&triple()).unwrap();
    for (codecs, fate) in [
        (inline(), "admitted"),
        (inline().with_precedence(Precedence::Registered), "left alone"),
        (strict().with_precedence(Precedence::Registered), "left alone"),
    ] {
        let contents = codecs.inspect(&bytes, None, &registered().task_ctx()).unwrap();
        assert!(only(&contents)[0].fate.to_string().starts_with(fate), "{contents}");
        assert!(codecs.logical().expr_from_bytes(&bytes, &registered().task_ctx()).is_ok());
    }
}
