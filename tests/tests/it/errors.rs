//! The text of every error: what was found, what was wanted, and what to do about it.

use std::sync::Arc;

use planwire_registry::error::{CodecName, Message, OneLine, Shown, is_plain};
use planwire_registry::{FamilyName, Kind, Limit, Magic, Stamp, Unlinked, WireError};

const FAMILY: FamilyName = FamilyName::new("python");

fn every_error() -> Vec<WireError> {
    let (family, kind, name) = (FAMILY, Kind::ScalarUdf, || "triple".to_owned());
    let source = || Arc::new(std::io::Error::other("the cause")) as _;
    let stamp = |minor| Stamp { runtime: "CPython", major: 3, minor };
    let reason = || "the payload is not signed".to_owned();
    vec![
        WireError::Encode { family, kind, name: name(), source: source() },
        WireError::EncodeRefused { family, kind, name: name(), reason: reason() },
        WireError::EncodeCodec {
            codec: CodecName::Terminal,
            kind,
            name: name(),
            refused: vec![],
            source: source(),
        },
        WireError::EncodeCodec {
            codec: CodecName::Terminal,
            kind: Kind::PhysicalNode,
            name: name(),
            refused: vec![FAMILY],
            source: source(),
        },
        WireError::NotCarried {
            kind: Kind::TableProvider,
            name: "endless".to_owned(),
            made: "StreamTable".to_owned(),
            refused: vec![],
        },
        WireError::NotCarried {
            kind: Kind::PhysicalNode,
            name: name(),
            made: String::new(),
            refused: vec![FAMILY],
        },
        WireError::EncodeMessage { what: Message::Expr, source: source() },
        WireError::EncodePanicked { what: Message::LogicalPlan, detail: "index out of bounds".to_owned() },
        WireError::EncodeLimit { limit: Limit::Depth, found: 4097, most: 4096 },
        WireError::Malformed { family, kind, name: name(), fault: "truncated".to_owned() },
        WireError::Version { family, kind, name: name(), found: 2, oldest: 1, newest: 1, refuses: false },
        WireError::Version { family, kind, name: name(), found: 2, oldest: 1, newest: 1, refuses: true },
        WireError::Stamp { kind, name: name(), found: stamp(10), running: stamp(11), refuses: false },
        WireError::Stamp { kind, name: name(), found: stamp(10), running: stamp(11), refuses: true },
        WireError::WrongKind { family, name: name(), found: Kind::AggregateUdf, wanted: kind },
        WireError::Refused { family, kind, name: name() },
        WireError::PolicyRefused { family, kind, name: name(), reason: reason() },
        WireError::UnknownFamily {
            family: Unlinked::Magic(Magic::new(b"DFNOONE")),
            kind,
            name: name(),
            known: vec![FAMILY],
        },
        WireError::UnknownFamily {
            family: Unlinked::Name("elsewhere".to_owned()),
            kind,
            name: name(),
            known: vec![FAMILY],
        },
        WireError::Unopened { family: "elsewhere".to_owned(), kind, name: name() },
        WireError::UnknownFunction { kind, name: name(), similar: vec!["tripel".to_owned()], source: None },
        WireError::UnknownCodec { id: "example.codec".to_owned(), kind, name: name(), known: vec![] },
        WireError::Payload { family, kind, name: name(), source: source() },
        WireError::NameMismatch { family, kind, outer: name(), inner: "other".to_owned() },
        WireError::Preferred { kind, name: name() },
        WireError::DecodeCodec {
            codec: CodecName::Installed("one".to_owned()),
            kind,
            name: name(),
            source: source(),
        },
        WireError::NotAMessage { what: Message::PhysicalPlan, source: source() },
        WireError::Panicked { what: Message::LogicalPlan, detail: "index out of bounds".to_owned() },
        WireError::DecodeMessage { what: Message::Expr, source: source() },
        WireError::RefusedByFloor { family, kind, name: name() },
        WireError::LimitExceeded { limit: Limit::Nodes, found: 100_001, most: 100_000 },
        WireError::Unrecognized { size: 11 },
        WireError::EncodeFamilyPanicked {
            family,
            kind,
            name: name(),
            detail: "index out of bounds".to_owned(),
        },
        WireError::Lost { detail: "the FILTER of sum(x)".to_owned() },
        WireError::FamilyPanicked { family, kind, name: name(), detail: "index out of bounds".to_owned() },
        WireError::OtherKind { family, name: name(), found: Kind::AggregateUdf, wanted: kind },
        WireError::NotAParcel { fault: "they do not open with its magic".to_owned() },
        WireError::OtherOption {
            name: "datafusion.execution.time_zone".to_owned(),
            sent: "+08:00".to_owned(),
            here: Some("+00:00".to_owned()),
        },
        WireError::OtherOption { name: "a.b".to_owned(), sent: "1".to_owned(), here: None },
    ]
}

/// Errors about what has no name in a plan and cannot go by one.
fn errors_about_nodes() -> Vec<WireError> {
    let (family, kind, name) = (FAMILY, Kind::PhysicalNode, String::new);
    let found = Stamp { runtime: "CPython", major: 3, minor: 10 };
    vec![
        WireError::Malformed { family, kind, name: name(), fault: "truncated".to_owned() },
        WireError::Stamp { kind, name: name(), found, running: found, refuses: false },
        WireError::WrongKind { family, name: name(), found: Kind::AggregateUdf, wanted: kind },
        WireError::Refused { family, kind, name: name() },
        WireError::PolicyRefused { family, kind, name: name(), reason: "it is not signed".to_owned() },
        WireError::RefusedByFloor { family, kind, name: name() },
        WireError::UnknownFamily {
            family: Unlinked::Magic(Magic::new(b"DFNOONE")),
            kind,
            name: name(),
            known: vec![FAMILY],
        },
    ]
}

/// What a reader sees of each error.
fn told(errors: &[WireError]) -> String {
    let lines: Vec<_> = errors
        .iter()
        .map(|error| {
            format!(
                "{} {error}\n        help: {}\n        page: {}",
                error.code(),
                error.help(),
                error.page()
            )
        })
        .collect();
    lines.join("\n")
}

#[test]
fn every_error_has_its_text_and_its_remedy() {
    insta::assert_snapshot!(told(&every_error()));
}

#[test]
fn errors_about_nodes_speak_of_no_name() {
    insta::assert_snapshot!(told(&errors_about_nodes()));
}

#[test]
fn a_name_from_outside_neither_forges_nor_floods_a_message() {
    let refused =
        |name: &str| WireError::Refused { family: FAMILY, kind: Kind::ScalarUdf, name: name.to_owned() };
    let names = ["größe_数", "a' of family `trusted`", "line\nbreak\u{1b}[31m", "right\u{202e}left"];
    let mut lines: Vec<_> = names.iter().map(|name| refused(name).to_string()).collect();
    lines.push(refused(&"n".repeat(10_000_000)).to_string());
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_text_from_outside_stays_on_its_line() {
    let harmless = "größe 'q' \"d\" \\ имя 名前 اسم हिन्दी 😀 o\u{308} ½ – a\u{a0}b";
    assert_eq!(OneLine::new(harmless, 100).to_string(), harmless);
    let parts = ('\0'..='\u{ffff}').chain('\u{e0000}'..='\u{e01ff}');
    for hostile in parts.filter(|part| !is_plain(*part)) {
        let escaped = hostile.escape_unicode().to_string();
        assert_eq!(OneLine::new(hostile, 100).to_string(), escaped);
        assert_eq!(Shown(&hostile.to_string()).to_string(), format!("'{escaped}'"));
    }
    let hostile = "\0\n\r\t\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{61c}\u{200b}\u{200e}\u{2028}\u{202e}\u{2066}\u{3164}\u{e000}\u{feff}\u{ffff}";
    assert!(!hostile.chars().any(is_plain));
}

#[test]
fn a_text_from_outside_is_cut_where_its_room_ends() {
    for (part, size) in [("a", 1), ("ö", 2), ("\n", 5), ("\u{10ffff}", 10)] {
        for room in 0..30 {
            let shown = OneLine::new(part.repeat(1_000), room).to_string();
            assert_eq!(shown.len(), room / size * size + "…".len());
        }
        assert_eq!(OneLine::new(part, size).to_string().len(), size);
    }
}
