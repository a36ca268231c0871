"""Fidelity of expressions, logical plans and pickled queries: what arrives is what was sent."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

Trip = Callable[[planwire.DataFrame], planwire.DataFrame]


def pickled(query: planwire.DataFrame) -> planwire.DataFrame:
    arrived = pickle.loads(pickle.dumps(query))
    assert isinstance(arrived, planwire.DataFrame)
    return arrived


def as_logical_plan(query: planwire.DataFrame) -> planwire.DataFrame:
    return _through(query.logical_plan())


def as_optimized_plan(query: planwire.DataFrame) -> planwire.DataFrame:
    return _through(query.optimized_logical_plan())


def _through(plan: planwire.LogicalPlan) -> planwire.DataFrame:
    sender, receiver = planwire.SessionContext(), planwire.SessionContext()
    arrived = planwire.LogicalPlan.from_bytes(receiver, plan.to_bytes(sender))
    return receiver.create_dataframe_from_logical_plan(arrived)


each_trip = pytest.mark.parametrize(
    "trip",
    [pytest.param(pickled, marks=pytest.mark.unguarded), as_logical_plan, as_optimized_plan],
)


@pytest.fixture
def ctx(tmp_path: Path) -> planwire.SessionContext:
    """A session with `t`, whose `k` is 1 to 3, and `n`, whose `k` is 1."""
    ctx = planwire.SessionContext()
    for name, rows in {"t": [1, 2, 3], "n": [1]}.items():
        pq.write_table(pa.table({"k": rows}), tmp_path / f"{name}.parquet")
        ctx.register_parquet(name, str(tmp_path / f"{name}.parquet"))
    return ctx


SUBQUERIES = {
    "k IN (SELECT k FROM n)": [1],
    "k NOT IN (SELECT k FROM n)": [2, 3],
    "EXISTS (SELECT 1 FROM n WHERE n.k = t.k)": [1],
    "NOT EXISTS (SELECT 1 FROM n WHERE n.k = t.k)": [2, 3],
    "k > (SELECT max(k) FROM n)": [2, 3],
    "k > ANY (SELECT k FROM n)": [2, 3],
    "k <= ALL (SELECT k FROM n)": [1],
    "k IN (SELECT k FROM n WHERE EXISTS (SELECT 1 FROM t u WHERE u.k = n.k))": [1],
}


@each_trip
@pytest.mark.parametrize("predicate", SUBQUERIES)
def test_a_query_with_a_subquery_gives_its_rows(
    ctx: planwire.SessionContext, trip: Trip, predicate: str
) -> None:
    query = trip(ctx.sql(f"SELECT k FROM t WHERE {predicate} ORDER BY k"))
    assert query.to_pydict()["k"] == SUBQUERIES[predicate]


@each_trip
def test_a_subquery_that_depends_on_each_row_gives_its_values(
    ctx: planwire.SessionContext, trip: Trip
) -> None:
    query = ctx.sql("SELECT k, (SELECT count(*) FROM n WHERE n.k = t.k) AS r FROM t ORDER BY k")
    assert trip(query).to_pydict()["r"] == [1, 0, 0]


@each_trip
def test_a_view_with_a_subquery_gives_its_rows(ctx: planwire.SessionContext, trip: Trip) -> None:
    ctx.sql("CREATE VIEW v AS SELECT k FROM t WHERE k IN (SELECT k FROM n)").collect()
    assert trip(ctx.sql("SELECT k FROM v")).to_pydict()["k"] == [1]


@each_trip
def test_metadata_of_an_alias_stands_in_the_schema(
    ctx: planwire.SessionContext, trip: Trip
) -> None:
    query = trip(ctx.table("t").select(planwire.col("k").alias("b", {"unit": "EUR"})))
    assert query.to_arrow_table().schema.field("b").metadata == {b"unit": b"EUR"}


@pytest.mark.unguarded
def test_metadata_of_an_alias_crosses_with_its_expression_and_through_relays() -> None:
    table = planwire.SessionContext().from_pydict({"a": [1, 2]})
    expr = planwire.col("a").alias("b", {"unit": "EUR"})
    for _ in range(3):
        expr = pickle.loads(pickle.dumps(expr))
    result = table.select(expr).to_arrow_table()
    assert result.schema.field("b").metadata == {b"unit": b"EUR"}
    assert result.to_pydict() == {"b": [1, 2]}


@each_trip
def test_a_number_of_16_bits_keeps_its_type(ctx: planwire.SessionContext, trip: Trip) -> None:
    query = trip(ctx.sql("SELECT arrow_cast(1.5, 'Float16') AS h"))
    assert query.to_arrow_table().column("h") == pa.chunked_array([pa.array([1.5], pa.float16())])


@each_trip
@pytest.mark.parametrize(
    ("query", "rows"),
    {
        "SELECT 1 AS a UNION ALL BY NAME SELECT 2 AS b": [
            {"a": 1, "b": None},
            {"a": None, "b": 2},
        ],
        "SELECT * FROM generate_series(1, 3) AS s(x)": [{"x": 1}, {"x": 2}, {"x": 3}],
        "SELECT k FROM t ORDER BY k LIMIT CAST(2 AS BIGINT) OFFSET '1'::int": [{"k": 2}, {"k": 3}],
    }.items(),
)
def test_a_node_that_datafusion_refuses_or_changes_gives_its_rows(
    ctx: planwire.SessionContext, trip: Trip, query: str, rows: list[dict[str, object]]
) -> None:
    arrived = trip(ctx.sql(query)).to_arrow_table()
    assert arrived.schema == ctx.sql(query).to_arrow_table().schema
    assert sorted(arrived.to_pylist(), key=str) == sorted(rows, key=str)


@each_trip
def test_an_empty_relation_keeps_its_columns(ctx: planwire.SessionContext, trip: Trip) -> None:
    query = ctx.sql("SELECT t.k, n.k AS other FROM t JOIN n ON t.k = n.k WHERE false")
    arrived = trip(query).to_arrow_table()
    assert (arrived.num_rows, arrived.column_names) == (0, ["k", "other"])
    assert arrived.schema.types == [pa.int64(), pa.int64()]


@each_trip
def test_a_table_whose_name_has_a_dot_is_found(
    ctx: planwire.SessionContext, trip: Trip, tmp_path: Path
) -> None:
    ctx.sql(
        f"CREATE EXTERNAL TABLE \"a.b\" STORED AS PARQUET LOCATION '{tmp_path}/n.parquet'"
    ).collect()
    assert trip(ctx.sql('SELECT "a.b".k FROM "a.b" WHERE "a.b".k = 1')).to_pydict() == {"k": [1]}


@each_trip
def test_a_pattern_of_files_reads_the_files_that_it_names(
    ctx: planwire.SessionContext, trip: Trip, tmp_path: Path
) -> None:
    for name, row in {"x1": 10, "x2": 20, "y1": 99}.items():
        pq.write_table(pa.table({"k": [row]}), tmp_path / f"{name}.parquet")
    ctx.sql(f"CREATE EXTERNAL TABLE x STORED AS PARQUET LOCATION '{tmp_path}/x*.parquet'").collect()
    assert trip(ctx.sql("SELECT sum(k) AS s FROM x")).to_pydict() == {"s": [30]}


@pytest.mark.parametrize(
    ("options", "text"),
    {
        "": "a,b\nx,1\n",
        "OPTIONS ('format.delimiter' ';')": "a;b\nx;1\n",
        "OPTIONS ('format.has_header' 'false')": "x,1\n",
        "OPTIONS ('format.quote_style' 'Always')": '"a","b"\n"x","1"\n',
    }.items(),
)
def test_copy_to_writes_what_its_options_say(tmp_path: Path, options: str, text: str) -> None:
    ctx = planwire.SessionContext()
    file = tmp_path / "out.csv"
    query = ctx.sql(f"COPY (SELECT 'x' AS a, 1 AS b) TO '{file}' STORED AS CSV {options}")
    as_logical_plan(query).collect()
    assert file.read_text() == text


def test_copy_to_writes_the_partitions_that_it_names(tmp_path: Path) -> None:
    ctx = planwire.SessionContext()
    query = ctx.sql(
        f"COPY (SELECT 1 AS a, 2 AS b) TO '{tmp_path}/p/' STORED AS PARQUET PARTITIONED BY (b)"
    )
    as_logical_plan(query).collect()
    assert [path.name for path in (tmp_path / "p").iterdir()] == ["b=2"]


def test_a_strict_receiver_reads_what_stands_in(ctx: planwire.SessionContext) -> None:
    strict = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    message = ctx.sql("SELECT k FROM t WHERE k IN (SELECT k FROM n)").logical_plan().to_bytes(ctx)
    arrived = planwire.LogicalPlan.from_bytes(strict, message)
    assert strict.create_dataframe_from_logical_plan(arrived).to_pydict() == {"k": [1]}


@pytest.mark.inline
@each_trip
def test_a_function_inside_a_subquery_crosses(ctx: planwire.SessionContext, trip: Trip) -> None:
    ctx.register_udf(
        planwire.udf(lambda k: pc.multiply(k, 2), [pa.int64()], pa.int64(), "immutable", "double")
    )
    query = trip(ctx.sql("SELECT k FROM t WHERE k IN (SELECT double(k) FROM n)"))
    assert query.to_pydict()["k"] == [2]


@pytest.mark.inline
@each_trip
@pytest.mark.parametrize("by", ["x", "y", "x + 1", "-x", "x + y * 2"])
def test_rows_are_sorted_by_the_columns_as_they_are_called_last(trip: Trip, by: str) -> None:
    # DataFusion takes the name for that of a column below, each time that it reads the plan.
    ctx = planwire.SessionContext()
    rows = ctx.from_pydict({"x": [1, 2, 3, 4], "y": [7, 9, 6, 8]}).select(
        (planwire.col("x") + 0).alias("x"), (planwire.col("y") + 0).alias("y")
    )
    swapped = rows.select(planwire.col("x").alias("y"), planwire.col("y").alias("x"))
    query = swapped.sort(swapped.parse_sql_expr(by).sort()).limit(2)
    assert trip(query).to_pydict() == query.to_pydict()
    again = trip(trip(query))
    assert again.to_pydict() == query.to_pydict()
