"""Aggregate functions give each group its rows, however DataFusion goes about it."""

from __future__ import annotations

import pickle
from typing import Any

import datafusion
import numpy as np
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
    "ordered": (
        "SELECT k, total(a) AS r FROM (SELECT *, row_number() OVER (ORDER BY k) AS n FROM t) "
        "WHERE n > 0 GROUP BY k ORDER BY k"
    ),
    "partly ordered": (
        "SELECT k, a % 3 AS m, total(a) AS r "
        "FROM (SELECT *, row_number() OVER (ORDER BY k) AS n FROM t) "
        "WHERE n > 0 GROUP BY k, a % 3 ORDER BY k, m"
    ),
    "filtered": "SELECT k, total(a) FILTER (WHERE a % 3 = 0) AS r FROM t GROUP BY k ORDER BY k",
    "distinct": "SELECT k % 7 AS k, total(DISTINCT a % 5) AS r FROM t GROUP BY k % 7 ORDER BY k",
    "no group": "SELECT 0 AS k, total(a) AS r FROM t",
    "no rows": "SELECT k, total(a) AS r FROM t WHERE a < 0 GROUP BY k",
    "no rows, no group": "SELECT 0 AS k, total(a) AS r FROM t WHERE a < 0",
    "sets": "SELECT k % 7 AS k, total(a) AS r FROM t GROUP BY ROLLUP (k % 7) ORDER BY k",
    "having": "SELECT k, total(a) AS r FROM t GROUP BY k HAVING total(a) > 13500 ORDER BY k",
}


class GroupedTotal(planwire.GroupedAccumulator):
    """The sum of `session`, for all groups in one array."""

    def __init__(self) -> None:
        self.totals = np.zeros(0, np.int64)

    def update(self, groups: pa.Int64Array, count: int, *values: pa.Array) -> None:
        known = len(self.totals)
        self.totals.resize(count)
        self.totals[known:] = -1
        rows = groups.to_numpy()
        self.totals[rows] = np.maximum(self.totals[rows], 0)
        np.add.at(self.totals, rows, values[0].to_numpy())

    def merge(self, groups: pa.Int64Array, count: int, states: list[pa.Array]) -> None:
        full = pc.greater_equal(states[0], 0)
        self.update(groups.filter(full), count, states[0].filter(full))

    def state(self, which: slice) -> list[pa.Array]:
        return [pa.array(self.totals[which])]

    def evaluate(self, which: slice) -> pa.Array:
        return pa.array(self.totals[which])


def session(package: Any, settings: list[str], grouped: type | None = None) -> Any:
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
    ctx.register_udaf(package.udaf(grouped or Total, [INT], INT, [INT], "immutable", "total"))
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


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", QUERIES)
def test_an_accumulator_of_all_groups_gives_the_same_rows(
    name: str, way: str, answers_of_the_wheel: dict[str, Any]
) -> None:
    ours = session(planwire, WAYS[way], GroupedTotal).sql(QUERIES[name]).to_pydict()
    assert ours == answers_of_the_wheel[name]


def test_an_accumulator_of_all_groups_serves_growing_windows() -> None:
    sql = "SELECT a, total(a) OVER (PARTITION BY k % 2 ORDER BY a) AS r FROM t ORDER BY a LIMIT 50"
    one_group, all_groups = (
        session(planwire, [], grouped).sql(sql).to_pydict() for grouped in (None, GroupedTotal)
    )
    assert all_groups == one_group
    assert len(set(one_group["r"])) > 40


def test_an_accumulator_of_all_groups_does_not_slide() -> None:
    sliding = "SELECT total(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t"
    with pytest.raises(planwire.ExecutionError, match="retract"):
        session(planwire, [], GroupedTotal).sql(sliding).collect()


def test_one_object_is_asked_for_all_groups_of_a_partition() -> None:
    asked: list[slice] = []
    counts: list[int] = []

    class Asked(GroupedTotal):
        def update(self, groups: pa.Int64Array, count: int, *values: pa.Array) -> None:
            counts.append(count)
            super().update(groups, count, *values)

        def evaluate(self, which: slice) -> pa.Array:
            asked.append(which)
            return super().evaluate(which)

    ctx = session(planwire, WAYS["in one partition"], Asked)
    ctx.sql(QUERIES["groups"]).collect()
    assert counts == [GROUPS] * 3
    assert asked == [slice(0, GROUPS, 1)]


@pytest.mark.parametrize("name", ["ordered", "partly ordered"])
@pytest.mark.parametrize("way", WAYS)
def test_groups_of_ordered_rows_are_taken_out_as_they_end(name: str, way: str) -> None:
    asked: list[slice] = []

    class Asked(GroupedTotal):
        def state(self, which: slice) -> list[pa.Array]:
            asked.append(which)
            return super().state(which)

        def evaluate(self, which: slice) -> pa.Array:
            asked.append(which)
            return super().evaluate(which)

    ctx = session(planwire, WAYS[way], Asked)
    ctx.sql("SET datafusion.execution.batch_size = 64").collect()
    frame = ctx.sql(QUERIES[name])
    assert "ordering_mode=" in str(frame.execution_plan().display_indent())
    answered = frame.to_pydict()
    assert answered == session(planwire, WAYS[way]).sql(QUERIES[name]).to_pydict()
    assert len(asked) > 10
    assert any(which.start > 0 for which in asked)


@pytest.mark.inline
@pytest.mark.unguarded
def test_a_grouped_accumulator_arrives() -> None:
    total = planwire.udaf(GroupedTotal, [INT], INT, [INT], "immutable", "total")
    frame = planwire.SessionContext().from_pydict({"k": [1, 2, 1], "a": [10, 20, 30]})
    expr = pickle.loads(pickle.dumps(total(planwire.col("a")).alias("r")))
    assert frame.aggregate("k", expr).sort("k").to_pydict() == {"k": [1, 2], "r": [40, 20]}


@pytest.mark.parametrize("method", ["state", "evaluate"])
@pytest.mark.parametrize("returned", ["too few", "another type", "no array", "an exception"])
def test_what_a_grouped_accumulator_must_not_return_is_named(method: str, returned: str) -> None:
    def wrong(_: GroupedTotal, which: slice) -> Any:
        if returned == "an exception":
            raise LookupError("no such group")
        column = {
            "too few": pa.array([1]),
            "another type": pa.array(["x"] * (which.stop - which.start)),
            "no array": 7,
        }[returned]
        return [column] if method == "state" else column

    total = type("Wrong", (GroupedTotal,), {method: wrong})
    told = {
        "too few": rf"{method}\(\) returned 1 values for \d+ groups",
        "another type": rf"{method}\(\) returned an array of Utf8 where it declares Int64",
        "no array": rf"{method}\(\) returned int where an array of Int64 is wanted",
        "an exception": "no such group",
    }[returned]
    ctx = session(planwire, WAYS["as it comes"], total)
    with pytest.raises(planwire.ExecutionError, match=told):
        ctx.sql(QUERIES["groups"]).collect()


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
