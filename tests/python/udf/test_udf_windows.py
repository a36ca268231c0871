"""Evaluators run as they say they do, over every frame, as in the datafusion wheel."""

from __future__ import annotations

import itertools
from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest

INT = pa.int64()
ROWS = {
    "n": [0, 1, 2, 3, 4, 5, 6],
    "k": [0, 0, 0, 0, 1, 1, 1],
    "t": [1, 2, 2, 5, 1, 1, 9],
    "a": [1, 2, 4, 8, 16, 32, 64],
}
FRAMES = {
    "default": "PARTITION BY k ORDER BY n",
    "whole": "PARTITION BY k ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
    "rows": "PARTITION BY k ORDER BY n ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "preceding": "PARTITION BY k ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
    "following": "ORDER BY n ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
    "range": "PARTITION BY k ORDER BY t RANGE BETWEEN 1 PRECEDING AND CURRENT ROW",
    "groups": "PARTITION BY k ORDER BY t GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
}


def evaluator(package: Any, frame: bool, bounded: bool, causal: bool, rank: bool) -> Any:
    """An evaluator that says what it is told to say, and can do everything."""

    class Evaluator(package.user_defined.WindowEvaluator):  # type: ignore[misc]
        def uses_window_frame(self) -> bool:
            return frame

        def supports_bounded_execution(self) -> bool:
            return bounded

        def is_causal(self) -> bool:
            return causal

        def include_rank(self) -> bool:
            return rank

        def get_range(self, idx: int, num_rows: int) -> tuple[int, int]:
            return (max(idx - 1, 0), idx + 1)

        def evaluate(self, values: list[pa.Array], eval_range: tuple[int, int]) -> pa.Scalar:
            start, end = eval_range
            return pa.scalar(pc.sum(values[0].slice(start, end - start)).as_py(), INT)

        def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
            assert len(values[0]) == num_rows
            return pc.cumulative_sum(values[0])

        def evaluate_all_with_rank(self, num_rows: int, ranks: list[tuple[int, int]]) -> pa.Array:
            return pa.array([start for start, end in ranks for _ in range(start, end)], INT)

    return Evaluator


def answer(package: Any, factory: Any, over: str) -> list[Any]:
    """The results of a function, row by row."""
    ctx = package.SessionContext()
    ctx.from_pydict(ROWS, name="t")
    ctx.register_udwf(package.udwf(factory, [INT], INT, "immutable", "f"))
    rows = ctx.sql(f"SELECT n, f(a) OVER ({over}) AS r FROM t ORDER BY n").to_pydict()
    assert rows["n"] == ROWS["n"]
    results: list[Any] = rows["r"]
    return results


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("said", list(itertools.product([False, True], repeat=4)))
def test_every_combination_gives_the_rows_of_the_wheel(
    said: tuple[bool, bool, bool, bool], frame: str
) -> None:
    ours, theirs = (
        answer(package, evaluator(package, *said), FRAMES[frame])
        for package in (planwire, datafusion)
    )
    assert ours == theirs


@pytest.mark.parametrize("bounded", [False, True])
def test_frame_decides_which_rows_are_seen(bounded: bool) -> None:
    factory = evaluator(planwire, True, bounded, False, False)
    assert answer(planwire, factory, FRAMES["rows"]) == [3, 7, 14, 12, 48, 112, 96]
    assert answer(planwire, factory, FRAMES["range"]) == [1, 7, 7, 8, 48, 48, 64]
    assert answer(planwire, factory, FRAMES["following"]) == [6, 12, 24, 48, 96, 64, None]


def test_ranks_are_those_of_the_order() -> None:
    factory = evaluator(planwire, False, False, False, True)
    assert answer(planwire, factory, "PARTITION BY k ORDER BY t") == [0, 1, 1, 3, 0, 0, 2]


def test_whole_partition_is_evaluated_row_by_row_where_that_is_all_there_is() -> None:
    class RowByRow(planwire.WindowEvaluator):
        def supports_bounded_execution(self) -> bool:
            return True

        def get_range(self, idx: int, num_rows: int) -> tuple[int, int]:
            return (0, num_rows)

        def evaluate(self, values: list[pa.Array], eval_range: tuple[int, int]) -> Any:
            return pc.sum(values[0]).as_py()

    assert answer(planwire, RowByRow, FRAMES["whole"]) == [15] * 4 + [112] * 3


def test_memoize_is_called_while_rows_arrive() -> None:
    calls: list[str] = []

    class Memoizing(evaluator(planwire, False, True, True, False)):  # type: ignore[misc]
        def memoize(self) -> None:
            calls.append("memoize")

    assert answer(planwire, Memoizing, "ORDER BY n") == [1, 3, 6, 12, 24, 48, 96]
    assert calls


def test_arrays_of_a_partition_are_handed_over_once() -> None:
    seen: set[int] = set()
    kept: list[pa.Array] = []

    class Noting(evaluator(planwire, True, False, False, False)):  # type: ignore[misc]
        def evaluate(self, values: list[pa.Array], eval_range: tuple[int, int]) -> Any:
            kept.append(values[0])
            seen.add(id(values[0]))
            values.clear()
            return 0

    assert answer(planwire, Noting, FRAMES["rows"]) == [0] * 7
    assert (len(kept), len(seen)) == (7, 2)


def test_ignore_nulls_is_refused_because_an_evaluator_is_not_told() -> None:
    ctx = planwire.SessionContext()
    ctx.from_pydict(ROWS, name="t")
    factory = evaluator(planwire, False, False, False, False)
    ctx.register_udwf(planwire.udwf(factory, [INT], INT, "immutable", "f"))
    with pytest.raises(planwire.ExecutionError, match="IGNORE NULLS for the window UDF 'f'"):
        ctx.sql("SELECT f(a) IGNORE NULLS OVER () FROM t").collect()


@pytest.mark.parametrize("retracts", [False, True])
def test_aggregate_function_serves_sliding_frames_if_it_retracts(retracts: bool) -> None:
    class Sum(planwire.Accumulator):
        def __init__(self) -> None:
            self.total = 0

        def update(self, *values: pa.Array) -> None:
            self.total += pc.sum(values[0]).as_py() or 0

        def merge(self, states: list[pa.Array]) -> None:
            self.update(states[0])

        def state(self) -> list[int]:
            return [self.total]

        def evaluate(self) -> int:
            return self.total

        def supports_retract_batch(self) -> bool:
            return retracts

        def retract_batch(self, *values: pa.Array) -> None:
            self.total -= pc.sum(values[0]).as_py() or 0

    ctx = planwire.SessionContext()
    ctx.from_pydict(ROWS, name="t")
    ctx.register_udaf(planwire.udaf(Sum, [INT], INT, [INT], "immutable", "g"))
    query = f"SELECT n, g(a) OVER ({FRAMES['rows']}) AS r FROM t ORDER BY n"
    if retracts:
        assert ctx.sql(query).to_pydict()["r"] == [3, 7, 14, 12, 48, 112, 96]
    else:
        with pytest.raises(planwire.ExecutionError, match="retract_batch"):
            ctx.sql(query).collect()
