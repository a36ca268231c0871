"""A call of a function over the same rows comes to the same in planwire and in the wheel."""

from __future__ import annotations

import inspect
import math
import re
from typing import Any

import datafusion
import planwire
import pytest

from support import calls
from support.calls import of_lists, of_rows


def frame(package: Any) -> Any:
    return package.SessionContext().from_pydict(calls.DATA)


def expression(package: Any, call: str) -> Any:
    names = {"f": package.functions, "col": package.col, "lit": package.lit, "e": package.expr}
    return eval(call, names).alias("r")


def comparable(value: Any) -> Any:
    """Floats rounded, since the two are built for different processors, and nan equal to itself."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else round(value, 9)
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return value


@pytest.mark.parametrize(
    "call",
    calls.lines(
        calls.MATH,
        calls.TEXT,
        calls.TIME,
        of_lists.LISTS,
        of_lists.LAMBDAS,
        calls.OTHER,
    ),
)
def test_scalar_function_comes_to_the_same(call: str) -> None:
    ours, theirs = (
        comparable(frame(package).select(expression(package, call)).to_pydict()["r"])
        for package in (planwire, datafusion)
    )
    assert ours == theirs


@pytest.mark.parametrize("call", calls.lines(of_rows.AGGREGATES))
def test_aggregate_function_comes_to_the_same(call: str) -> None:
    ours, theirs = (
        [
            comparable(frame(package).aggregate(group, [expression(package, call)]).to_pydict())
            for group in ([], [package.col("k")])
        ]
        for package in (planwire, datafusion)
    )
    for mine, other in zip(ours, theirs, strict=True):
        assert by_group(mine) == by_group(other)


def by_group(columns: dict[str, list[Any]]) -> list[tuple[Any, Any]]:
    keys = columns.get("k", [""])
    return sorted(zip(keys, comparable(columns["r"]), strict=True), key=lambda row: str(row[0]))


@pytest.mark.parametrize("call", calls.lines(of_rows.WINDOWS))
def test_window_function_comes_to_the_same(call: str) -> None:
    ours, theirs = (
        frame(package)
        .select(package.col("y"), expression(package, call))
        .sort(package.col("y").sort())
        .to_pydict()
        for package in (planwire, datafusion)
    )
    assert ours == theirs


# What depends on the clock, on chance, on the release or on a file has no rows to compare.
UNREPEATABLE = {
    "current_date",
    "current_time",
    "current_timestamp",
    "file_row_index",
    "input_file_name",
    "now",
    "rand",
    "random",
    "today",
    "uuid",
    "version",
}
# Expressions of a union or of a grouping set are compared in no table; their names are.
ELSEWHERE = {"grouping", "union_extract", "union_tag"}


def test_tables_leave_no_function_out() -> None:
    modules = (calls, of_lists, of_rows)
    tables = [table for module in modules for table in vars(module).values()]
    every = "\n".join(table for table in tables if isinstance(table, str))
    called = set(re.findall(r"f\.(\w+)\(", every))
    names = {
        n
        for n in datafusion.functions.__all__
        if inspect.isfunction(getattr(datafusion.functions, n))
    }
    spelled_twice = {
        n for n in names if n.startswith("list_") and n.replace("list_", "array_") in called
    }
    assert names - called - spelled_twice - UNREPEATABLE - ELSEWHERE == set()
