//! The conformance suite over every family of the workspace, and over one that breaks its promises.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use datafusion::functions::math::{abs, signum};
use datafusion::logical_expr::{ScalarUDF, Volatility};
use planwire_conformance::{Sample, check};
use planwire_python::{PythonAggregateUdf, PythonFamily, PythonScalarUdf, PythonWindowUdf};
use planwire_range_family::{RangeFamily, RangeTable};
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyName, Kind, Node, NodeRef, Payload, Tag, WireError,
    WireFamily,
};

use crate::fixture::{python, running_of, scalar_of, total_of};

#[test]
fn python_family_conforms() {
    let mut samples = Vec::new();
    for name in ["one", "other"] {
        let triple = scalar_of(name, python("triple"), Volatility::Immutable);
        samples.extend([
            Sample::new(name, Node::ScalarUdf(Arc::new(triple))).recognised_by(move |node| {
                matches!(node, Node::ScalarUdf(udf)
                    if udf.name() == name && udf.inner().downcast_ref::<PythonScalarUdf>().is_some())
            }),
            Sample::new(name, Node::AggregateUdf(Arc::new(total_of(name)))).recognised_by(move |node| {
                matches!(node, Node::AggregateUdf(udf)
                    if udf.name() == name && udf.inner().downcast_ref::<PythonAggregateUdf>().is_some())
            }),
            Sample::new(name, Node::WindowUdf(Arc::new(running_of(name)))).recognised_by(move |node| {
                matches!(node, Node::WindowUdf(udf)
                    if udf.name() == name && udf.inner().downcast_ref::<PythonWindowUdf>().is_some())
            }),
        ]);
    }
    check(Arc::new(PythonFamily), &samples);
}

#[test]
fn range_family_conforms() {
    let sample = |end| {
        let table = Arc::new(RangeTable { end });
        Sample::new("numbers", Node::TableProvider(table)).recognised_by(move |node| {
            matches!(node, Node::TableProvider(table)
                if table.downcast_ref::<RangeTable>() == Some(&RangeTable { end }))
        })
    };
    check(Arc::new(RangeFamily), &[sample(5), sample(7)]);
}

/// Encodes whatever it is asked about, also what is not its own.
#[derive(Debug)]
struct Greedy;

impl WireFamily for Greedy {
    fn name(&self) -> FamilyName {
        FamilyName::new("greedy")
    }
    fn tag(&self, kind: Kind) -> Option<Tag> {
        (kind == Kind::ScalarUdf).then_some(Tag::new(b"DFGREED", 1))
    }
    fn encode(&self, _: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        Ok(Some(Payload::concat(&[])))
    }
    fn decode(&self, _: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        Ok(Node::ScalarUdf(abs()))
    }
}

/// Puts the name of any function into the payload, and returns `abs` whatever the payload says.
#[derive(Debug)]
struct Fixed;

impl WireFamily for Fixed {
    fn name(&self) -> FamilyName {
        FamilyName::new("fixed")
    }
    fn tag(&self, kind: Kind) -> Option<Tag> {
        Greedy.tag(kind)
    }
    fn encode(&self, node: NodeRef<'_>, _: &EncodeContext<'_>) -> Result<Option<Payload>, WireError> {
        Ok(Some(Payload::from(node.name().as_bytes())))
    }
    fn decode(&self, _: AuthorizedFrame<'_>, _: &DecodeContext<'_>) -> Result<Node, WireError> {
        Ok(Node::ScalarUdf(abs()))
    }
}

/// What the suite says of a family with samples of these functions.
fn verdict(family: impl WireFamily, functions: &[Arc<ScalarUDF>]) -> String {
    let samples: Vec<_> = functions
        .iter()
        .map(|function| Sample::new(function.name(), Node::ScalarUdf(Arc::clone(function))))
        .collect();
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| check(Arc::new(family), &samples)));
    *outcome.unwrap_err().downcast::<String>().unwrap()
}

#[test]
fn the_suite_finds_a_decoder_that_ignores_its_payload() {
    let message = verdict(Fixed, &[abs()]);
    assert!(message.starts_with("all samples of the kind scalar UDF have one payload"), "{message}");
    let message = verdict(Fixed, &[abs(), signum()]);
    assert!(message.contains("comes back as something else: it is encoded to other bytes"), "{message}");
}

#[test]
fn the_suite_finds_a_family_that_gives_something_else_back() {
    let sample = Sample::new("abs", Node::ScalarUdf(abs()))
        .recognised_by(|node| matches!(node, Node::ScalarUdf(udf) if udf.name() == "signum"));
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| check(Arc::new(Greedy), &[sample])));
    let message = *outcome.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("comes back as something else"), "{message}");
}

#[test]
fn the_suite_finds_a_family_that_takes_what_is_not_its_own() {
    assert_eq!(verdict(Greedy, &[abs()]), "the family encodes a scalar UDF of someone else's");
}
