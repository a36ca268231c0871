//! The registry: linking registers, only a session enables, and conflicts name both crates.

use std::sync::Arc;

use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyConflict, FamilyList, FamilyMode, FamilyName, Kind,
    Member, Node, NodeRef, Payload, Registry, SessionBuilderExt, SessionContextExt, Tag, WireError,
    WireFamily,
};

use crate::fixture::{fresh, inline};

#[test]
fn linked_families_are_listed_by_name() {
    let lines: Vec<_> = fresh()
        .families()
        .map(|family| {
            let kinds: Vec<_> = family.kinds.iter().map(|kind| kind.as_str()).collect();
            format!("{:<8} {:<8} {:<24} {}", family.name, family.mode, family.origin, kinds.join(", "))
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    arrow    refuse   planwire-arrow           table provider
    python   refuse   planwire-python          scalar UDF, aggregate UDF, window UDF
    range    refuse   planwire-range-family    table provider
    ");
}

#[test]
fn a_mode_changes_one_family_of_one_value() {
    let before = fresh();
    let after = before.with_mode("range", FamilyMode::Inline).unwrap();
    let modes = |codecs: &planwire_registry::SessionCodecs| {
        codecs.families().map(|family| family.mode.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(modes(&before), ["refuse", "refuse", "refuse"]);
    assert_eq!(modes(&after), ["refuse", "refuse", "inline"]);
    assert!(matches!(after.settings().policy().mode(FamilyName::new("range")), FamilyMode::Inline));
}

#[test]
fn an_unknown_family_lists_the_known_ones() {
    let error = fresh().with_mode("pyhton", FamilyMode::Inline).unwrap_err();
    insta::assert_snapshot!(error, @"no family named 'pyhton' is linked here, known are `arrow`, `python`, `range`");
    assert!(error.help().contains("use the_crate as _;"));
}

#[test]
fn a_session_gives_its_codecs_back() {
    let ctx = SessionContext::new();
    assert_eq!(ctx.codecs().unwrap().families().count(), Registry::linked().unwrap().names().len());

    let ctx = ctx.with_codecs(inline());
    assert!(matches!(
        ctx.codecs().unwrap().settings().policy().mode(FamilyName::new("python")),
        FamilyMode::Inline
    ));

    let config = SessionConfig::new().with_batch_size(17);
    let state = SessionStateBuilder::new().with_config(config).with_codecs(inline()).build();
    let ctx = SessionContext::new_with_state(state);
    assert!(matches!(
        ctx.codecs().unwrap().settings().policy().mode(FamilyName::new("python")),
        FamilyMode::Inline
    ));
    assert_eq!(ctx.copied_config().batch_size(), 17);
}

#[derive(Debug, Clone, Copy)]
struct Named(&'static str, &'static [(Kind, &'static [u8; 7])]);

impl WireFamily for Named {
    fn name(&self) -> FamilyName {
        FamilyName::new(self.0)
    }
    fn tag(&self, kind: Kind) -> Option<Tag> {
        self.1.iter().find(|(own, _)| *own == kind).map(|(_, magic)| Tag::new(magic, 1))
    }
    fn encode(&self, _: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        Ok(None)
    }
    fn decode(&self, frame: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        Err(frame.malformed("never decodes"))
    }
}

fn list(members: &[(Named, &'static str)]) -> Result<FamilyList, FamilyConflict> {
    FamilyList::new(members.iter().map(|(family, origin)| Member::new(Arc::new(*family), *origin)))
}

#[test]
fn conflicts_name_both_crates_whatever_the_order() {
    const SCALAR: &[(Kind, &[u8; 7])] = &[(Kind::ScalarUdf, b"DFSAMEM")];
    const AGGREGATE: &[(Kind, &[u8; 7])] = &[(Kind::AggregateUdf, b"DFSAMEM")];
    const TWICE: &[(Kind, &[u8; 7])] = &[(Kind::ScalarUdf, b"DFSAMEM"), (Kind::WindowUdf, b"DFSAMEM")];
    const ENVELOPE: &[(Kind, &[u8; 7])] = &[(Kind::ScalarUdf, b"DFPYCHN")];
    let cases = [
        ("name", vec![(Named("a", &[]), "crate-one"), (Named("a", &[]), "crate-two")]),
        ("magic", vec![(Named("a", SCALAR), "crate-one"), (Named("b", AGGREGATE), "crate-two")]),
        ("magic within one family", vec![(Named("a", TWICE), "crate-one")]),
        ("the core's name", vec![(Named("planwire", &[]), "crate-one")]),
        ("the envelope's magic", vec![(Named("a", ENVELOPE), "crate-one")]),
    ];
    let mut lines = Vec::new();
    for (case, members) in cases {
        let conflict = list(&members).unwrap_err();
        let reversed: Vec<_> = members.into_iter().rev().collect();
        assert_eq!(list(&reversed).unwrap_err(), conflict);
        lines.push(format!("{case}: {conflict}"));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    name: two families are named `a`: one from crate `crate-one`, one from crate `crate-two`
    magic: magic DFSAMEM is claimed twice: by `a` from crate `crate-one` as scalar UDF, by `b` from crate `crate-two` as aggregate UDF
    magic within one family: magic DFSAMEM is claimed twice: by `a` from crate `crate-one` as scalar UDF, by `a` from crate `crate-one` as window UDF
    the core's name: the family from crate `crate-one` is named `planwire`, which is the core's own name
    the envelope's magic: magic DFPYCHN, claimed by `a` from crate `crate-one`, is the protocol's own
    ");
}

#[test]
fn families_that_agree_are_sorted() {
    let families = list(&[(Named("b", &[]), "x"), (Named("c", &[]), "x"), (Named("a", &[]), "x")]).unwrap();
    assert_eq!(format!("{families:?}"), "[a, b, c]");
}
