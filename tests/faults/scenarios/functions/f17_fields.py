"""F17: What a function declares of its fields is lost."""

from __future__ import annotations

import pickle
from typing import Any

import pyarrow as pa

import functions
import message
from scenario import Seen, broken, kept, run

ARGUMENT = pa.field("a", functions.NUMBER, metadata={"unit": "m"})
RESULT = pa.field("r", functions.NUMBER, nullable=False, metadata={"unit": "km"})


def fields(package: Any, kind: str) -> Seen:
    """Compares what comes back with what was declared."""
    function = functions.make(package, kind, field=ARGUMENT, result=RESULT)
    again = package.Expr.from_bytes(function(package.col("a")).to_bytes())
    table = functions.numbers(package)
    named = again.alias("r")
    frame = table.aggregate([], [named]) if kind == "aggregate" else table.select(named)
    result = frame.schema().field("r")
    # What a receiver sends on is what it knows.
    arguments = pickle.loads(message.frame(again.to_bytes())[message.MINOR + 1 :])[2]
    (argument,) = pa.ipc.open_stream(arguments).schema
    lost = [
        *(["nullability of the result"] if result.nullable != RESULT.nullable else []),
        *(["metadata of the result"] if result.metadata != RESULT.metadata else []),
        *(["metadata of the argument"] if argument.metadata != ARGUMENT.metadata else []),
    ]
    return broken(f"lost: {', '.join(lost)}") if lost else kept("all there")


def scalar(package: Any) -> Seen:
    """A scalar function."""
    return fields(package, "scalar")


def aggregate(package: Any) -> Seen:
    """An aggregate function."""
    return fields(package, "aggregate")


def window(package: Any) -> Seen:
    """A window function."""
    return fields(package, "window")


if __name__ == "__main__":
    run(scalar, aggregate, window)
