"""One end of a crossing between two sessions of the datafusion wheel that have planwire's codecs.

    python -m support.programs.wheel write KIND LAYER numbers.csv > message
    python -m support.programs.wheel read KIND LAYER {inline,refuse} < message

A layer is `expression`, `logical` or `physical`. The writer has the function from planwire, and
hands it over by its capsule. The reader has never seen it, and says what came of the message: rows
or an error, and whether anything was unpickled.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datafusion
import planwire

from support import kinds
from support.audit import listening

QUERIES = {
    "scalar": "select crossing(a) as r from numbers",
    "aggregate": "select crossing(a) as r from numbers",
    "window": "select crossing(a) over (order by a) as r from numbers",
}


def session(mode: str) -> Any:
    """A session of the wheel that asks planwire's codecs."""
    ours = planwire.SessionContext().with_family("python", mode)
    return (
        datafusion.SessionContext()
        .with_logical_extension_codec(ours)
        .with_physical_extension_codec(ours)
    )


def take_over(kind: str, function: Any) -> Any:
    """Makes a function of the wheel's of one of planwire's."""
    name = {"scalar": "udf", "aggregate": "udaf", "window": "udwf"}[kind]
    return getattr(datafusion, name)(function)


def write(kind: str, layer: str, numbers: str) -> bytes:
    """Encodes a call of a function, alone or in a plan."""
    ctx = session("inline")
    function = take_over(kind, kinds.make(kind))
    if layer == "expression":
        return bytes(function(datafusion.col("a")).to_bytes(ctx))
    kinds.register(ctx, kind, function)
    ctx.register_csv("numbers", numbers)
    query = ctx.sql(QUERIES[kind])
    plan = query.logical_plan() if layer == "logical" else query.execution_plan()
    return bytes(plan.to_bytes(ctx))


def read(kind: str, layer: str, mode: str, message: bytes) -> dict[str, Any]:
    """Decodes a message and runs it."""
    ctx = session(mode)
    decoders: dict[str, Callable[[], Any]] = {
        "expression": lambda: datafusion.Expr.from_bytes(message, ctx),
        "logical": lambda: datafusion.LogicalPlan.from_bytes(ctx, message),
        "physical": lambda: datafusion.ExecutionPlan.from_bytes(ctx, message),
    }
    answer: dict[str, Any] = {}
    with listening() as events:
        try:
            decoded = decoders[layer]()
        except Exception as error:
            answer["error"] = str(error)
    answer["unpickled"] = "pickle.find_class" in events
    if "error" not in answer:
        answer["rows"] = rows(ctx, kind, layer, decoded)
    return answer


def rows(ctx: Any, kind: str, layer: str, decoded: Any) -> list[Any]:
    """Runs what was decoded; an expression, over the numbers one to three."""
    if layer == "physical":
        parts = [ctx.execute(decoded, part) for part in range(decoded.partition_count)]
        batches = [batch.to_pyarrow() for part in parts for batch in part]
        return [row for batch in batches for row in batch.to_pydict()["r"]]
    if layer == "logical":
        answer = ctx.create_dataframe_from_logical_plan(decoded)
    else:
        numbers, result = ctx.from_pydict({"a": [1, 2, 3]}), decoded.alias("r")
        answer = numbers.aggregate([], [result]) if kind == "aggregate" else numbers.select(result)
    return list(answer.to_pydict()["r"])


def main(action: str, kind: str, layer: str, last: str) -> None:
    """Writes or reads one message."""
    if action == "write":
        sys.stdout.buffer.write(write(kind, layer, str(Path(last).resolve())))
    else:
        print(json.dumps(read(kind, layer, last, sys.stdin.buffer.read())))


if __name__ == "__main__":
    main(*sys.argv[1:])
