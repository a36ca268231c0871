//! Functions by name: nothing travels, and every layer is asked in order.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::{TableReference, not_impl_err};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Extension, LogicalPlan, ScalarUDF};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use planwire_conformance::crossing::{Layer, decode, encode};
use planwire_registry::error::Message;
use planwire_registry::{Kind, Node, SessionCodecs, WireError};

use crate::fixture::nodes::{Answer, Probe, abs, one_of_each, wire_error, with_installed, with_terminal};
use crate::fixture::{fresh, inline, running, scalar, strict, total};
use crate::wire::native::native;

#[test]
fn empty_bytes_stay_empty_and_ask_every_layer_by_name() {
    let installed = Probe::new(Answer::Decline);
    let terminal = Probe::new(Answer::Write(b""));
    let codecs = with_terminal(&with_installed(&inline(), "one", &installed), &terminal);
    let mut bytes = Vec::new();
    encode(&codecs, Layer::Logical, "abs", &abs(), &mut bytes).unwrap();
    assert!(bytes.is_empty());

    let error = decode(&codecs, Layer::Logical, "abs", &abs(), &bytes).unwrap_err();
    assert!(matches!(wire_error(&error), WireError::UnknownFunction { .. }));
    assert_eq!(installed.methods(), ["try_encode_udf", "try_decode_udf"]);
    assert_eq!(terminal.methods(), ["try_encode_udf", "try_decode_udf"]);
}

/// Knows every function by name, as the one it holds.
#[derive(Debug)]
struct Knows(Arc<ScalarUDF>);

#[expect(clippy::missing_trait_methods, reason = "only functions are asked for")]
impl LogicalExtensionCodec for Knows {
    fn try_decode(&self, _: &[u8], _: &[LogicalPlan], _: &TaskContext) -> Result<Extension> {
        not_impl_err!("only functions")
    }
    fn try_encode(&self, _: &Extension, _: &mut Vec<u8>) -> Result<()> {
        not_impl_err!("only functions")
    }
    fn try_decode_table_provider(
        &self,
        _: &[u8],
        _: &TableReference,
        _: SchemaRef,
        _: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        not_impl_err!("only functions")
    }
    fn try_encode_table_provider(
        &self,
        _: &TableReference,
        _: Arc<dyn TableProvider>,
        _: &mut Vec<u8>,
    ) -> Result<()> {
        not_impl_err!("only functions")
    }
    fn try_decode_udf(&self, _: &str, _: &[u8]) -> Result<Arc<ScalarUDF>> {
        Ok(Arc::clone(&self.0))
    }
}

#[test]
fn a_name_is_looked_up_in_installed_codecs_before_the_terminal_codec() {
    let first = Arc::new(Knows(datafusion::functions::math::abs()));
    let last = Arc::new(Knows(datafusion::functions::math::signum()));
    let codecs = fresh().with_terminal(last, Probe::new(Answer::Decline));
    let name = |codecs: &SessionCodecs| match decode(codecs, Layer::Logical, "f", &abs(), b"").unwrap() {
        Node::ScalarUdf(udf) => udf.name().to_owned(),
        other => panic!("a {} came back", other.kind()),
    };
    assert_eq!(name(&codecs), "signum");
    assert_eq!(name(&codecs.with_logical_codec("one", first).unwrap()), "abs");
}

#[test]
fn a_failed_look_up_is_the_cause_of_an_unknown_function() {
    let codecs = with_installed(&fresh(), "one", &Probe::new(Answer::Fail));
    let error = decode(&codecs, Layer::Logical, "f", &abs(), b"").unwrap_err();
    let WireError::UnknownFunction { source: Some(source), .. } = wire_error(&error) else {
        panic!("{error}")
    };
    assert!(source.to_string().contains("the probe fails"), "{source}");
}

#[test]
fn what_is_no_function_has_no_name_to_look_up_in_installed_codecs() {
    let (installed, terminal) = (Probe::new(Answer::Decline), Probe::new(Answer::Decline));
    let codecs = with_terminal(&with_installed(&fresh(), "one", &installed), &terminal);
    let format = one_of_each().into_iter().find(|node| node.kind() == Kind::FileFormat).unwrap();
    decode(&codecs, Layer::Logical, "", &format, b"").unwrap_err();
    assert!(installed.methods().is_empty());
    assert_eq!(terminal.methods(), ["try_decode_file_format"]);
}

#[tokio::test]
async fn a_message_tells_the_functions_that_it_names() {
    // In DataFusion's own dialect, an arrow is an operator.
    let config = SessionConfig::new().set_str("datafusion.sql_parser.dialect", "databricks");
    let ctx = SessionContext::new_with_config(config);
    ctx.register_udf(scalar("triple"));
    ctx.register_udaf(total());
    ctx.register_udwf(running());
    for query in [
        "SELECT triple(abs(v)) FROM (VALUES (1), (2)) AS t(v)",
        "SELECT sum(v), total(v) FROM (VALUES (1), (2)) AS t(v) WHERE triple(v) > 3 GROUP BY v HAVING min(v) > 1",
        "SELECT running(v) OVER (ORDER BY v), lag(v) OVER (), total(v) OVER (PARTITION BY v) FROM (VALUES (1)) AS t(v)",
        "SELECT array_transform([v], x -> triple(x)) FROM (VALUES (1)) AS t(v)",
    ] {
        let frame = ctx.sql(query).await.unwrap();
        let plan = frame.clone().create_physical_plan().await.unwrap();
        // Functions go by name, stand where they are called, or stand in the table of the message.
        for codecs in [strict(), inline(), native()] {
            let logical = codecs.logical().logical_plan_to_bytes(frame.logical_plan()).unwrap();
            let task = codecs.task_ctx(Message::LogicalPlan, &logical, &ctx);
            let known = task.scalar_functions().len() + task.aggregate_functions().len();
            assert!(known < 10, "{known} functions for {query}");
            let arrived = codecs.logical().logical_plan_from_bytes(&logical, &task).unwrap();
            assert_eq!(arrived.to_string(), frame.logical_plan().to_string());
            let physical = codecs.physical().physical_plan_to_bytes(&plan).unwrap();
            let task = codecs.task_ctx(Message::PhysicalPlan, &physical, &ctx);
            let known = task.scalar_functions().len() + task.aggregate_functions().len();
            assert!(known < 10, "{known} functions for {query}");
            codecs.physical().physical_plan_from_bytes(&physical, &task).unwrap();
        }
    }
}
