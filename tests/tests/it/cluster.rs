//! Ballista's nodes and plans: what its own codecs would drop arrives, or does not leave.

use std::sync::Arc;

use ballista_core::execution_plans::sort_shuffle::SortShuffleConfig;
use ballista_core::execution_plans::{
    FinalizedPartitionState, PrefixMergeExec, ShuffleWriterExec, SortShuffleWriterExec,
    UnorderedRangeRepartitionExec, WindowApply,
};
use datafusion::arrow::array::{Int16Array, Int64Array, RecordBatch};
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::config::ConfigOptions;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{ScalarUDF, Volatility};
use datafusion::physical_expr::expressions::{BinaryExpr, col};
use datafusion::physical_expr::{
    LexOrdering, Partitioning, PhysicalExpr, PhysicalSortExpr, ScalarFunctionExpr,
};
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::SessionContext;
use datafusion_proto::logical_plan::AsLogicalPlan;
use datafusion_proto::physical_plan::AsExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use planwire_ballista::ClusterPlan;
use planwire_guard::{Algorithm, Keyring};
use planwire_python::PythonAggregateUdf;
use planwire_registry::error::Failure;
use planwire_registry::{FamilyMode, Limit, Limits, SessionCodecs};

use crate::fixture::guarded::{rings, signed};
use crate::fixture::{inline, int64, python, scalar, scalar_of, total};

fn cluster() -> SessionCodecs {
    planwire_ballista::codecs(&inline()).unwrap()
}

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![int64()]))
}

fn call(udf: ScalarUDF) -> Arc<dyn PhysicalExpr> {
    let argument = col("value", &schema()).unwrap();
    let call = ScalarFunctionExpr::try_new(
        Arc::new(udf),
        vec![argument],
        &schema(),
        Arc::new(ConfigOptions::default()),
    );
    Arc::new(call.unwrap())
}

fn writer(keys: Vec<Arc<dyn PhysicalExpr>>) -> Arc<dyn ExecutionPlan> {
    let input = Arc::new(EmptyExec::new(schema()));
    let (keys, config) = (Partitioning::Hash(keys, 4), SortShuffleConfig::default());
    Arc::new(SortShuffleWriterExec::try_new("job".into(), 1, input, String::new(), keys, config).unwrap())
}

fn sent(plan: Arc<dyn ExecutionPlan>, codecs: &SessionCodecs) -> datafusion::error::Result<PhysicalPlanNode> {
    PhysicalPlanNode::try_from_physical_plan(plan, codecs.physical())
}

fn arrived(
    plan: &PhysicalPlanNode,
    codecs: &SessionCodecs,
) -> datafusion::error::Result<Arc<dyn ExecutionPlan>> {
    plan.try_into_physical_plan(&SessionContext::new().task_ctx(), codecs.physical())
}

fn there_and_back(plan: &Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    arrived(&sent(Arc::clone(plan), &cluster()).unwrap(), &cluster()).unwrap()
}

/// The rows that a function of a plan's makes of 1, 2, 3.
fn rows(expr: &Arc<dyn PhysicalExpr>) -> Vec<i64> {
    let numbers = RecordBatch::try_new(schema(), vec![Arc::new(Int64Array::from(vec![1, 2, 3]))]).unwrap();
    let rows = expr.evaluate(&numbers).unwrap().into_array(3).unwrap();
    rows.as_any().downcast_ref::<Int64Array>().unwrap().values().to_vec()
}

#[test]
fn functions_in_the_keys_of_a_shuffle_travel_with_it() {
    let keys = BinaryExpr::new(
        call(scalar("triple")),
        datafusion::logical_expr::Operator::Plus,
        call(scalar_of("same", python("same"), Volatility::Immutable)),
    );
    let back = there_and_back(&writer(vec![Arc::new(keys)]));
    let back: &SortShuffleWriterExec = back.downcast_ref().unwrap();
    let Partitioning::Hash(keys, 4) = back.shuffle_output_partitioning() else { panic!("no hash of 4") };
    assert_eq!(rows(&keys[0]), [4, 8, 12]);
}

#[test]
fn functions_in_the_order_of_a_repartition_travel_with_it() {
    let order = LexOrdering::new([PhysicalSortExpr::new_default(call(scalar("triple")))]).unwrap();
    let input = Arc::new(EmptyExec::new(schema()));
    let plan = UnorderedRangeRepartitionExec::try_new(input, order.into(), 3).unwrap();
    let back = there_and_back(&(Arc::new(plan) as _));
    let mut found = Vec::new();
    back.apply_expressions(&mut |expr| {
        found.push(rows(expr));
        Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
    })
    .unwrap();
    assert_eq!(found, [[3, 6, 9]]);
}

#[test]
fn an_aggregate_that_merges_the_rows_before_travels_with_its_node() {
    let apply = WindowApply::Aggregate {
        udf: Arc::new(total()),
        args: vec![col("value", &schema()).unwrap()],
        output_column: 0,
        window_expr_index: 0,
    };
    let input = Arc::new(EmptyExec::new(schema()));
    let plan =
        PrefixMergeExec::try_new_resolved(input, vec![apply], vec![FinalizedPartitionState::new(vec![None])])
            .unwrap();
    let back = there_and_back(&(Arc::new(plan) as _));
    let [WindowApply::Aggregate { udf, .. }] = back.downcast_ref::<PrefixMergeExec>().unwrap().applies()
    else {
        panic!("another apply")
    };
    assert!(udf.inner().is::<PythonAggregateUdf>() && udf.name() == "total", "{udf:?}");
}

#[test]
fn two_functions_of_one_name_in_one_node_do_not_leave() {
    let other = scalar_of("triple", python("same"), Volatility::Immutable);
    let error = sent(writer(vec![call(scalar("triple")), call(other)]), &cluster()).unwrap_err();
    assert!(error.to_string().contains("it calls two functions named 'triple'"), "{error}");
    // The same one twice is no ambiguity.
    let same = scalar("triple");
    there_and_back(&writer(vec![call(same.clone()), call(same)]));
}

#[test]
fn a_refused_function_in_the_keys_is_refused_where_it_is_decoded() {
    let message = sent(writer(vec![call(scalar("triple"))]), &cluster()).unwrap();
    let strict = cluster().with_mode("python", FamilyMode::Refuse).unwrap();
    let error = arrived(&message, &strict).unwrap_err();
    assert!(error.to_string().contains("refused the inline scalar UDF 'triple'"), "{error}");
}

async fn below_a_writer(query: &str) -> Arc<dyn ExecutionPlan> {
    let plan = SessionContext::new().sql(query).await.unwrap().create_physical_plan().await.unwrap();
    Arc::new(ShuffleWriterExec::try_new("job".into(), 1, plan, String::new()).unwrap())
}

#[tokio::test]
async fn what_datafusions_protobuf_loses_arrives_below_a_writer() {
    let back = there_and_back(&below_a_writer("select arrow_cast(7, 'Int16') as a").await);
    let rows = collect(Arc::clone(back.children()[0]), Arc::new(TaskContext::default())).await.unwrap();
    assert_eq!(rows[0].column(0).as_ref(), &Int16Array::from(vec![7]));
}

#[tokio::test]
async fn what_cannot_be_kept_does_not_leave_below_a_writer() {
    let query = "select sum(a) filter (where a > 1) over () as s from (values (1), (2), (3)) t(a)";
    let error = sent(below_a_writer(query).await, &cluster()).unwrap_err();
    assert!(error.to_string().contains("the FILTER of the window aggregate"), "{error}");
}

#[test]
fn functions_in_the_keys_of_a_shuffle_keep_their_signature() {
    let [signs, verifies] = rings(Algorithm::Ed25519);
    let guarded = |keyring: &Arc<Keyring>| {
        cluster().with_mode("python", FamilyMode::Guarded(Arc::new(signed(keyring)))).unwrap()
    };
    let message = sent(writer(vec![call(scalar("triple"))]), &guarded(&signs)).unwrap();
    let relayed = arrived(&message, &guarded(&verifies)).unwrap();
    let message = sent(relayed, &guarded(&verifies)).unwrap();
    let back = arrived(&message, &guarded(&verifies)).unwrap();
    let back: &SortShuffleWriterExec = back.downcast_ref().unwrap();
    let Partitioning::Hash(keys, 4) = back.shuffle_output_partitioning() else { panic!("no hash of 4") };
    assert_eq!(rows(&keys[0]), [3, 6, 9]);
}

#[tokio::test]
async fn a_refusal_comes_when_the_function_runs_where_decoding_would_lose_it() {
    let ctx = SessionContext::new();
    ctx.register_udf(scalar("triple"));
    let query = ctx.sql("select triple(a) from (values (1), (2)) t(a)").await.unwrap();
    let plan = query.create_physical_plan().await.unwrap();
    let message = sent(plan, &cluster()).unwrap();
    let strict = cluster().with_mode("python", FamilyMode::Refuse).unwrap();
    assert!(arrived(&message, &strict).is_err());

    let late = strict.with_late_failures("executor 7");
    let plan = arrived(&message, &late).unwrap();
    let error = collect(plan, Arc::new(TaskContext::default())).await.unwrap_err();
    let failure = Failure::find(&format!("Job failed: {error:?}")).unwrap();
    assert_eq!((failure.code.as_str(), failure.place.as_str()), ("PW-D005", "executor 7"));
    assert!(failure.message.starts_with("refused the inline scalar UDF 'triple' of family `python`"));
}

#[tokio::test]
async fn a_plan_for_a_cluster_is_under_the_limits_of_its_session() {
    let plan = SessionContext::new().sql("select 1 + 2 as three").await.unwrap().into_unoptimized_plan();
    let task = SessionContext::new().task_ctx();
    let codecs = cluster();
    let sent = ClusterPlan::try_from_logical_plan(&plan, codecs.logical()).unwrap();
    let mut bytes = Vec::new();
    sent.try_encode(&mut bytes).unwrap();
    let back = ClusterPlan::try_decode(&bytes).unwrap().try_into_logical_plan(&task, codecs.logical());
    assert_eq!(back.unwrap().to_string(), plan.to_string());

    let narrow = codecs.with_limits(Limits::default().with(Limit::Message, 8));
    assert!(ClusterPlan::try_from_logical_plan(&plan, narrow.logical()).is_err());
    let error = sent.try_into_logical_plan(&task, narrow.logical()).unwrap_err();
    assert_eq!(Failure::find(&error.to_string()).unwrap().code, "PW-D017");
}

#[test]
fn another_codec_than_a_sessions_is_no_codec_of_a_cluster() {
    let plan = datafusion::logical_expr::LogicalPlanBuilder::empty(true).build().unwrap();
    let codec = datafusion_proto::logical_plan::DefaultLogicalExtensionCodec {};
    let error = ClusterPlan::try_from_logical_plan(&plan, &codec).unwrap_err();
    assert!(error.to_string().contains("the codec of a planwire session"), "{error}");
}
