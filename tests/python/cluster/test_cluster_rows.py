"""Queries on a cluster have the rows of a single process, with Python functions in every clause."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from planwire import LogicalPlan, SessionContext, col, udf

from support import kinds

pytestmark = pytest.mark.timeout(180)

NUMBER = pa.int64()

QUERIES = {
    "select and where": "select k, double(k) as d from t where double(g) > 4 order by k, d limit 9",
    "group by, having, order by": "select double(g) as d, count(*) as c from t group by double(g) "
    "having double(count(*)) > 10 order by double(g) desc",
    "aggregate": "select g, middle(k) as m from t group by g order by g",
    "aggregate without groups": "select middle(k) as m, middle(double(k)) as n from t",
    "filtered aggregate": "select middle(k) filter (where double(k) > 20) as m from t",
    "window": "select k, running(k) over (order by k, g) as r from t order by k, g limit 20",
    "partition by": "select g, k, rank() over (partition by double(g) order by k) as r from t "
    "order by g, k, r limit 40",
    "join on": "select a.g, count(*) as c from t a join few b on double(a.g) = double(b.k) "
    "group by a.g order by a.g",
    "in subquery": "select count(*) as c from t where k in (select double(g) from few)",
    "not in subquery": "select count(*) as c from t where k not in (select double(g) from few)",
    "scalar subquery": "select count(*) as c from t where k > (select middle(k) from t)",
    "exists": "select count(*) as c from few a where exists "
    "(select 1 from t b where double(a.k) = b.k)",
    "union": "select double(k) as d from few union select double(g) from few order by d",
    "constant": "select double(21) as d, count(*) as c from few",
    "no rows": "select double(k) as d from few limit 0",
    # Each task has all rows of the left side, and would give those that it does not match.
    "left join by an inequality": "select a.k, b.k as j from few a left join t b on a.k * 90 < b.k "
    "order by a.k, j",
    "full join by an inequality": "select a.k, b.k as j from few a full join t b on a.k > b.k * 4 "
    "order by a.k, j",
    "right join by an inequality": "select a.k, b.k as j from t a right join few b "
    "on b.k * 90 < a.k "
    "order by j, a.k",
    "all of a subquery": "select count(*) as c from few where k >= all (select g from t)",
    "any of a subquery": "select count(*) as c from few where k * 20 > any (select k from t)",
    # Each task would compute the left side for itself.
    "cross join of a volatile side": "select count(distinct u) as c "
    "from (select uuid() as u from few) a cross join t b",
    "inequality with a limit": "select count(distinct a.k) as c "
    "from (select distinct k from t limit 5) a join t b on a.k + 100 > b.k",
    "right join of a volatile side": "select count(distinct u) as c "
    "from (select uuid() as u, k from few) a right join t b on a.k < b.k",
    "inequality with a function": "select a.k, count(b.k) as c from few a left join t b "
    "on double(a.k) > b.k + 4 group by a.k order by a.k",
    "lists and maps": "select k, [k, g] as l, map {'g': g} as m, array_sort([3, k]) as s from few "
    "order by k",
    "dictionaries": "select year, count(*) as c from years group by year order by year",
    "dictionaries in order": "select year, k from years order by year desc, k limit 7",
    "join on dictionaries": "select a.year, count(*) as c from years a join years b "
    "on a.year = b.year group by a.year order by a.year",
    "except": "select k from t except select double(k) from few order by k",
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tables in Parquet, one of them in four files."""
    home = tmp_path_factory.mktemp("lake")
    for number in range(4):
        (home / "t").mkdir(exist_ok=True)
        rows = range(number, 800, 4)
        pq.write_table(
            pa.table({"k": [row % 97 for row in rows], "g": [row % 7 for row in rows]}),
            home / "t" / f"{number}.parquet",
        )
    pq.write_table(
        pa.table({"k": list(range(9)), "g": [3, 1, 4, 1, 5, 2, 6, 5, 3]}), home / "few.parquet"
    )
    for year in ("2024", "2025", "2026"):
        (home / "years" / f"year={year}").mkdir(parents=True)
        pq.write_table(pa.table({"k": [1, 2, 3]}), home / "years" / f"year={year}" / "k.parquet")
    return home


@pytest.fixture(scope="module")
def cluster() -> SessionContext:
    # More partitions than one task has, so that tasks could give each other's rows.
    options = {"datafusion.execution.target_partitions": "4"}
    return SessionContext.standalone_cluster(executors=2, vcores=1, cluster_config=options)


def middle() -> planwire.AggregateUDF:
    """A mean, whose state of two fields merges from other executors."""

    # Local, so that it travels by value: no executor can import this module.
    class Middle(planwire.Accumulator):
        def __init__(self) -> None:
            self.total, self.count = 0, 0

        def update(self, *values: pa.Array) -> None:
            self.total += pc.sum(values[0]).as_py() or 0
            self.count += pc.count(values[0]).as_py()

        def merge(self, states: list[pa.Array]) -> None:
            self.total += pc.sum(states[0]).as_py() or 0
            self.count += pc.sum(states[1]).as_py() or 0

        def state(self) -> list[pa.Scalar]:
            return [pa.scalar(self.total, NUMBER), pa.scalar(self.count, NUMBER)]

        def evaluate(self) -> pa.Scalar:
            return pa.scalar(self.total / self.count if self.count else None, pa.float64())

    return planwire.udaf(Middle, [NUMBER], pa.float64(), [NUMBER, NUMBER], "immutable", "middle")


def with_functions(ctx: SessionContext, lake: Path) -> SessionContext:
    ctx.register_udf(udf(lambda a: pc.multiply(a, 2), [NUMBER], NUMBER, "immutable", "double"))
    ctx.register_udaf(middle())
    ctx.register_udwf(kinds.make("window", "running"))
    ctx.register_parquet("t", lake / "t")
    ctx.register_parquet("few", lake / "few.parquet")
    year = ("year", pa.dictionary(pa.uint16(), pa.string()))
    ctx.register_parquet("years", lake / "years", table_partition_cols=[year])
    return ctx


@pytest.fixture(scope="module")
def both(cluster: SessionContext, lake: Path) -> tuple[SessionContext, SessionContext]:
    return with_functions(SessionContext(), lake), with_functions(cluster, lake)


@pytest.mark.inline
@pytest.mark.parametrize("clause", QUERIES)
def test_query_has_the_rows_of_a_single_process(
    clause: str, both: tuple[SessionContext, SessionContext]
) -> None:
    alone, together = both
    expected = alone.sql(QUERIES[clause]).to_pydict()
    assert all(expected.values()) is (clause != "no rows")
    assert together.sql(QUERIES[clause]).to_pydict() == expected


def test_rows_have_the_types_of_a_single_process(
    both: tuple[SessionContext, SessionContext],
) -> None:
    query = "select year, [year] as l, named_struct('y', year) as s from years order by year"
    alone, together = (ctx.sql(query).to_arrow_table() for ctx in both)
    assert pa.types.is_dictionary(alone.schema.field("year").type)
    assert together.schema == alone.schema
    assert together.to_pydict() == alone.to_pydict()


@pytest.mark.inline
@pytest.mark.parametrize("kind", ["scalar", "aggregate", "window"])
def test_function_that_came_in_a_version_1_frame_goes_on_to_a_cluster(
    kind: str, cluster: SessionContext
) -> None:
    home = SessionContext()
    function = kinds.make(kind, f"sent_{kind}")
    kinds.register(home, kind, function)
    over = " over (order by a)" if kind == "window" else ""
    plan = home.sql(f"select sent_{kind}(a){over} as r from (values (1), (2), (3)) t(a)")
    arrived = LogicalPlan.from_bytes(SessionContext(), plan.logical_plan().to_bytes(home))
    rows = cluster.create_dataframe_from_logical_plan(arrived).to_pydict()
    assert rows["r"] == kinds.expected(kind)


@pytest.mark.inline
def test_two_functions_of_one_name_are_two(cluster: SessionContext) -> None:
    one, other = (kinds.make("scalar", "same", amount) for amount in (1, 100))
    frame = cluster.from_pydict({"a": [1, 2]})
    rows = frame.select(one(col("a")).alias("x"), other(col("a")).alias("y")).to_pydict()
    assert rows == {"x": [2, 3], "y": [101, 102]}


@pytest.mark.inline
def test_repartition_by_a_function_keeps_all_rows(cluster: SessionContext) -> None:
    function = kinds.make("scalar", "key")
    frame = cluster.from_pydict({"a": list(range(100))})
    split = frame.repartition_by_hash(function(col("a")), num=4)
    assert sorted(split.to_pydict()["a"]) == list(range(100))


def opening(log: Path) -> Any:
    """A function that notes in a file in which process it was unpickled."""

    class Note:
        def __setstate__(self, _: object) -> None:
            with log.open("a") as lines:
                lines.write(f"{os.getpid()}\n")

        def __getstate__(self) -> int:
            return 1

    note = Note()

    def same(numbers: pa.Array) -> pa.Array:
        assert note is not None
        return numbers

    return udf(same, [NUMBER], NUMBER, "immutable", "noted")


@pytest.fixture
def wide() -> SessionContext:
    """One executor, which gets 16 partitions in one task."""
    return SessionContext.standalone_cluster(
        1, 16, {"datafusion.execution.target_partitions": "16"}
    )


@pytest.mark.inline
def test_executor_opens_a_function_once(wide: SessionContext, lake: Path, tmp_path: Path) -> None:
    log = tmp_path / "opened"
    function = opening(log)
    wide.register_udf(function)
    wide.register_parquet("t", lake / "t")
    query = "select noted(k) as k, count(noted(g)) as c from t where noted(k) > 3 group by noted(k)"
    for _ in range(3):
        assert len(wide.sql(query).to_pydict()["k"]) == 93
    # Neither the scheduler nor a second task, partition or reference has opened it again.
    assert len(log.read_text().splitlines()) == 1


@pytest.mark.inline
def test_scheduler_opens_no_function(cluster: SessionContext, tmp_path: Path) -> None:
    log = tmp_path / "opened"
    call = opening(log)(planwire.lit(1)).alias("r")
    frame = cluster.from_pydict({"a": [1, 2]})
    assert frame.select(call).to_pydict() == {"r": [1, 1]}
    # Version 1 can be described by unpickling it only.
    old = cluster.with_frames("python", "v1").from_pydict({"a": [1]})
    with pytest.raises(planwire.UnknownFamily, match="in the scheduler"):
        old.select(opening(log)(col("a"))).collect()


@pytest.mark.inline
def test_long_chain_of_operators_ends_no_executor(cluster: SessionContext) -> None:
    total = col("a")
    for _ in range(600):
        total = total + col("a")
    frame = cluster.from_pydict({"a": [1, 2]})
    assert frame.select(total.alias("r")).to_pydict() == {"r": [601, 1202]}


def test_what_would_arrive_as_another_query_is_refused(cluster: SessionContext) -> None:
    recursive = "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) "
    with pytest.raises(planwire.EncodeError, match="does not travel"):
        cluster.sql(f"{recursive} select n from r").collect()
    query = "select sum(a) filter (where a > 1) over () as s from (values (1), (2)) t(a)"
    with pytest.raises(planwire.EncodeError, match="FILTER of the window aggregate") as refused:
        cluster.sql(query).collect()
    assert "in the scheduler" in str(refused.value)
