//! What is found, as text: who signed it, and that names from outside stay names.

use std::sync::Arc;

use datafusion_proto::protobuf as pb;
use planwire_registry::error::Message;
use planwire_registry::trailer::Claims;
use planwire_registry::{
    Candidate, Content, Crossing, FamilyMode, Fate, Kind, StrictMode, Verdict, WireError,
};
use prost::Message as _;

use super::marked::{call, frame, logical, marked};
use super::{look, only};
use crate::fixture::inline;

/// Refuses what is not signed by a key that it likes.
#[derive(Debug)]
struct Likes(&'static str);

impl StrictMode for Likes {
    fn verdict(&self, _: Crossing, candidate: &Candidate<'_>) -> Verdict {
        match &candidate.seen.signer {
            Some(claims) if claims.key_id == self.0 => Verdict::Inline,
            _ => Verdict::Refuse("the key is not liked".to_owned()),
        }
    }
}

#[test]
fn a_signature_is_told_and_is_no_part_of_the_payload() {
    let plain = frame(Kind::ScalarUdf);
    for (expires, until) in [
        (None, "for good"),
        (Some(951_782_399), "until 2000-02-28 23:59:59 UTC"),
        (Some(4_107_542_400), "until 2100-03-01 00:00:00 UTC"),
        (Some(u64::MAX), "until 18446744073709551615 seconds after 1970"),
    ] {
        let claims = Claims { key_id: "driver\u{1b}[2J".into(), audience: "workers".into(), expires };
        let signed = [plain.clone(), claims.trailer(b"not verified")].concat();
        let [lax, likes, dislikes] = [
            FamilyMode::Inline,
            FamilyMode::Guarded(Arc::new(Likes("driver\u{1b}[2J"))),
            FamilyMode::Guarded(Arc::new(Likes("another"))),
        ]
        .map(|mode| marked(Arc::default()).with_mode("marked", mode).unwrap());
        for (codecs, code) in [(&lax, None), (&likes, None), (&dislikes, Some("PW-D006"))] {
            let contents = look(codecs, &call(&signed), Some(Message::Expr)).unwrap();
            let [part] = only(&contents) else { panic!("{contents}") };
            let Content::Frame { signer: Some(signer), .. } = &part.content else { panic!("{part:?}") };
            assert_eq!((signer, part.size), (&claims, "scalar UDF".len()));
            assert_eq!(part.digest, super::part(&lax, &call(&plain)).digest);
            let refused = match &part.fate {
                Fate::Refused(error) => Some(error.code()),
                _ => None,
            };
            assert_eq!(refused, code);
            let said = format!(r"says to be signed by 'driver\u{{1b}}[2J' for 'workers', {until}");
            assert!(contents.to_string().contains(&said), "{contents}");
        }
    }
}

#[test]
fn names_from_outside_neither_forge_nor_flood_the_tree() {
    let name = format!("a\n└── scalar UDF 'sound'  admitted\u{1b}[2J{}", "x".repeat(100_000));
    let expr = pb::ScalarUdfExprNode { fun_name: name.clone(), args: vec![], fun_definition: None };
    let message =
        pb::LogicalExprNode { expr_type: Some(pb::logical_expr_node::ExprType::ScalarUdfExpr(expr)) };
    let contents = look(&inline(), &message.encode_to_vec(), Some(Message::Expr)).unwrap();
    assert_eq!(only(&contents)[0].name, name);
    assert_eq!(contents.to_string().lines().count(), 3, "{contents}");
    assert!(contents.to_string().len() < 600 && !contents.to_string().contains('\u{1b}'), "{contents}");
    assert!(matches!(&only(&contents)[0].fate, Fate::Refused(WireError::LimitExceeded { .. })));
}

#[test]
fn the_text_is_a_tree() {
    let mut changed = logical();
    let place = changed.windows(7).position(|window| window == b"DFMARKH").unwrap_or_default();
    assert_eq!(place, 0, "a logical plan holds no physical node");
    let place = changed.windows(7).position(|window| window == b"DFMARKB").unwrap();
    changed[place + 7] = 2;
    let text = look(&marked(Arc::default()), &changed, None).unwrap().to_string();
    insta::assert_snapshot!(text);
}
