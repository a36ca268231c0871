"""A process that interrupts itself in the middle of a query that would never end.

Without an argument, it prints the ways to run the query.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import planwire
import pyarrow as pa

OUT = Path(tempfile.gettempdir())


async def _iterate(df: planwire.DataFrame) -> None:
    async for _ in df:
        pass


def _resume(_: planwire.DataFrame) -> None:
    """Goes on with a stream after the interrupt, and misses no row."""
    gate = threading.Event()

    def strike(values: pa.Array) -> pa.Array:
        if not gate.is_set():
            os.kill(os.getpid(), signal.SIGINT)
            gate.wait()
        return values

    function = planwire.udf(strike, [pa.int64()], pa.int64(), "volatile", "strike")
    ctx = planwire.SessionContext()
    df = ctx.from_pydict({"a": [1, 2]}).select(function(planwire.col("a")).alias("n"))
    stream = df.execute_stream()
    try:
        next(stream)
    except KeyboardInterrupt:
        gate.set()
        assert [batch.to_pyarrow().to_pydict() for batch in stream] == [{"n": [1, 2]}]
        raise


WAYS: dict[str, Callable[[planwire.DataFrame], Any]] = {
    "collect": lambda df: df.collect(),
    "collect_partitioned": lambda df: df.collect_partitioned(),
    "collect_column": lambda df: df.collect_column("value"),
    "count": lambda df: df.count(),
    "tail": lambda df: df.tail(),
    "cache": lambda df: df.cache(),
    "describe": lambda df: df.describe(),
    "show": lambda df: df.show(),
    "repr": repr,
    "html": lambda df: df._repr_html_(),
    "explain": lambda df: df.explain(analyze=True),
    "to_arrow_table": lambda df: df.to_arrow_table(),
    "to_pandas": lambda df: df.to_pandas(),
    "to_polars": lambda df: df.to_polars(),
    "to_pydict": lambda df: df.to_pydict(),
    "to_pylist": lambda df: df.to_pylist(),
    "write_csv": lambda df: df.write_csv(OUT / "interrupted.csv"),
    "write_json": lambda df: df.write_json(OUT / "interrupted.json"),
    "write_parquet": lambda df: df.write_parquet(OUT / "interrupted.parquet"),
    "stream": lambda df: next(df.execute_stream()),
    "partitioned-stream": lambda df: [list(stream) for stream in df.execute_stream_partitioned()],
    "for": list,
    "async-for": lambda df: asyncio.run(_iterate(df)),
    "capsule": pa.table,
    "resume": _resume,
}


def endless() -> planwire.DataFrame:
    """A query that looks for a row for ever, and interrupts this process as it begins."""
    struck = threading.Event()

    def strike(values: pa.Array) -> pa.Array:
        if not struck.is_set():
            struck.set()
            os.kill(os.getpid(), signal.SIGINT)
        return pa.repeat(False, len(values))

    function = planwire.udf(strike, [pa.int64()], pa.bool_(), "volatile", "strike")
    numbers = planwire.SessionContext().sql("SELECT value FROM generate_series(1, 1000000000000)")
    return numbers.filter(function(planwire.col("value")))


def main(way: str) -> None:
    """Says that the interrupt arrived, once the next query has run."""
    try:
        try:
            WAYS[way](endless())
        except pa.ArrowInvalid:
            # Only text passes through Arrow's streams; the interrupt itself comes a step later.
            for _ in range(1_000):
                pass
    except KeyboardInterrupt:
        assert planwire.SessionContext().sql("SELECT 1 AS n").to_pydict() == {"n": [1]}
        print("interrupted")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(*WAYS)
    else:
        main(sys.argv[1])
