"""Physical plans: the same rows wherever and however often they run, and what protobuf loses."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import planwire
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planwire import ExecutionPlan, SessionConfig, SessionContext

from support.travelled import crossed, in_turn, rows_of

PARTITIONS = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three Parquet files of four rows each."""
    made = tmp_path_factory.mktemp("table")
    for number in range(PARTITIONS):
        rows = {"k": [number, 1, 2, 3], "v": [None, number * 10, None, 5]}
        pq.write_table(pa.table(rows), made / f"{number}.parquet")
    return made


def session(folder: Path) -> SessionContext:
    """A session with the files as the table `t`."""
    ctx = SessionContext(SessionConfig().with_target_partitions(PARTITIONS))
    ctx.register_parquet("t", str(folder))
    return ctx


def apart(message: bytes, count: int, make: Callable[[], SessionContext]) -> list[str]:
    """The rows of all partitions, each run by a receiver of its own."""
    found = []
    for partition in range(count):
        receiver = make()
        found += rows_of(ExecutionPlan.from_bytes(receiver, message), receiver, partition)
    return sorted(map(repr, found))


# With the number of rows that is right.
QUERIES = {
    "select k, v from t": 12,
    "select k from t where v is null": 6,
    "select k, count(*) from t group by k": 4,
    "select a.k, b.v from t a join t b on a.k = b.v": 1,
    "select a.k, b.k as other from t a left join (select k from t where k > 2) b on a.k = b.k": 18,
    "select a.k from t a where not exists (select 1 from t b where b.v = a.k)": 11,
    "select a.k from t a full join (select v from t where v > 5) b on a.k = b.v": 14,
    "select k from t union all select v from t": 24,
    "select a.k from t a cross join (select k from t order by k limit 2) b": 24,
    "select k, v from t order by v desc nulls last, k limit 4": 4,
    "select max(v), min(k) from t": 1,
    "select distinct k from (select k from t limit 12)": 4,
}


@pytest.mark.parametrize("query", QUERIES)
def test_each_partition_gives_its_own_rows_wherever_it_runs(folder: Path, query: str) -> None:
    ctx = session(folder)
    plan = ctx.sql(query).execution_plan()
    message = plan.to_bytes(ctx)
    arrived = ExecutionPlan.from_bytes(ctx, message)
    right = sorted(map(repr, ctx.sql(query).to_pylist()))
    assert len(right) == QUERIES[query]
    assert arrived.partition_count == plan.partition_count
    assert in_turn(arrived, ctx) == right
    assert apart(message, plan.partition_count, lambda: session(folder)) == right


@pytest.mark.parametrize("query", QUERIES)
def test_plan_gives_its_rows_as_often_as_it_runs(folder: Path, query: str) -> None:
    ctx = session(folder)
    plan = ctx.sql(query).execution_plan()
    right = sorted(map(repr, ctx.sql(query).to_pylist()))
    assert [in_turn(plan, ctx) for _ in range(3)] == [right] * 3
    # What the runs have found out stays behind.
    arrived = ExecutionPlan.from_bytes(ctx, plan.to_bytes(ctx))
    assert [in_turn(arrived, ctx) for _ in range(2)] == [right] * 2
    relayed = ExecutionPlan.from_bytes(ctx, arrived.to_bytes(ctx))
    assert in_turn(relayed, ctx) == right


def test_part_of_a_plan_runs_beside_the_whole(folder: Path) -> None:
    ctx = session(folder)
    plan = ctx.sql("select k, v from t where k > 0").execution_plan()
    assert len(in_turn(plan, ctx)) == 11
    (part,) = plan.children()
    assert len(in_turn(part, ctx)) >= 11
    assert len(in_turn(plan, ctx)) == 11


def test_operators_measure_the_last_run_and_scans_all_runs(folder: Path) -> None:
    ctx = session(folder)
    plan = ctx.sql("select k, count(*) from t group by k").execution_plan()
    for runs in (1, 2):
        in_turn(plan, ctx)
        measured = [found.output_rows for _, found in plan.collect_metrics()]
        assert (measured[0], measured[-1]) == (4, 12 * runs)


BACKWARDS = "order by k desc, v desc rows between current row and unbounded following"
WINDOWS = [
    "first_value(v) ignore nulls over (order by k, v)",
    "lag(v) ignore nulls over (order by k desc, v desc)",
    f"nth_value(v, 2) over ({BACKWARDS}), lag(v, 1) over (order by k, v)",
]


@pytest.mark.parametrize("window", WINDOWS)
def test_windows_keep_their_nulls_and_their_direction(folder: Path, window: str) -> None:
    ctx = session(folder)
    query = f"select k, {window} from t"
    right = sorted(map(repr, ctx.sql(query).to_pylist()))
    assert any("None" not in row for row in right)
    assert crossed(ctx, query) == right


def test_filter_of_a_window_is_refused_by_name(folder: Path) -> None:
    ctx = session(folder)
    plan = ctx.sql("select sum(v) filter (where k > 1) over () from t").execution_plan()
    with pytest.raises(
        planwire.errors.EncodeError, match=r"FILTER of the window aggregate sum\(t.v\)"
    ) as e:
        plan.to_bytes(ctx)
    assert e.value.code == "PW-E011"


def test_empty_grouping_sets_give_a_row_each(folder: Path) -> None:
    ctx = session(folder)
    for sets, count in (("()", 1), ("(), ()", 2)):
        found = crossed(ctx, f"select count(*) as n from t group by grouping sets ({sets})")
        assert found == ["{'n': 12}"] * count


def test_recursion_travels() -> None:
    ctx = SessionContext()
    steps = "select 1 as n, 'a' as s union all select n + 1, s || 'b' from r where n < 4"
    query = f"with recursive r as ({steps}) select s from r where n > 2"
    assert crossed(ctx, query) == ["{'s': 'abb'}", "{'s': 'abbb'}"]


def test_series_of_which_rows_are_counted_travels() -> None:
    assert crossed(SessionContext(), "select count(*) as n from range(10)") == ["{'n': 10}"]


def test_scans_keep_the_form_of_their_files(tmp_path: Path) -> None:
    ctx = SessionContext()
    with gzip.open(tmp_path / "c.csv.gz", "wt") as file:
        file.write("a\n1\n2\n")
    ctx.register_csv(
        "c", str(tmp_path / "c.csv.gz"), file_extension=".csv.gz", file_compression_type="gzip"
    )
    (tmp_path / "array.json").write_text(json.dumps([{"a": 1}, {"a": 2}]))
    ctx.sql(
        f"create external table j stored as json location '{tmp_path / 'array.json'}'"
        " options (format.newline_delimited false)"
    )
    schema = pa.schema({"a": pa.int64()})
    with pa.ipc.new_stream(str(tmp_path / "s.arrow"), schema) as writer:
        writer.write_table(pa.table({"a": [1, 2]}))
    ctx.register_arrow("s", str(tmp_path / "s.arrow"))
    for table in ("c", "j", "s"):
        assert crossed(ctx, f"select a from {table}") == ["{'a': 1}", "{'a': 2}"], table


@pytest.mark.parametrize(
    "options",
    ["", "format.date_format '%d.%m.%Y'", "format.null_value '-'", "format.terminator ';'"],
)
def test_csv_is_written_as_it_would_be_at_home(tmp_path: Path, options: str) -> None:
    ctx, file = SessionContext(), tmp_path / "out.csv"
    rows = (
        "select date '2024-02-03' as d, timestamp '2024-02-03T04:05:06' as t, null as n, 'x' as s"
    )
    tail = f" options ({options})" if options else ""
    copy = f"copy ({rows}) to '{file}' stored as csv{tail}"
    ctx.sql(copy).collect()
    right = file.read_bytes()
    assert b"2024" in right
    file.unlink()
    crossed(ctx, copy)
    assert file.read_bytes() == right


def test_parquet_says_its_order_and_its_metadata_wherever_it_was_written(tmp_path: Path) -> None:
    ctx, file = SessionContext(), tmp_path / "out.parquet"
    copy = (
        "copy (select * from (values (1, 'x'), (2, 'y')) as v(a, b) order by b desc nulls last, a)"
        f" to '{file}' stored as parquet options ('format.metadata::owner' 'me')"
    )
    frame = ctx.sql(copy)
    plan = ExecutionPlan.from_bytes(ctx, frame.execution_plan().to_bytes(ctx))
    sorting = pq.SortingColumn
    by = (sorting(1, descending=True, nulls_first=False), sorting(0, nulls_first=False))
    for run in (frame.collect, lambda: rows_of(plan, ctx, 0), lambda: rows_of(plan, ctx, 0)):
        run()
        metadata = pq.ParquetFile(file).metadata
        assert (metadata.metadata[b"owner"], metadata.row_group(0).sorting_columns) == (b"me", by)
        file.unlink()


def test_metadata_of_columns_literals_and_casts_travels() -> None:
    ctx = SessionContext()
    table = ctx.from_pydict({"a": [1, 2]}, name="t")
    unit = {"unit": "EUR"}
    frame = table.select(
        planwire.col("a").alias("b", unit), planwire.lit(1).alias("c", unit), planwire.col("a")
    )
    arrived = ExecutionPlan.from_bytes(ctx, frame.execution_plan().to_bytes(ctx))
    (batch,) = (batch.to_pyarrow() for batch in ctx.execute(arrived, 0))
    found = {field.name: (field.metadata, field.nullable) for field in batch.schema}
    kept = {b"unit": b"EUR"}
    assert found == {"b": (kept, True), "c": (kept, False), "a": (None, True)}


def test_metadata_of_what_a_function_returns_travels() -> None:
    ctx = SessionContext()
    made = "with_metadata(a, 'unit', 'ms')"
    query = f"select arrow_metadata({made}, 'unit') as unit from (values (1)) as t(a)"
    assert crossed(ctx, query) == ["{'unit': 'ms'}"]


def test_index_of_a_row_in_its_file_travels(folder: Path) -> None:
    ctx = session(folder)
    query = "select file_row_index() as i, file_row_index() + 1 as j, v from t where v = 5"
    assert crossed(ctx, query) == ["{'i': 3, 'j': 4, 'v': 5}"] * PARTITIONS
    plan = ctx.sql(query).execution_plan()
    relayed = ExecutionPlan.from_bytes(ctx, plan.to_bytes(ctx))
    again = ExecutionPlan.from_bytes(ctx, relayed.to_bytes(ctx))
    assert again.display_indent() == relayed.display_indent()


def test_columns_of_which_statistics_know_better_may_be_null_as_at_home() -> None:
    ctx = SessionContext()
    halves = "select arrow_cast(1, 'Float16') as f union all select arrow_cast(6, 'Float16')"
    query = f"select min(f) as n, arrow_typeof(min(f)) as t from ({halves})"
    plan = ctx.sql(query).execution_plan()
    arrived = ExecutionPlan.from_bytes(SessionContext(), plan.to_bytes(ctx))
    for each in (plan, ExecutionPlan.from_bytes(ctx, arrived.to_bytes(ctx))):
        (batch,) = (batch.to_pyarrow() for batch in ctx.execute(each, 0))
        assert [(field.name, field.nullable) for field in batch.schema] == [
            ("n", True),
            ("t", True),
        ]
