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
from planwire import SessionContext, col, udf

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
    return home


@pytest.fixture(scope="module")
def cluster() -> SessionContext:
    return SessionContext.standalone_cluster(executors=2, vcores=2)


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
