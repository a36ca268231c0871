"""One end of a crossing: writes or reads an expression or a plan with one of two packages.

    python crossing.py {planwire,datafusion} write KIND LAYER > message
    python crossing.py {planwire,datafusion} read KIND LAYER < message

The kind of function is `scalar`, `aggregate` or `window`, and the layer `expression`, `logical` or
`physical`.

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


def query(package: Any, kind: str, expr: Any) -> Any:
    """The query of an expression, over rows that stand in the plan itself."""
    numbers = package.SessionContext().sql("SELECT a FROM (VALUES (1), (2), (5)) AS t(a)")
    result = expr.alias("r")
    return numbers.aggregate([], [result]) if kind == "aggregate" else numbers.select(result)


def write(package: Any, kind: str, layer: str) -> Any:
    """Encodes a call of a function."""
    expr = make(package, kind)(package.col("a"))
    if layer == "expression":
        return expr.to_bytes()
    frame = query(package, kind, expr)
    plan = frame.logical_plan() if layer == "logical" else frame.execution_plan()
    return plan.to_bytes(package.SessionContext())


def read(package: Any, kind: str, layer: str, message: bytes) -> Any:
    """Decodes a call of a function and runs it."""
    ctx = package.SessionContext()
    if layer == "expression":
        frame = query(package, kind, package.Expr.from_bytes(message))
    elif layer == "logical":
        plan = package.LogicalPlan.from_bytes(ctx, message)
        frame = ctx.create_dataframe_from_logical_plan(plan)
    else:
        plan = package.ExecutionPlan.from_bytes(ctx, message)
        batches = [batch.to_pyarrow() for batch in ctx.execute(plan, 0)]
        return pa.Table.from_batches(batches)["r"].to_pylist()
    return frame.to_pydict()["r"]


def main(name: str, action: str, kind: str, layer: str) -> None:
    """Writes or reads one message."""
    sys.modules[{"planwire": "datafusion", "datafusion": "planwire"}[name]] = None  # type: ignore[assignment]
    package = importlib.import_module(name)
    if action == "write":
        sys.stdout.buffer.write(write(package, kind, layer))
    else:
        print(json.dumps(read(package, kind, layer, sys.stdin.buffer.read())))


if __name__ == "__main__":
    main(*sys.argv[1:])
