//! What a family tells of its inside is found by a look, and has the word that a decode has.

use std::sync::Arc;

use datafusion::functions::expr_fn::abs;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::prelude::{SessionContext, col};
use planwire_python::PythonFamily;
use planwire_registry::{Contents, FamilyMode, Fate, Kind, Limit, Limits, SessionCodecs};

use crate::fixture::geo::{Held, Holder, filter, geo_and};
use crate::fixture::nodes::Annotated;
use crate::fixture::scalar;

fn codecs(python: FamilyMode) -> SessionCodecs {
    let others: [Arc<dyn planwire_registry::WireFamily>; 2] =
        [Arc::new(PythonFamily), Arc::new(super::Untold)];
    let codecs = geo_and(others.into()).with_mode("python", python).unwrap();
    codecs.with_mode("untold", FamilyMode::Inline).unwrap()
}

/// A function of Python inside a function of the family, inside a node of it.
fn sample() -> LogicalPlan {
    let python = scalar("triple").call(vec![abs(col("a"))]);
    filter(Holder::holding(Held::Expr(python.is_null())).call(vec![col("b")]).is_true())
}

fn look(codecs: &SessionCodecs, bytes: &[u8]) -> Contents {
    codecs.inspect(bytes, None, &SessionContext::new().task_ctx()).unwrap()
}

#[test]
fn what_is_inside_a_payload_is_found_and_has_the_word_of_a_decode() {
    let bytes = codecs(FamilyMode::Inline).logical().logical_plan_to_bytes(&sample()).unwrap();
    let task = SessionContext::new().task_ctx();
    let limited = |limit, most| codecs(FamilyMode::Inline).with_limits(Limits::default().with(limit, most));
    for (codecs, code) in [
        (codecs(FamilyMode::Inline), None),
        (codecs(FamilyMode::Refuse), Some("PW-D005")),
        (codecs(FamilyMode::Inline).with_mode("geo", FamilyMode::Refuse).unwrap(), Some("PW-D005")),
        (limited(Limit::Frames, 2), Some("PW-D017")),
        (limited(Limit::Depth, 7), Some("PW-D017")),
        (limited(Limit::Nodes, 15), Some("PW-D017")),
        (limited(Limit::Nesting, 2), Some("PW-D017")),
    ] {
        let decoded = codecs.logical().logical_plan_from_bytes(&bytes, &task);
        assert_eq!(decoded.err().map(|error| error.code()), code);
        match codecs.inspect(&bytes, None, &task) {
            Ok(contents) => assert_eq!(contents.is_admitted(), code.is_none(), "{contents}"),
            Err(error) => assert_eq!(Some(error.code()), code),
        }
    }
    let contents = look(&codecs(FamilyMode::Refuse), &bytes);
    let parts: Vec<_> = contents.readings[0].iter().map(|part| (part.kind.unwrap(), &*part.name)).collect();
    let functions = ["holder", "triple", "abs"].map(|name| (Kind::ScalarUdf, name));
    assert_eq!(parts, [&[(Kind::LogicalNode, "")][..], &functions].concat());
    // Its digest is there for a list of pins, which is asked about it too.
    assert!(contents.readings[0].iter().all(|part| part.digest.is_some() == part.is_inline()));
    let refused = "refused (PW-D005): refused the inline scalar UDF 'triple'";
    assert!(contents.to_string().contains(refused), "{contents}");
}

#[test]
fn a_payload_that_is_not_what_its_family_tells_is_refused_by_a_look_too() {
    let codecs = codecs(FamilyMode::Inline);
    let bytes = codecs.logical().logical_plan_to_bytes(&filter(col("needle"))).unwrap();
    let at = bytes.windows(6).position(|window| window == b"needle").unwrap();
    let mut broken = bytes.clone();
    broken[at - 1] = 200;
    let task = SessionContext::new().task_ctx();
    assert_eq!(codecs.logical().logical_plan_from_bytes(&broken, &task).unwrap_err().code(), "PW-D013");
    let contents = look(&codecs, &broken);
    assert!(!contents.is_admitted(), "{contents}");
    assert!(contents.to_string().contains("refused (PW-D013)"), "{contents}");
}

#[test]
fn a_family_that_does_not_tell_is_not_admitted() {
    let codecs = codecs(FamilyMode::Inline).with_mode("geo", FamilyMode::Refuse).unwrap();
    let notes: Vec<Expr> = vec![abs(col("a")), col("b")];
    let node = Arc::new(Annotated::new(notes));
    let plan = LogicalPlan::Extension(datafusion::logical_expr::Extension { node });
    let bytes = codecs.logical().logical_plan_to_bytes(&plan).unwrap();
    let contents = look(&codecs, &bytes);
    let [part] = &contents.readings[0].parts[..] else { panic!("{contents}") };
    assert!(matches!(part.fate, Fate::LeftToFamily(family) if family.as_str() == "untold"), "{contents}");
    assert!(!contents.is_admitted() && !part.is_admitted());
    let text = "left to family `untold`, which does not tell what is inside";
    assert!(contents.to_string().contains(text), "{contents}");
    // The same node by a family that tells.
    let told = super::codecs(FamilyMode::Inline);
    let bytes = told.logical().logical_plan_to_bytes(&plan).unwrap();
    assert!(look(&told, &bytes).is_admitted());
}
