"""Functions of one name are told apart by what they run, wherever they stand in a query."""

from __future__ import annotations

from typing import Any

import planwire
import pytest
from planwire import col, lit

from support import kinds

NUMBERS = {"a": [1, 2, 3], "k": [0, 0, 1]}


def pair(kind: str) -> tuple[Any, Any]:
    """Two functions of one name; the second adds ten more."""
    return kinds.make(kind, "same", 10), kinds.make(kind, "same", 20)


def scalars() -> tuple[Any, Any]:
    """Calls of two scalar functions of one name."""
    one, other = pair("scalar")
    return one(col("a")), other(col("a"))


def frame() -> planwire.DataFrame:
    """The numbers, a table of their own."""
    return planwire.SessionContext().from_pydict(NUMBERS)


def rows(answer: planwire.DataFrame) -> list[tuple[Any, ...]]:
    """The rows, sorted."""
    return sorted(zip(*answer.to_pydict().values(), strict=True))


@pytest.mark.parametrize("kind", kinds.KINDS)
@pytest.mark.parametrize("over", [False, True])
def test_two_columns_of_same_named_functions(kind: str, over: bool) -> None:
    one, other = (function(col("a")) for function in pair(kind))
    if over and kind != "scalar":
        one, other = (call.over(partition_by="k") for call in (one, other))
    exprs = [one.alias("x"), other.alias("y")]
    if kind == "aggregate" and not over:
        answer = frame().aggregate([], exprs).to_pydict()
    else:
        answer = frame().select(*exprs).to_pydict()
    assert [first + 10 for first in answer["x"]] == answer["y"]


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_one_expression_of_same_named_functions(kind: str) -> None:
    one, other = (function(col("a")) for function in pair(kind))
    difference = (other - one).alias("r")
    if kind == "aggregate":
        assert rows(frame().aggregate("k", difference)) == [(0, 10), (1, 10)]
        assert rows(frame().aggregate([], difference)) == [(10,)]
    else:
        assert rows(frame().select(difference)) == [(10,)] * 3
        added = frame().with_column("r", difference)
        assert added.to_pydict() == {**NUMBERS, "r": [10] * 3}


def test_same_named_functions_inside_windows_and_aggregates() -> None:
    one, other = scalars()
    running, total = kinds.make("window", amount=0), kinds.make("aggregate", amount=0)
    windows = frame().select(running(one).alias("x"), running(other).alias("y"))
    assert windows.to_pydict() == {"x": [11, 23, 36], "y": [21, 43, 66]}
    sums = frame().aggregate([], [total(one).alias("x"), total(other).alias("y")])
    assert rows(sums) == [(36, 66)]
    by_keys = [
        total(col("a")).over(partition_by=key).alias(name)
        for key, name in ((one % 2, "x"), (other % lit(3), "y"))
    ]
    assert frame().select(*by_keys).to_pydict() == {"x": [4, 2, 4], "y": [1, 2, 3]}


def test_same_named_functions_as_groups_filters_and_order() -> None:
    one, other = scalars()
    groups = frame().aggregate([one.alias("g"), other.alias("h")], [])
    assert rows(groups) == [(11, 21), (12, 22), (13, 23)]
    assert rows(frame().filter(one > 11).filter(other > 22)) == [(3, 1)]
    assert frame().sort(-one, other).to_pydict()["a"] == [3, 2, 1]


def test_order_by_a_function_of_the_name_of_a_selected_one() -> None:
    one, other = scalars()
    assert frame().select(one.alias("x"), col("a")).sort(-other).to_pydict()["x"] == [13, 12, 11]


@pytest.mark.inline
def test_decoded_functions_of_one_name_are_told_apart_too() -> None:
    one, other = (function(col("a")) for function in pair("window"))
    expr = planwire.Expr.from_bytes((other - one).to_bytes()).alias("r")
    assert rows(frame().select(expr)) == [(10,)] * 3


def test_one_function_is_computed_once_however_often_it_is_called() -> None:
    one, _ = pair("window")
    answer = frame().select(one(col("a")).alias("x"), one(col("a")).alias("y"))
    assert answer.to_pydict() == {"x": [11, 13, 16], "y": [11, 13, 16]}
