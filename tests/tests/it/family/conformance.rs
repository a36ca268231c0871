//! The conformance suite over every family of the workspace, and over one that breaks its promises.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use planwire_conformance::{Sample, check};
use planwire_python::{PythonAggregateUdf, PythonFamily, PythonScalarUdf, PythonWindowUdf};
use planwire_range_family::{RangeFamily, RangeTable};
use planwire_registry::{
    AuthorizedFrame, DecodeContext, EncodeContext, FamilyName, Kind, Node, NodeRef, Payload, Tag, WireError,
    WireFamily,
};

use crate::fixture::{running, scalar, total};

#[test]
fn python_family_conforms() {
    let samples = [
        Sample::new("triple", Node::ScalarUdf(Arc::new(scalar("triple")))).recognised_by(
            |node| matches!(node, Node::ScalarUdf(udf) if udf.inner().downcast_ref::<PythonScalarUdf>().is_some()),
        ),
        Sample::new("total", Node::AggregateUdf(Arc::new(total()))).recognised_by(
            |node| matches!(node, Node::AggregateUdf(udf) if udf.inner().downcast_ref::<PythonAggregateUdf>().is_some()),
        ),
        Sample::new("running", Node::WindowUdf(Arc::new(running()))).recognised_by(
            |node| matches!(node, Node::WindowUdf(udf) if udf.inner().downcast_ref::<PythonWindowUdf>().is_some()),
        ),
    ];
    check(Arc::new(PythonFamily), &samples);
}

#[test]
fn range_family_conforms() {
    let table = Arc::new(RangeTable { end: 5 });
    let sample = Sample::new("numbers", Node::TableProvider(table)).recognised_by(|node| {
        matches!(node, Node::TableProvider(table) if table.downcast_ref::<RangeTable>() == Some(&RangeTable { end: 5 }))
    });
    check(Arc::new(RangeFamily), &[sample]);
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
        Ok(Node::ScalarUdf(datafusion::functions::math::abs()))
    }
}

#[test]
fn the_suite_finds_a_family_that_gives_something_else_back() {
    let sample = Sample::new("abs", Node::ScalarUdf(datafusion::functions::math::abs()))
        .recognised_by(|node| matches!(node, Node::ScalarUdf(udf) if udf.name() == "signum"));
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| check(Arc::new(Greedy), &[sample])));
    let message = *outcome.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("comes back as something else"), "{message}");
}

#[test]
fn the_suite_finds_a_family_that_takes_what_is_not_its_own() {
    let sample = Sample::new("abs", Node::ScalarUdf(datafusion::functions::math::abs()));
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| check(Arc::new(Greedy), &[sample])));
    let message = *outcome.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "the family encodes a scalar UDF of someone else's");
}
