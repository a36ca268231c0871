//! Fidelity of expressions and logical plans: what arrives is what was sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::common::metadata::FieldMetadata;
use datafusion::common::{Constraint, Constraints};
use datafusion::datasource::file_format::csv::CsvFormatFactory;
use datafusion::datasource::file_format::file_type_to_format;
use datafusion::datasource::{MemTable, source_as_provider};
use datafusion::logical_expr::expr::{Alias, Like};
use datafusion::logical_expr::{Cast, Expr, LogicalPlan};
use datafusion::prelude::{SessionContext, col, dataframe, lit};
use datafusion::scalar::ScalarValue;
use datafusion_proto::logical_plan::{AsLogicalPlan, DefaultLogicalExtensionCodec};
use datafusion_proto::protobuf::LogicalPlanNode;
use planwire_registry::Report;
use prost::Message;

use crate::fixture::{fresh, inline, strict};

fn unit() -> FieldMetadata {
    FieldMetadata::from(BTreeMap::from([("unit".to_owned(), "EUR".to_owned())]))
}

/// A session with two tables in memory, a view and a table with a dot in its name.
async fn session() -> SessionContext {
    let ctx = SessionContext::new();
    for statement in [
        "create table t as values (1, 'a'), (2, 'b'), (3, 'c')",
        "create table n as values (1)",
        "create table \"a.b\" as values (7)",
        "create table keyed (k int not null default 5, v varchar, primary key (k)) as values (1, 'x')",
        "create view seen as select column1 as k from t where column1 in (select column1 from n)",
    ] {
        ctx.sql(statement).await.unwrap().collect().await.unwrap();
    }
    ctx
}

/// The plan that arrives, at a session that was told nothing.
fn arriving(ctx: &SessionContext, plan: &LogicalPlan) -> LogicalPlan {
    let codecs = fresh().with_mode("arrow", planwire_registry::FamilyMode::Inline).unwrap();
    let bytes = codecs.logical().logical_plan_to_bytes(plan).unwrap();
    codecs.logical().logical_plan_from_bytes(&bytes, &ctx.task_ctx()).unwrap()
}

/// Sends the plan of a query and its optimized plan, and compares them, their columns and their rows.
async fn check(query: &str) {
    let ctx = session().await;
    let plan = ctx.state().create_logical_plan(query).await.unwrap();
    let optimized = ctx.state().optimize(&plan).unwrap();
    for plan in [plan, optimized] {
        let arrived = arriving(&ctx, &plan);
        assert_eq!(arrived.display_indent().to_string(), plan.display_indent().to_string());
        assert_eq!(arrived.schema().as_arrow(), plan.schema().as_arrow(), "{query}");
        let mut rows = Vec::new();
        for plan in [plan, arrived] {
            let batches = ctx.execute_logical_plan(plan).await.unwrap().collect().await.unwrap();
            let table = pretty_format_batches(&batches).unwrap().to_string();
            // Groups come in any order.
            let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
            lines.sort_unstable();
            rows.push(lines);
        }
        assert_eq!(rows[0], rows[1], "{query}");
    }
}

#[test]
fn an_expression_arrives_with_all_that_it_says() {
    let named = Arc::new(Field::new("price", DataType::Int32, false));
    let pattern = |case_insensitive| Like {
        negated: true,
        expr: Box::new(col("a")),
        pattern: Box::new(lit("aé%")),
        escape_char: Some('é'),
        case_insensitive,
    };
    let half = ScalarValue::Float32(Some(1.5)).cast_to(&DataType::Float16).unwrap();
    let all = [
        col("a").alias_with_metadata("b", Some(unit())),
        Expr::Alias(Alias {
            expr: Box::new(lit(1)),
            relation: Some("t".into()),
            name: "b".to_owned(),
            metadata: Some(unit()),
        }),
        Expr::Literal(ScalarValue::Int32(Some(1)), Some(unit())),
        Expr::Literal(half, Some(unit())),
        Expr::Cast(Cast::new_from_field(Box::new(col("a")), named)),
        Expr::Like(pattern(false)),
        Expr::Like(pattern(true)),
        Expr::SimilarTo(pattern(true)),
        col("a").alias_with_metadata("b", Some(unit())).is_null().and(lit(true)),
    ];
    let task = SessionContext::new().task_ctx();
    for expr in all {
        let bytes = strict().logical().expr_to_bytes(&expr).unwrap();
        assert_eq!(strict().logical().expr_from_bytes(&bytes, &task).unwrap(), expr);
    }
}

#[test]
fn metadata_arrives_in_the_schema_of_a_query() {
    let ctx = SessionContext::new();
    let table = dataframe!("a" => [1]).unwrap();
    let query = table.select([col("a").alias_with_metadata("b", Some(unit()))]).unwrap();
    let arrived = arriving(&ctx, query.logical_plan());
    assert_eq!(arrived.schema().field(0).metadata()["unit"], "EUR");
}

#[tokio::test]
async fn subqueries_of_each_kind_arrive() {
    for query in [
        "select column1 from t where column1 in (select column1 from n)",
        "select column1 from t where column1 not in (select column1 from n)",
        "select column1 from t where exists (select 1 from n where n.column1 = t.column1)",
        "select column1 from t where not exists (select 1 from n where n.column1 = t.column1)",
        "select (select count(*) from n where n.column1 = t.column1) as r from t",
        "select column1 from t where column1 > any (select column1 from n)",
        "select column1 from t where column1 >= all (select column1 from n)",
        "select t.column1, l.c from t left join lateral (select count(*) as c from n where n.column1 = t.column1) l \
         on true",
        "select * from seen",
    ] {
        check(query).await;
    }
}

#[tokio::test]
async fn what_nodes_say_arrives() {
    for query in [
        // Empty once it is optimized, with the columns of both sides.
        "select * from (select * from t where false) a join n on a.column1 = n.column1",
        "select column1 as x from t union all by name select 5",
        "select * from t order by column1 limit cast(2 as bigint) offset '1'::int",
        "select * from t order by column1 offset 1",
        "select \"a.b\".column1 from \"a.b\" where \"a.b\".column1 > 1",
        "select * from generate_series(1, 3)",
        "select * from range(timestamptz '2020-01-01T00:00:00Z', timestamptz '2020-01-03T00:00:00Z', interval '1' day)",
        "select * from range(1, null)",
        "describe t",
        "with recursive \"R\" as (select 1 as x, 2 as y union all select x + 1, y from \"R\" where x < 4) \
         select x from \"R\"",
        "select sum(column1 + 1), avg(column1 + 1) from t group by column2",
        "select s['a'], sum(s['a']) from (select struct(column1 as a) as s from t) q where s['a'] > 1 group by s['a']",
    ] {
        check(query).await;
    }
}

#[tokio::test]
async fn a_table_in_memory_arrives_with_its_keys_and_defaults() {
    let ctx = session().await;
    let plan = ctx.sql("select * from keyed").await.unwrap().into_unoptimized_plan();
    let arrived = arriving(&ctx, &plan);
    let [LogicalPlan::TableScan(scan)] = arrived.inputs()[..] else { panic!("{arrived}") };
    let provider = source_as_provider(&scan.source).unwrap();
    let table = provider.downcast_ref::<MemTable>().unwrap();
    let key = Constraints::new_unverified(vec![Constraint::PrimaryKey(vec![0])]);
    assert_eq!(datafusion::catalog::TableProvider::constraints(table), Some(&key));
    let default = datafusion::catalog::TableProvider::get_column_default(table, "k");
    assert_eq!(default.map(ToString::to_string).as_deref(), Some("Int64(5)"));
    assert_eq!(arrived.schema().functional_dependencies(), plan.schema().functional_dependencies());
}

#[tokio::test]
async fn a_pattern_of_files_arrives() {
    let folder = std::env::temp_dir().join("planwire_a_pattern_of_files_arrives");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, row) in [("a1", "1"), ("a2", "2"), ("b1", "9")] {
        std::fs::write(folder.join(name).with_extension("csv"), format!("k\n{row}\n")).unwrap();
    }
    let ctx = SessionContext::new();
    let create = format!("create external table f stored as csv location '{}/a*.csv'", folder.display());
    ctx.sql(&create).await.unwrap().collect().await.unwrap();
    let plan = ctx.sql("select sum(k) from f").await.unwrap().into_unoptimized_plan();
    let rows = ctx.execute_logical_plan(arriving(&ctx, &plan)).await.unwrap().collect().await.unwrap();
    assert_eq!(rows[0].column(0).as_ref(), ScalarValue::Int64(Some(3)).to_array().unwrap().as_ref());
}

#[tokio::test]
async fn copy_to_arrives_with_its_options_and_those_of_its_format() {
    let ctx = SessionContext::new();
    for format in ["csv", "json", "parquet", "arrow"] {
        let query = format!("copy (select 1 as a, 2 as b) to 'out' stored as {format} partitioned by (b)");
        let chosen = format!("{query} options (format.compression gzip)");
        for query in [&query, &chosen] {
            let plan = ctx.state().create_logical_plan(query).await.unwrap();
            let (LogicalPlan::Copy(sent), LogicalPlan::Copy(copy)) = (&plan, &arriving(&ctx, &plan)) else {
                panic!("{plan}")
            };
            assert_eq!((&copy.options, &copy.partition_by), (&sent.options, &sent.partition_by));
            let formats = [sent, copy].map(|copy| file_type_to_format(&copy.file_type).unwrap());
            assert_eq!(format!("{:?}", formats[0]), format!("{:?}", formats[1]));
            if let Some(csv) = formats[1].downcast_ref::<CsvFormatFactory>() {
                assert_eq!(csv.options, None);
            }
        }
    }
}

#[tokio::test]
async fn of_a_message_that_loses_nothing_each_byte_is_as_datafusion_writes_it() {
    let ctx = SessionContext::new();
    for query in ["select 1 as a union all select 2", "values (1, 'a'), (2, 'b')", "select 1 as a limit 1"] {
        let plan = ctx.state().create_logical_plan(query).await.unwrap();
        let plain = LogicalPlanNode::try_from_logical_plan(&plan, &DefaultLogicalExtensionCodec {}).unwrap();
        assert_eq!(
            inline().logical().logical_plan_to_bytes(&plan).unwrap(),
            plain.encode_to_vec(),
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_stands_in_is_nothing_that_a_plan_needs() {
    let report = Report::default();
    let expr = col("a").alias_with_metadata("b", Some(unit()));
    inline().logical().reporting(&report).expr_to_bytes(&expr).unwrap();
    assert_eq!(report.carried().len(), 0);
}

#[tokio::test]
async fn a_statement_that_no_message_carries_says_what_to_do() {
    let ctx = session().await;
    for (query, word) in [
        ("drop table t", "DROP TABLE"),
        ("set datafusion.execution.batch_size = 10", "SET"),
        ("create table u as select 1", "CREATE TABLE"),
    ] {
        let plan = ctx.state().create_logical_plan(query).await.unwrap();
        let error = inline().logical().logical_plan_to_bytes(&plan).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.code(), "PW-E011", "{text}");
        assert!(text.contains(word) && text.contains("run its SQL in the session of the receiver"), "{text}");
    }
}
