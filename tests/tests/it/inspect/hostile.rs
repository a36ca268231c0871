//! Looking into bytes from anywhere: there is always an answer, and nothing hides from it.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use datafusion::logical_expr::Expr;
use datafusion::prelude::col;
use planwire_registry::error::Message;
use planwire_registry::{Content, Kind, Limit, Limits, WireError};
use proptest::prelude::*;

use super::marked::{Marked, call, frame, logical, marked, physical};
use super::{look, registered};
use crate::fixture::{fresh, inline, strict};

#[test]
fn messages_cut_anywhere_are_answered() {
    let codecs = marked(Arc::default());
    let (mut read, mut unread) = (0, 0);
    for bytes in [logical(), physical(), call(&frame(Kind::ScalarUdf)), frame(Kind::TableProvider)] {
        for end in 0..bytes.len() {
            match look(&codecs, &bytes[..end], None) {
                Ok(contents) => read += contents.to_string().len().min(1),
                Err(error) => {
                    assert_eq!(error.code(), "PW-D019", "{error}");
                    unread += 1;
                }
            }
        }
        assert!(look(&codecs, &bytes, None).unwrap().is_admitted());
    }
    // A frame that stands alone may end anywhere in its payload.
    assert!(read > 0 && unread > 500, "{read} read, {unread} not");
}

proptest! {
    #[test]
    fn changed_messages_are_answered(
        which in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = [logical(), physical(), call(&frame(Kind::ScalarUdf))][which].clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let codecs = marked(Arc::default());
        for what in [None, Some(Message::Expr), Some(Message::LogicalPlan), Some(Message::PhysicalPlan)] {
            if let Ok(contents) = look(&codecs, &bytes, what) {
                prop_assert!(!contents.readings.is_empty() && !contents.to_string().is_empty());
            }
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = look(&inline(), &bytes, None);
    }

    #[test]
    fn whatever_a_decode_asks_about_is_found(
        layer in 0..2_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let (mut bytes, task) = (plans()[layer].clone(), registered().task_ctx());
        let changed = !changes.is_empty();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let family = Arc::new(Marked(Some(Mutex::default())));
        let codecs = marked(Arc::clone(&family));
        let outcome = match layer {
            0 => codecs.logical().logical_plan_from_bytes(&bytes, &task).map(drop),
            _ => codecs.physical().physical_plan_from_bytes(&bytes, &task).map(drop),
        };
        let asked = family.0.as_ref().unwrap().lock().unwrap().clone();
        let found: Vec<_> = look(&codecs, &bytes, None).iter().flat_map(|contents| &contents.readings)
            .flat_map(|reading| reading.iter())
            .map(|part| (part.kind.unwrap_or(Kind::PhysicalExpr), part.name.clone()))
            .collect();
        prop_assert!(asked.iter().all(|asked| found.contains(asked)), "{asked:?} {found:?}");
        prop_assert!(changed || outcome.is_ok() && asked.len() > 3);
    }
}

/// A plan of each layer with functions of every sort.
fn plans() -> &'static [Vec<u8>; 2] {
    static PLANS: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    PLANS.get_or_init(|| {
        let query = "SELECT total(v), running(total(v)) OVER (ORDER BY v) FROM \
                     (SELECT triple(abs(w)) AS v FROM (VALUES (1), (2)) AS t(w)) GROUP BY v";
        let codecs = marked(Arc::new(Marked(Some(Mutex::default()))));
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let frame = registered().sql(query).await.unwrap();
            let logical = codecs.logical().logical_plan_to_bytes(frame.logical_plan()).unwrap();
            let physical = frame.create_physical_plan().await.unwrap();
            [logical, codecs.physical().physical_plan_to_bytes(&physical).unwrap()]
        })
    })
}

#[test]
fn a_payload_is_not_hidden_by_another_reading() {
    // As an expression it is a call; with a field that no build knows, as nobody would write it.
    let hidden = [call(&frame(Kind::ScalarUdf)), b"\xf8\x3e\x01".to_vec()].concat();
    let contents = look(&marked(Arc::default()), &hidden, None).unwrap();
    let [reading] = &contents.readings[..] else { panic!("{contents}") };
    assert!(reading.unknown_fields && reading.parts[0].is_inline());
    assert!(contents.to_string().contains("with fields that this build does not know"), "{contents}");

    // To the last byte it is a plan that makes a catalog and holds nothing; but a receiver that takes
    // it for an expression would pass over the second field, and have a codec decode what the call brings.
    let either = [call(b"\x0a\x00"), b"\x82\x01\x00".to_vec()].concat();
    let contents = marked(Arc::default()).inspect(&either, None, &registered().task_ctx()).unwrap();
    let sorts: Vec<_> = contents
        .readings
        .iter()
        .map(|reading| (reading.what, reading.unknown_fields, reading.iter().any(|part| part.is_inline())))
        .collect();
    let wanted = [(Some(Message::Expr), true, true), (Some(Message::LogicalPlan), false, false)];
    assert_eq!(sorts, wanted, "{contents}");
}

#[test]
fn a_message_beyond_a_limit_is_not_looked_into() {
    let deep = (0..40).fold(col("a"), |inner, _| Expr::Not(Box::new(inner)));
    let bytes = inline().logical().expr_to_bytes(&deep).unwrap();
    assert!(look(&inline(), &bytes, None).is_ok());
    for (limit, most) in [(Limit::Message, 20), (Limit::Nesting, 20), (Limit::Nodes, 20)] {
        let codecs = inline().with_limits(Limits::default().with(limit, most));
        let error = look(&codecs, &bytes, None).unwrap_err();
        assert!(matches!(error, WireError::LimitExceeded { limit: found, .. } if found == limit), "{error}");
    }
    // What protobuf cannot read is not looked into either, however high the limit.
    let deep = (0..5000).fold(call(b""), |inner, _| nested(0x42, &nested(0x0a, &inner)));
    let codecs = inline().with_limits(Limits::default().with(Limit::Nesting, 1_000_000));
    let error = look(&codecs, &deep, None).unwrap_err();
    assert!(matches!(error, WireError::LimitExceeded { limit: Limit::Nesting, most: 100, .. }), "{error}");
}

/// A message with one field.
fn nested(key: u8, inner: &[u8]) -> Vec<u8> {
    let mut bytes = vec![key];
    prost::encoding::encode_varint(inner.len() as u64, &mut bytes);
    bytes.extend(inner);
    bytes
}

#[test]
fn bytes_that_are_nothing_say_so() {
    for bytes in [&b""[..], b"hello world", b"\x80\x05K\x01.", b"\x98\x06\x01", &[0xff; 64]] {
        let error = look(&inline(), bytes, None).unwrap_err();
        assert!(matches!(error, WireError::Unrecognized { size } if size == bytes.len()), "{error}");
        let error = look(&inline(), bytes, Some(Message::PhysicalPlan)).unwrap_err();
        assert!(matches!(error, WireError::NotAMessage { what: Message::PhysicalPlan, .. }), "{error}");
    }
}

#[test]
fn the_messages_of_the_wheel_are_looked_into() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join("v1");
    let mut seen = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "bin") {
            continue;
        }
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(&path).unwrap();
        for codecs in [inline(), strict(), fresh()] {
            let contents = look(&codecs, &bytes, None).unwrap();
            let [reading] = &contents.readings[..] else { panic!("{file}: {contents}") };
            assert_eq!(reading.what, Some(Message::Expr), "{file}");
            let kind = match file.split(['-', '_']).nth(1).unwrap() {
                "aggregate" => Kind::AggregateUdf,
                "window" => Kind::WindowUdf,
                _ => Kind::ScalarUdf,
            };
            let parts: Vec<_> = reading.iter().collect();
            assert_eq!(parts.len(), if file.ends_with("nested_twice") { 2 } else { 1 }, "{file}");
            for part in parts {
                assert_eq!(part.kind, Some(kind), "{file}");
                assert!(!part.name.is_empty());
                match &part.content {
                    Content::Name => assert!(file.ends_with("by_name")),
                    Content::Frame { family, version, stamp, .. } => {
                        let stamp = stamp.unwrap();
                        assert_eq!((family.as_str(), *version), ("python", Some(1)));
                        assert!(file.starts_with(&format!("cp{}{}-", stamp.major, stamp.minor)), "{file}");
                    }
                    other => panic!("{file}: {other:?}"),
                }
                assert_eq!(part.envelopes.len(), usize::from(file.ends_with("in_codec_envelope")), "{file}");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 42 * 3);
}
