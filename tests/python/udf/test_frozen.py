"""Frozen functions: pickled once, and then sent as they were."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from planwire import col

from support import kinds

pytestmark = [pytest.mark.inline, pytest.mark.unguarded]

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
    assert (function(col("a")) + 0).to_bytes(sender) != message
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


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_each_kind_freezes(kind: str) -> None:
    function = kinds.make(kind)
    frozen = function.freeze()
    assert (type(frozen), frozen.name) == (type(function), function.name)
    message = pickle.dumps(kinds.call(frozen))
    assert pickle.dumps(kinds.call(frozen)) == message
    assert kinds.rows(kind, pickle.loads(message)) == kinds.expected(kind)


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
