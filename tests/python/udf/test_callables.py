"""A definition takes callables of every form that can be called with columns."""

from __future__ import annotations

import functools
from typing import Any

import planwire
import pyarrow as pa
import pytest
from planwire import Accumulator, SessionContext, col, udaf, udf

INT = pa.int64()


def rows(expression: planwire.Expr) -> list[Any]:
    frame = SessionContext().from_pydict({"a": [2, 4]})
    return frame.select(expression.alias("r")).to_pydict()["r"]


def scaled(values: float, by: int = 2, *, plus: int = 0, **others: int) -> float:
    return values * by + plus


def shifted(values: float, by: int, *, plus: int) -> float:
    return values


def test_columns_are_the_parameters_passed_by_position() -> None:
    assert rows(udf(lambda a: a, INT, INT, "volatile")(col("a"))) == [2, 4]
    for function, columns in (
        (scaled, 1),
        (functools.partial(shifted, plus=1), 2),
        (functools.partial(shifted, by=1, plus=1), 1),
    ):
        made = udf(function, volatility="volatile", name="f")
        with pytest.raises(TypeError, match=f"takes {columns} argument"):
            made()
    with pytest.raises(TypeError, match="shifted needs plus by keyword"):
        udf(shifted, volatility="volatile")


def test_only_the_methods_of_the_protocol_have_to_be_finished() -> None:
    class Iterable(Accumulator):
        total = 0

        def update(self, *values: pa.Array) -> None:
            self.total += sum(values[0].to_pylist())

        def merge(self, states: list[pa.Array]) -> None:
            self.update(states[0])

        def state(self) -> list[Any]:
            return [self.total]

        def evaluate(self) -> int:
            return self.total

        def __iter__(self) -> Any:
            yield self.total

        async def closed(self) -> None: ...

    made = udaf(Iterable, INT, INT, [INT], "immutable", "iterable")
    frame = SessionContext().from_pydict({"a": [2, 4]})
    assert frame.aggregate([], made(col("a")).alias("r")).to_pydict() == {"r": [6]}


def test_properties_that_raise_do_not_keep_a_function_from_its_definition() -> None:
    class Raising:
        def __call__(self, values: pa.Array) -> pa.Array:
            return values

        def raises(self) -> Any:
            raise ValueError("not now")

        __name__ = __doc__ = __code__ = property(raises)

    function = udf(Raising(), INT, INT, "volatile")
    assert function.__name__
    assert "Call it with expressions" in (function.__doc__ or "")
    assert rows(udf(Raising(), INT, INT, "volatile", "f")(col("a"))) == [2, 4]
