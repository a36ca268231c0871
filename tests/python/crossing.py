"""One end of a crossing: writes or reads an expression with one of two packages.

    python crossing.py {planwire,datafusion} write {scalar,aggregate,window} > message
    python crossing.py {planwire,datafusion} read {scalar,aggregate,window} < message

The other package cannot be imported here, so a message stands on its own. The classes have no base:
a base would be one package's own, and travel as a reference to it.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

NUMBER = pa.int64()


class Range:
    """The distance between the smallest and the greatest number; two states."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def update(self, values: pa.Array) -> None:
        self.merge([values, values])

    def merge(self, states: list[pa.Array]) -> None:
        self.numbers += [pc.min(states[0]).as_py(), pc.max(states[1]).as_py()]

    def state(self) -> list[pa.Scalar]:
        return [pa.scalar(min(self.numbers), NUMBER), pa.scalar(max(self.numbers), NUMBER)]

    def evaluate(self) -> pa.Scalar:
        return pa.scalar(max(self.numbers) - min(self.numbers), NUMBER)


class RunningSum:
    """The sum of the rows so far."""

    def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
        return pc.cumulative_sum(values[0])

    def memoize(self) -> None: ...

    def get_range(self, idx: int, num_rows: int) -> tuple[int, int]:
        return idx, idx + 1

    def is_causal(self) -> bool:
        return False

    def supports_bounded_execution(self) -> bool:
        return False

    def uses_window_frame(self) -> bool:
        return False

    def include_rank(self) -> bool:
        return False


def make(package: Any, kind: str) -> Any:
    """The function of a kind, made by a package."""
    factor = 3

    def times(numbers: pa.Array) -> pa.Array:
        return pc.multiply(numbers, factor)

    field = pa.field("number", NUMBER)
    match kind:
        case "scalar":
            return package.ScalarUDF("times", times, [field], field, "immutable")
        case "aggregate":
            return package.AggregateUDF("range", Range, [field], NUMBER, [NUMBER, NUMBER], "stable")
        case _:
            return package.WindowUDF("running", RunningSum, [NUMBER], NUMBER, "volatile")


def rows(package: Any, kind: str, expr: Any) -> Any:
    """Evaluates an expression."""
    numbers = package.SessionContext().from_pydict({"a": [1, 2, 5]})
    result = expr.alias("r")
    answer = numbers.aggregate([], [result]) if kind == "aggregate" else numbers.select(result)
    return answer.to_pydict()["r"]


def main(name: str, action: str, kind: str) -> None:
    """Writes or reads one message."""
    sys.modules[{"planwire": "datafusion", "datafusion": "planwire"}[name]] = None  # type: ignore[assignment]
    package = importlib.import_module(name)
    if action == "write":
        sys.stdout.buffer.write(make(package, kind)(package.col("a")).to_bytes())
    else:
        expr = package.Expr.from_bytes(sys.stdin.buffer.read())
        print(json.dumps(rows(package, kind, expr)))


if __name__ == "__main__":
    main(*sys.argv[1:])
