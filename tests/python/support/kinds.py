"""One function of each kind, made to measure, and the rows that it gives.

Every function adds `amount` to what it computes over `{"a": [1, 2, 3]}`, so the rows tell which of
two functions of the same name has run. All of them are local to what makes them: cloudpickle
carries them by value, and no receiver could import them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import planwire
import pyarrow as pa
import pyarrow.compute as pc

NUMBER = pa.int64()

KINDS = ("scalar", "aggregate", "window")


def make(kind: str, name: str = "crossing", amount: int = 10) -> Any:
    """Makes a function of a kind; its result is `amount` more than the kind's own."""
    return {"scalar": _scalar, "aggregate": _aggregate, "window": _window}[kind](name, amount)


def expected(kind: str, amount: int = 10) -> list[int]:
    """The rows of a function over the numbers one to three."""
    plain = {"scalar": [1, 2, 3], "aggregate": [6], "window": [1, 3, 6]}[kind]
    return [number + amount for number in plain]


def register(ctx: planwire.SessionContext, kind: str, function: Any) -> None:
    """Registers a function under its own name."""
    name = {"scalar": "register_udf", "aggregate": "register_udaf", "window": "register_udwf"}[kind]
    getattr(ctx, name)(function)


def call(function: Any) -> planwire.Expr:
    """The function of the one column there is."""
    expr: planwire.Expr = function(planwire.col("a"))
    return expr


def rows(kind: str, expr: planwire.Expr) -> list[Any]:
    """Evaluates an expression in a session of its own."""
    numbers = planwire.SessionContext().from_pydict({"a": [1, 2, 3]})
    result = expr.alias("r")
    answer = numbers.aggregate([], [result]) if kind == "aggregate" else numbers.select(result)
    return answer.to_pydict()["r"]


def _scalar(name: str, amount: int) -> planwire.ScalarUDF:
    def add(numbers: pa.Array) -> pa.Array:
        return pc.add(numbers, amount)

    return planwire.udf(add, [NUMBER], NUMBER, "immutable", name)


def _aggregate(name: str, amount: int) -> planwire.AggregateUDF:
    class Sum(planwire.Accumulator):
        def __init__(self) -> None:
            self.total = 0

        def update(self, *values: pa.Array) -> None:
            self.total += pc.sum(values[0]).as_py() or 0

        def merge(self, states: list[pa.Array]) -> None:
            self.update(states[0])

        def state(self) -> list[pa.Scalar]:
            return [pa.scalar(self.total)]

        def evaluate(self) -> pa.Scalar:
            return pa.scalar(self.total + amount)

    return planwire.udaf(Sum, [NUMBER], NUMBER, [NUMBER], "immutable", name)


def _window(name: str, amount: int) -> planwire.WindowUDF:
    class RunningSum(planwire.WindowEvaluator):
        def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
            return pc.add(pc.cumulative_sum(values[0]), amount)

    return planwire.udwf(RunningSum, [NUMBER], NUMBER, "immutable", name)


def gives(function: Callable[[], int], name: str = "gives") -> planwire.Expr:
    """A call of a function that answers for every row with what `function` returns."""

    def each(numbers: pa.Array) -> pa.Array:
        return pa.array([function()] * len(numbers), NUMBER)

    return planwire.udf(each, [NUMBER], NUMBER, "immutable", name)(planwire.col("a"))


def answer(expr: planwire.Expr) -> int:
    """What such a call answers in a session of its own."""
    rows = planwire.SessionContext().from_pydict({"a": [1]}).select(expr.alias("r"))
    (found,) = rows.to_pydict()["r"]
    assert isinstance(found, int)
    return found


def numbers(count: int = 50_000) -> np.ndarray[Any, Any]:
    return np.arange(count, dtype=np.int64)
