//! The seeds of the fuzz targets: golden bytes, and messages and frames written now.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Int64Array, ListArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::{Expr, LogicalPlan, ScalarUDF, Volatility, create_udf};
use datafusion::prelude::{SessionConfig, SessionContext, case, cast, col, lit};
use datafusion::scalar::ScalarValue;
use planwire_arrow::ArrowFamily;
use planwire_registry::envelope::{self, Envelope};
use planwire_registry::trailer::Claims;
use planwire_registry::{
    FamilyList, FamilyMode, Frames, Kind, Member, Payload, SessionCodecs, Tag, WireFamily, frame,
};

use crate::fuzz_bodies::Carrier;

/// By target and name.
pub(crate) type Seeds = BTreeMap<(String, String), Vec<u8>>;

/// Makes the seeds, the same bytes each time.
pub(crate) async fn seeds() -> Seeds {
    let mut seeds = Seeds::new();
    let mut keep = |target: &str, name: &str, bytes: &[u8]| {
        seeds.insert((target.to_owned(), name.to_owned()), bytes.to_vec());
    };
    for (name, frame) in frames() {
        keep("frame", &name, &frame);
        keep("frame_round_trip", &name, &frame);
        keep("envelope", &name, &envelope::encode(Envelope { id: "planwire", bytes: &frame }));
    }
    let claims = |expires| Claims { key_id: "key".to_owned(), audience: "us".to_owned(), expires };
    for (name, expires) in [("for-good", None), ("for-a-time", Some(1_800_000_000))] {
        let trailer = claims(expires).trailer(b"a signature");
        keep("trailer", name, &[b"signed", &*trailer].concat());
    }
    for (name, buffer) in buffers() {
        keep("dispatch", &name, &buffer);
    }
    for (name, message) in golden("corpus/v1", "cp311-") {
        keep("expr", &name, &message);
    }
    for (name, frame) in sorted(golden("golden/python-native", "")) {
        keep("frame", &format!("native-{name}"), &frame);
        keep(
            "dispatch",
            &format!("native-{name}"),
            &[&[0, name.len() as u8], name.as_bytes(), &frame].concat(),
        );
    }
    let codecs = sending();
    let native = codecs.clone().with_frames("forbidden", Frames::Native).unwrap();
    for (name, expr) in exprs() {
        keep("expr", name, &codecs.logical().expr_to_bytes(&expr).unwrap());
        if name.starts_with("refused") {
            let message = native.logical().expr_to_bytes(&expr).unwrap();
            keep("expr", &format!("native-{name}"), &message);
        }
    }
    for (name, query) in QUERIES {
        let frame = session().sql(query).await.unwrap();
        let query = frame.logical_plan().clone();
        keep("logical_plan", name, &logical(&codecs, &query));
        let plan = frame.create_physical_plan().await.unwrap();
        keep("physical_plan", name, &codecs.physical().physical_plan_to_bytes(&plan).unwrap());
        if name == "refused" {
            keep("logical_plan", "native-refused", &logical(&native, &query));
            let message = native.physical().physical_plan_to_bytes(&plan).unwrap();
            keep("physical_plan", "native-refused", &message);
        }
    }
    seeds
}

fn logical(codecs: &SessionCodecs, plan: &LogicalPlan) -> Vec<u8> {
    codecs.logical().logical_plan_to_bytes(plan).unwrap()
}

/// The golden files of a folder whose names open so, without their extension.
fn golden(folder: &str, opening: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = files.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path));
    let bytes = |path| fs::read(path).unwrap();
    let wanted = named.filter(|(name, path)| name.starts_with(opening) && path.extension().unwrap() == "bin");
    wanted.map(|(name, path)| (name, bytes(path))).collect()
}

fn frames() -> Vec<(String, Vec<u8>)> {
    let golden = [golden("golden/python-v1", ""), golden("golden/arrow-v1", "")].concat();
    let tests = |version| frame::encode(Tag::new(b"DFTESTS", version), Payload::from(b"a payload"));
    [golden, vec![("tests-2".to_owned(), tests(2)), ("tests-9".to_owned(), tests(9))]].concat()
}

/// Buffers for dispatch, behind where they stand and under which name.
fn buffers() -> Vec<(String, Vec<u8>)> {
    let buffer =
        |place: u8, name: &str, bytes: &[u8]| [&[place, name.len() as u8], name.as_bytes(), bytes].concat();
    let framed = |tag: Option<Tag>, payload: &[u8]| frame::encode(tag.unwrap(), Payload::from(payload));
    let (demo, forbidden) = (Carrier::demo(), Carrier::forbidden());
    let mut buffers = Vec::new();
    for (place, kind) in (0..).zip(Kind::ALL.iter().copied()) {
        let sound = framed(demo.tag(kind), b"sound");
        buffers.push((format!("demo-{place}"), buffer(place, "abs", &sound)));
        let refused = framed(forbidden.tag(kind), b"");
        buffers.push((format!("forbidden-{place}"), buffer(place, "", &refused)));
    }
    let inner = framed(forbidden.tag(Kind::ScalarUdf), b"");
    let nested = framed(demo.tag(Kind::ScalarUdf), &[b"(", &*inner].concat());
    let enclosed = |id, bytes: &[u8]| envelope::encode(Envelope { id, bytes });
    let named = [
        ("by-name", buffer(9, "abs", b"")),
        ("unframed", buffer(4, "t", b"\x0a\x03abc")),
        ("unknown", buffer(0, "f", b"DFNOONE\x01")),
        ("nested", buffer(0, "f", &nested)),
        ("fault", buffer(0, "f", &framed(demo.tag(Kind::ScalarUdf), b"!no\nsuch"))),
        ("another-kind", buffer(0, "f", &framed(demo.tag(Kind::ScalarUdf), b"~\x01"))),
        ("own-envelope", buffer(9, "f", &enclosed("planwire", &enclosed("planwire", &inner)))),
        ("open-envelope", buffer(0, "f", &enclosed("open", &inner))),
        ("another-envelope", buffer(0, "f", &enclosed("another", &nested))),
    ];
    buffers.extend(named.map(|(name, bytes)| (name.to_owned(), bytes)));
    for (place, (name, frame)) in [2, 0, 1].into_iter().zip(sorted(golden("golden/python-v1", ""))) {
        let mut frame = frame;
        // The stamp of the golden frames is of no version.
        frame[8..10].copy_from_slice(&[3, 11]);
        buffers.push((format!("python-{name}"), buffer(place, "f", &frame)));
    }
    buffers
}

fn sorted(mut files: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    files.sort();
    files.reverse();
    files
}

/// Codecs of a sender that has every family of the targets inline.
fn sending() -> SessionCodecs {
    let arrow = Member::new(Arc::new(ArrowFamily), "tests");
    let codecs = SessionCodecs::new(FamilyList::new([arrow, Carrier::forbidden().member()]).unwrap());
    let codecs = codecs.with_mode("arrow", FamilyMode::Inline).unwrap();
    codecs.with_mode("forbidden", FamilyMode::Inline).unwrap()
}

/// A function that the family `forbidden` carries.
fn forbidden() -> ScalarUDF {
    let same = Arc::new(|arguments: &[_]| Ok(Clone::clone(&arguments[0])));
    create_udf("forbidden", vec![DataType::Int64], DataType::Int64, Volatility::Immutable, same)
}

fn exprs() -> Vec<(&'static str, Expr)> {
    use datafusion::functions::expr_fn::{abs, concat, to_timestamp};
    use datafusion::functions_aggregate::expr_fn::{count, sum};
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some([Some(1), None])]);
    let choice = case(col("a")).when(lit(1), lit("one")).otherwise(lit("more")).unwrap();
    vec![
        ("refused-function", forbidden().call(vec![col("a")]) + lit(1)),
        ("refused-inside", abs(forbidden().call(vec![forbidden().call(vec![lit(1_i64)])]))),
        ("arithmetic", (col("a") + lit(1)) * col("t.b") - lit(1.5)),
        ("conditions", col("a").gt(lit(1)).and(col("b").is_null()).or(!col("c").like(lit("x%")))),
        ("case", choice),
        ("in-list", col("a").in_list(vec![lit(1), lit(2)], true).alias("b")),
        ("between", cast(col("a"), DataType::Int64).between(lit(1), lit(2))),
        ("functions", concat(vec![col("b"), lit("x")]).not_eq(lit(ScalarValue::Utf8(None)))),
        ("time", to_timestamp(vec![lit("2026-11-25")])),
        ("aggregates", sum(col("a")) + count(lit(1))),
        ("list", lit(ScalarValue::List(Arc::new(list)))),
        ("decimal", lit(ScalarValue::Decimal128(Some(150), 5, 2))),
        ("chain", (0..20).fold(col("a"), |chain: Expr, next| chain.and(col(format!("c{next}"))))),
        ("nested", (0..20).fold(col("a"), |nested: Expr, _| !nested)),
    ]
}

const QUERIES: [(&str, &str); 9] = [
    ("values", "SELECT a + 1 AS b FROM (VALUES (1), (2)) AS v(a) WHERE a > 1 ORDER BY 1 LIMIT 1"),
    ("table", "SELECT * FROM t"),
    ("groups", "SELECT b, count(*), sum(a) FROM t GROUP BY b HAVING sum(a) > 1 ORDER BY b LIMIT 2"),
    ("subquery", "SELECT a, (SELECT max(a) FROM t) FROM (SELECT a FROM t WHERE a > 1) AS u"),
    ("join", "SELECT t.a, u.b FROM t LEFT JOIN t u ON t.a = u.a AND t.b < u.b"),
    ("window", "SELECT a, rank() OVER (PARTITION BY b ORDER BY a), sum(a) OVER (ORDER BY a) FROM t"),
    ("union", "SELECT DISTINCT unnest([1, 2]) FROM t UNION ALL SELECT a FROM t WHERE b LIKE 'x%'"),
    ("case", "SELECT CASE WHEN a = 1 THEN 'one' ELSE b END, CAST(a AS DECIMAL(5, 2)), upper(b) FROM t"),
    ("refused", "SELECT forbidden(a) FROM t WHERE forbidden(a) > 1"),
];

/// A session with a table in memory and the function, which plans the same on every machine.
fn session() -> SessionContext {
    let ctx = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
    let numbers = Arc::new(Int64Array::from(vec![Some(1), Some(2), None]));
    let texts = Arc::new(StringArray::from(vec!["x", "y", "z"]));
    let batch = RecordBatch::try_from_iter([("a", numbers as _), ("b", texts as _)]).unwrap();
    ctx.register_batch("t", batch).unwrap();
    ctx.register_udf(forbidden());
    ctx
}
