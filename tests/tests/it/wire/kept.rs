//! Golden bytes of what is kept beside physical nodes and expressions: later releases write and read the same.

use std::path::Path;

use datafusion::physical_plan::displayable;
use datafusion::prelude::{SessionConfig, SessionContext};
use planwire_conformance::hexdump;
use planwire_registry::{Report, WireError};

use crate::fixture::inline;

const ZIPPED: &str = "create external table t (a int) stored as csv location '{}/a.csv.gz' \
                      options ('format.compression' 'gzip')";
const STREAM: &str = "create unbounded external table t (a int, b varchar) stored as csv with order (a asc) \
                      location 'a.csv' options ('format.has_header' 'true')";
const TOP: &str = "set datafusion.optimizer.enable_window_topn = true";
const FIRST: &str = "select * from (select a, row_number() over (partition by a % 2 order by a desc) as n \
                     from (values (1), (2), (3)) as t(a)) where n <= 2";
const RANKED: &str = "select * from (select a, rank() over (partition by a % 2 order by a desc) as n \
                      from (values (1), (2), (3)) as t(a)) where n <= 2";
const AGAIN: &str =
    "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select n from r";
const DATES: &str =
    "copy (select date '2024-02-03' as d) to 'a.csv' stored as csv options ('format.date_format' '%d')";
const LEVEL: &str = "copy (select 1 as a) to 'a.json' stored as json \
                     options ('format.compression' 'zstd', 'format.compression_level' '3')";
const OWNER: &str =
    "copy (select 1 as a) to 'a.parquet' stored as parquet options ('format.metadata::owner' 'me')";

/// A statement that comes first, a query, and a frame in the message of its physical plan; one for each field.
const GOLDEN: [(&str, &str, &[u8]); 17] = [
    (ZIPPED, "select a from t", b"DFKEEPP\x01\x0a\x06\x0a\x04GZIP"),
    ("", DATES, b"DFKEEPP\x01\x12\x06\x0a\x02%d0\x0a"),
    ("", LEVEL, b"DFKEEPP\x01\x1a\x02\x08\x03"),
    (
        "",
        "select last_value(a) ignore nulls over (order by a) from range(9) as t(a)",
        b"DFKEEPP\x01\x22\x04\x0a\x02\x08\x01",
    ),
    ("", "select count(*) from range(9) as t(a) group by grouping sets (())", b"DFKEEPP\x01\x2a\x02\x08\x01"),
    ("", "select a from range(9) as t(a) order by a", b"DFKEEPP\x01\x32\x02\x0a\x00"),
    ("", AGAIN, b"DFKEEPP\x01\x3a\x03\x0a\x01r"),
    ("", AGAIN, b"DFKEEPP\x01\x42\x08\x0a\x01r\x12\x03\x0a\x01\x00"),
    ("", "select with_metadata(a, 'unit', 'ms') from range(9) as t(a)", b"DFKEEPP\x01\x4a\x00"),
    ("", OWNER, b"DFKEEPP\x01\x52\x0d\x0a\x0b\x0a\x05owner\x12\x02me"),
    (TOP, FIRST, b"DFKEEPP\x01\x5a\x04\x08\x01\x10\x02"),
    (TOP, RANKED, b"DFKEEPP\x01\x5a\x06\x08\x01\x10\x02\x18\x01"),
    (STREAM, "select * from t order by a, b limit 3", b"DFKEEPP\x01\x62\x02\x08\x01"),
    (
        STREAM,
        "select b from t limit 2",
        b"DFKEEPP\x01\x6a\x13\x0a\x05a.csv\x18\x01\x20\x80\x40\x32\x03\x0a\x01\x01\x38\x02",
    ),
    ("", "select arrow_cast(1.5, 'Float16')", b"DFKEEPX\x01\x0a\x02\x10\x01"),
    ("", AGAIN, b"DFKEEPX\x01\x12\x02\x08\x01"),
    (
        "",
        "select with_metadata(a, 'unit', 'ms') from range(9) as t(a)",
        b"DFKEEPX\x01\x1a\x0c\x0a\x0a\x0a\x04unit\x12\x02ms",
    ),
];

/// The frame as it stands in the message of an extension: whole, with nothing behind it.
fn field(frame: &[u8]) -> Vec<u8> {
    [&[0x0a, u8::try_from(frame.len()).unwrap()], frame].concat()
}

#[tokio::test]
async fn what_is_kept_has_the_golden_bytes_and_comes_back() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    std::fs::write(Path::new(folder).join("a.csv.gz"), b"-").unwrap();
    for (statement, query, golden) in GOLDEN {
        let ctx = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
        if !statement.is_empty() {
            ctx.sql(&statement.replace("{}", folder)).await.unwrap();
        }
        let plan = ctx.sql(query).await.unwrap().create_physical_plan().await.unwrap();
        let bytes = inline().physical().physical_plan_to_bytes(&plan).unwrap();
        let wanted = field(golden);
        let found = bytes.windows(wanted.len()).any(|window| window == wanted);
        assert!(found, "{query}: no\n{}in\n{}", hexdump(&wanted), hexdump(&bytes));
        let arrived = inline().physical().physical_plan_from_bytes(&bytes, &ctx.task_ctx()).unwrap();
        let shown = |plan| displayable(plan).indent(true).to_string();
        assert_eq!(shown(&*arrived), shown(&*plan), "{query}");
    }
}

/// A list of one option, the time zone.
const ZONE: &[u8] = b"\x2a\x0a\x28\x0a\x1edatafusion.execution.time_zone\x12\x06+08:00";

#[tokio::test]
async fn options_at_the_head_of_a_plan_have_the_golden_bytes_and_hold() {
    let mut config = SessionConfig::new();
    config.options_mut().execution.time_zone = Some("+08:00".to_owned());
    let (zoned, plain) = (SessionContext::new_with_config(config), SessionContext::new());
    let frame = zoned.sql("select to_timestamp(s) from (values ('2024-01-01')) as t(s)").await.unwrap();
    let (logical, physical) = (inline().logical().clone(), inline().physical().clone());
    let (made, plan) = (frame.logical_plan().clone(), frame.create_physical_plan().await.unwrap());

    let bytes = logical.asking(zoned.task_ctx()).logical_plan_to_bytes(&made).unwrap();
    let head = field(&[b"DFKEEPL\x01\x52", ZONE].concat());
    assert!(bytes.windows(head.len()).any(|window| window == head), "{}", hexdump(&bytes));
    assert!(logical.logical_plan_from_bytes(&bytes, &zoned.task_ctx()).is_ok());
    let refused = logical.logical_plan_from_bytes(&bytes, &plain.task_ctx()).unwrap_err();
    assert!(matches!(refused, WireError::OtherOption { .. }), "{refused}");

    let bytes = physical.asking(zoned.task_ctx()).physical_plan_to_bytes(&plan).unwrap();
    let head = field(&[b"DFKEEPP\x01\x72", ZONE].concat());
    assert!(bytes.windows(head.len()).any(|window| window == head), "{}", hexdump(&bytes));
    let report = Report::default();
    assert!(physical.reporting(&report).physical_plan_from_bytes(&bytes, &zoned.task_ctx()).is_ok());
    assert_eq!(report.options(), [("datafusion.execution.time_zone".to_owned(), "+08:00".to_owned())]);
    let refused = physical.physical_plan_from_bytes(&bytes, &plain.task_ctx()).unwrap_err();
    assert!(matches!(refused, WireError::OtherOption { .. }), "{refused}");
}
