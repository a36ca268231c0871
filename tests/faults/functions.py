"""Functions of each kind, made by either package, and what they give.

The classes have no base: one would be a package's own.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

NUMBER = pa.int64()
KINDS = ("scalar", "aggregate", "window")


def make(
    package: Any,
    kind: str,
    amount: int = 10,
    name: str = "f",
    field: Any = NUMBER,
    result: Any = NUMBER,
) -> Any:
    """Makes a function that adds `amount` to what its kind computes."""
    if kind == "scalar":
        return package.udf(
            lambda numbers: pc.add(numbers, amount), [field], result, "immutable", name
        )

    class Sum:
        def __init__(self) -> None:
            self.total = 0

        def update(self, values: pa.Array) -> None:
            self.total += pc.sum(values).as_py() or 0

        def merge(self, states: list[pa.Array]) -> None:
            self.update(states[0])

        def state(self) -> list[pa.Scalar]:
            return [pa.scalar(self.total)]

        def evaluate(self) -> pa.Scalar:
            return pa.scalar(self.total + amount)

    class RunningSum(package.user_defined.WindowEvaluator):  # type: ignore[misc]
        def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
            return pc.add(pc.cumulative_sum(values[0]), amount)

    if kind == "aggregate":
        return package.AggregateUDF(name, Sum, [field], result, [NUMBER], "immutable")
    return package.WindowUDF(name, RunningSum, [field], result, "immutable")


def call(package: Any, kind: str, amount: int = 10, name: str = "f") -> Any:
    """A call of such a function, of the one column there is."""
    return make(package, kind, amount, name)(package.col("a"))


def numbers(package: Any) -> Any:
    """The one column: one and two."""
    return package.SessionContext().from_pydict({"a": [1, 2]})


def rows(package: Any, kind: str, *exprs: Any) -> list[list[int]]:
    """What expressions give, column by column."""
    named = [expr.alias(f"r{at}") for at, expr in enumerate(exprs)]
    table = numbers(package)
    answer = table.aggregate([], named) if kind == "aggregate" else table.select(*named)
    return list(answer.to_pydict().values())


def strict(package: Any) -> Any:
    """A session that takes no code from outside."""
    return package.SessionContext().with_python_udf_inlining(enabled=False)
