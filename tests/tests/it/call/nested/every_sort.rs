//! A payload holds messages of every sort, in calls of both layers, for every caller.

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::functions::expr_fn::abs;
use datafusion::logical_expr::{LogicalPlanBuilder, Volatility, lit};
use datafusion::physical_expr::expressions::{Literal, NotExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::prelude::col;
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_conformance::{Sample, check};
use planwire_python::PythonFamily;
use planwire_registry::{FamilyMode, Node, WireError};

use crate::fixture::geo::{Geo, Held, Holder, Within, geo_and};
use crate::fixture::nodes::Annotated;
use crate::fixture::{python, scalar_of};

/// One of each sort.
fn held() -> [Held; 4] {
    let plan: Arc<dyn ExecutionPlan> = Arc::new(EmptyExec::new(Arc::new(Schema::empty())));
    let values = LogicalPlanBuilder::values(vec![vec![abs(lit(-1))]]).unwrap().build().unwrap();
    [
        Held::Expr(abs(col("a")) + lit(1)),
        Held::LogicalPlan(values),
        Held::PhysicalExpr(Arc::new(NotExpr::new(Arc::new(Literal::new(true.into()))))),
        Held::PhysicalPlan(plan),
    ]
}

fn held_by(node: &Node) -> String {
    let Node::ScalarUdf(udf) = node else { panic!("{node:?}") };
    format!("{:?}", udf.inner().downcast_ref::<Holder>().unwrap().held)
}

#[test]
fn every_sort_crosses_inside_a_function_on_both_layers() {
    let codecs = geo_and(vec![]);
    for held in held() {
        let node = Node::ScalarUdf(Arc::new(Holder::holding(held)));
        for layer in [Layer::Logical, Layer::Physical] {
            let mut bytes = Vec::new();
            encode(&codecs, layer, "holder", &node, &mut bytes).unwrap();
            let back = decode(&codecs, layer, "holder", &node, &bytes).unwrap();
            assert_eq!(held_by(&back), held_by(&node));
        }
    }
}

#[test]
fn a_family_with_messages_inside_conforms() {
    let mut samples: Vec<_> =
        held().map(|held| Sample::new("holder", Node::ScalarUdf(Arc::new(Holder::holding(held))))).into();
    for column in ["a", "b"] {
        let node = Arc::new(Annotated::new(vec![abs(col(column))]));
        samples.push(Sample::new("", Node::LogicalNode(datafusion::logical_expr::Extension { node })));
    }
    for value in [true, false] {
        let input = Arc::new(EmptyExec::new(Arc::new(Schema::empty())));
        let predicate = Arc::new(Literal::new(value.into()));
        samples.push(Sample::new("", Node::PhysicalNode(Arc::new(Within { predicate, input }))));
    }
    check(Arc::new(Geo), &samples);
}

#[test]
fn an_engine_that_asks_node_by_node_hears_of_what_is_inside() {
    let codecs = geo_and(vec![Arc::new(PythonFamily)]).with_mode("python", FamilyMode::Inline).unwrap();
    let locked = scalar_of("locked", python("locked"), Volatility::Immutable).call(vec![col("a")]);
    // DataFusion drops the error of the function inside.
    let node = Node::ScalarUdf(Arc::new(Holder::holding(Held::Expr(locked))));
    for layer in [Layer::Logical, Layer::Physical] {
        let error = encode(&codecs, layer, "holder", &node, &mut Vec::new()).unwrap_err();
        let error = WireError::find(&error).unwrap();
        assert!(matches!(error, WireError::Encode { name, .. } if name == "locked"), "{error}");
    }
}

#[test]
fn a_node_that_its_family_cannot_carry_says_why() {
    let codecs = geo_and(vec![]);
    let node = Arc::new(Annotated::new(vec![]));
    let node = Node::LogicalNode(datafusion::logical_expr::Extension { node });
    let error = encode(&codecs, Layer::Logical, "", &node, &mut Vec::new()).unwrap_err();
    let error = WireError::find(&error).unwrap();
    assert_eq!(error.to_string(), "family `geo` cannot carry the logical node 'Annotated'");
    let cause = std::error::Error::source(error).unwrap();
    assert_eq!(cause.to_string(), "it has no predicate, or more than one");
}
