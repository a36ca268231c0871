"""Aggregate functions give each group its rows, however DataFusion goes about it."""

from __future__ import annotations

from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest

INT = pa.int64()
ROWS, GROUPS = 9_000, 3_000

# How a query is run: all rows of a group meet in one place by different ways.
WAYS = {
    "as it comes": [],
    "in one partition": ["datafusion.execution.target_partitions = 1"],
    "in small batches": ["datafusion.execution.batch_size = 64"],
    "without a first step": [
        "datafusion.execution.target_partitions = 4",
        "datafusion.execution.skip_partial_aggregation_probe_rows_threshold = 0",
        "datafusion.execution.skip_partial_aggregation_probe_ratio_threshold = 0.0",
    ],
}

QUERIES = {
    "groups": "SELECT k, total(a) AS r FROM t GROUP BY k ORDER BY k",
    "few groups": "SELECT k % 7 AS k, total(a) AS r FROM t GROUP BY k % 7 ORDER BY k",
    "ordered": "SELECT k, total(a) AS r FROM (SELECT * FROM t ORDER BY k) GROUP BY k ORDER BY k",
    "filtered": "SELECT k, total(a) FILTER (WHERE a % 3 = 0) AS r FROM t GROUP BY k ORDER BY k",
    "distinct": "SELECT k % 7 AS k, total(DISTINCT a % 5) AS r FROM t GROUP BY k % 7 ORDER BY k",
    "no group": "SELECT 0 AS k, total(a) AS r FROM t",
    "no rows": "SELECT k, total(a) AS r FROM t WHERE a < 0 GROUP BY k",
    "no rows, no group": "SELECT 0 AS k, total(a) AS r FROM t WHERE a < 0",
    "sets": "SELECT k % 7 AS k, total(a) AS r FROM t GROUP BY ROLLUP (k % 7) ORDER BY k",
    "having": "SELECT k, total(a) AS r FROM t GROUP BY k HAVING total(a) > 13500 ORDER BY k",
}


def session(package: Any, settings: list[str]) -> Any:
    """A session with rows in three batches, and a sum that tells an empty group by minus one."""

    class Total(package.Accumulator):  # type: ignore[misc]
        def __init__(self) -> None:
            self.total = -1

        def update(self, *values: pa.Array) -> None:
            if len(values[0]) > 0:
                self.total = max(self.total, 0) + (pc.sum(values[0]).as_py() or 0)

        def merge(self, states: list[pa.Array]) -> None:
            self.update(states[0].filter(pc.greater_equal(states[0], 0)))

        def state(self) -> list[pa.Scalar]:
            return [pa.scalar(self.total)]

        def evaluate(self) -> pa.Scalar:
            return pa.scalar(self.total)

    ctx = package.SessionContext()
    for setting in settings:
        ctx.sql(f"SET {setting}").collect()
    numbers = pa.array(range(ROWS), INT)
    keys = pa.array([number * 7_919 % GROUPS for number in range(ROWS)], INT)
    batches = pa.table({"a": numbers, "k": keys}).to_batches(max_chunksize=ROWS // 3)
    ctx.from_arrow(pa.Table.from_batches(batches), name="t")
    ctx.register_udaf(package.udaf(Total, [INT], INT, [INT], "immutable", "total"))
    return ctx


@pytest.fixture(scope="module")
def answers_of_the_wheel() -> dict[str, Any]:
    """What the wheel answers, in one partition."""
    ctx = session(datafusion, WAYS["in one partition"])
    return {name: ctx.sql(sql).to_arrow_table().to_pydict() for name, sql in QUERIES.items()}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", QUERIES)
def test_every_way_gives_the_rows_of_the_wheel(
    name: str, way: str, answers_of_the_wheel: dict[str, Any]
) -> None:
    ours = session(planwire, WAYS[way]).sql(QUERIES[name]).to_pydict()
    assert ours == answers_of_the_wheel[name]


def test_accumulators_of_a_batch_share_its_arrays() -> None:
    kept: list[pa.Array] = []

    class Keep(planwire.Accumulator):
        def update(self, *values: pa.Array) -> None:
            kept.append(values[0])

        def merge(self, states: list[pa.Array]) -> None: ...
        def state(self) -> list[Any]:
            return []

        def evaluate(self) -> int:
            return 0

    ctx = planwire.SessionContext()
    frame = ctx.from_pydict({"k": [1, 2, 1, 2], "a": [10, 20, 30, 40]})
    keep = planwire.udaf(Keep, INT, INT, [], "immutable", "keep")(planwire.col("a")).alias("r")
    assert frame.aggregate("k", keep).sort("k").to_pydict() == {"k": [1, 2], "r": [0, 0]}
    assert sorted(array.to_pylist() for array in kept) == [[10, 30], [20, 40]]
    assert len({array.buffers()[1].address for array in kept}) == 1
