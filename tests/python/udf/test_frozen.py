"""Frozen functions: pickled once, and then sent as they were."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from planwire import col

from support import kinds

pytestmark = pytest.mark.inline

NUMBER = pa.int64()


class Counted:
    """Counts how often it is pickled."""

    def __init__(self) -> None:
        self.amounts = [10]
        self.pickled = 0

    def __call__(self, numbers: pa.Array) -> pa.Array:
        return pc.add(numbers, self.amounts[0])

    def __getstate__(self) -> dict[str, Any]:
        self.pickled += 1
        return {"amounts": self.amounts, "pickled": 0}


def by_keyword(counted: Counted) -> planwire.ScalarUDF:
    return planwire.udf(counted, [NUMBER], NUMBER, "immutable", "counted", frozen=True)


def by_method(counted: Counted) -> planwire.ScalarUDF:
    return planwire.udf(counted, [NUMBER], NUMBER, "immutable", "counted").freeze()


def rows(message: bytes) -> list[int]:
    return kinds.rows("scalar", planwire.Expr.from_bytes(message))


@pytest.mark.parametrize("frozen", [by_keyword, by_method])
@pytest.mark.parametrize("frames", ["v1", "native"])
def test_a_frozen_function_is_pickled_once_and_sent_as_it_was(
    frozen: Callable[[Counted], planwire.ScalarUDF], frames: str
) -> None:
    sender = planwire.SessionContext().with_frames("python", frames)
    counted = Counted()
    function = frozen(counted)
    message = function(col("a")).to_bytes(sender)
    counted.amounts[0] = 20
    assert function(col("a")).to_bytes(sender) == message
    assert counted.pickled == 1
    assert rows(message) == [11, 12, 13]
    # Here it is the function that it is, with its values as they are now.
    assert kinds.rows("scalar", function(col("a"))) == [21, 22, 23]


def test_other_functions_are_pickled_each_time() -> None:
    counted = Counted()
    function = planwire.udf(counted, [NUMBER], NUMBER, "immutable", "counted")
    first = function(col("a")).to_bytes()
    counted.amounts[0] = 20
    assert (rows(first), rows(function(col("a")).to_bytes())) == ([11, 12, 13], [21, 22, 23])
    assert counted.pickled == 2
    # Also when another one was made of it that is frozen.
    function.freeze().to_bytes()
    function.to_bytes()
    assert counted.pickled == 4


class CountedFactory:
    """Makes accumulators or evaluators, and counts how often it is pickled."""

    def __init__(self, made: Callable[[], Any]) -> None:
        self.made, self.pickled = made, 0

    def __call__(self) -> Any:
        return self.made()

    def __getstate__(self) -> dict[str, Any]:
        self.pickled += 1
        return {"made": self.made, "pickled": 0}


class Nothing(planwire.Accumulator):
    """Adds nothing up."""

    def update(self, *values: pa.Array) -> None: ...

    def merge(self, states: list[pa.Array]) -> None: ...

    def state(self) -> list[pa.Scalar]:
        return [pa.scalar(0)]

    def evaluate(self) -> pa.Scalar:
        return pa.scalar(0)


def test_aggregates_and_windows_freeze() -> None:
    accumulators = CountedFactory(Nothing)
    evaluators = CountedFactory(planwire.WindowEvaluator)
    aggregate = planwire.udaf(accumulators, NUMBER, NUMBER, [NUMBER], "immutable", "f", frozen=True)
    window = planwire.udwf(evaluators, NUMBER, NUMBER, "immutable", "f", frozen=True)
    for function, counted in ((aggregate, accumulators), (window, evaluators)):
        assert function.to_bytes() == function.to_bytes() == function.freeze().to_bytes()
        assert counted.pickled == 1


def test_a_function_that_came_stays_as_it_came() -> None:
    came = planwire.ScalarUDF.from_bytes(kinds.make("scalar").to_bytes())
    assert came.freeze() is came


def test_a_function_that_cannot_be_pickled_fails_each_time_and_not_when_it_is_frozen() -> None:
    counted = Counted()
    function = by_method(counted)
    counted.amounts = lambda: iter(())  # type: ignore[assignment]
    counted.amounts.lock = threading.Lock()  # type: ignore[attr-defined]
    for _ in range(2):
        with pytest.raises(planwire.errors.EncodeError):
            function.to_bytes()
    counted.amounts = [10]
    assert rows(function(col("a")).to_bytes()) == [11, 12, 13]
