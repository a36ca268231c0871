"""A process that ends with the stream of an endless query open.

Without an argument, it prints the ways to leave one open.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import Any

import planwire
import pyarrow as pa

kept: list[Any] = []


def endless() -> planwire.DataFrame:
    """A query with rows without end, each through a function written in Python."""
    function = planwire.udf(lambda a: a, [pa.int64()], pa.int64(), "volatile", "same")
    numbers = planwire.SessionContext().sql("SELECT value FROM generate_series(1, 1000000000000)")
    return numbers.select(function(planwire.col("value"))).repartition(3)


def fresh() -> None:
    """Keeps a stream that has not been asked yet."""
    kept.append(endless().execute_stream())


def begun() -> None:
    """Keeps a stream and its first batch."""
    stream = endless().execute_stream()
    kept.extend([stream, next(stream)])


def partitioned() -> None:
    """Keeps the streams of all partitions."""
    streams = endless().execute_stream_partitioned()
    kept.extend([streams, next(streams[0])])


def capsule() -> None:
    """Keeps a reader of another library."""
    reader = pa.RecordBatchReader.from_stream(endless())
    kept.extend([reader, reader.read_next_batch()])


def unread() -> None:
    """Keeps a capsule that nobody took."""
    kept.append(endless().__arrow_c_stream__())


def awaited() -> None:
    """Ends the loop while a batch is on its way."""

    async def main() -> None:
        stream = endless().execute_stream()
        kept.extend([stream, await anext(stream), stream.__anext__()])

    asyncio.run(main())


def thread() -> None:
    """Leaves a daemon thread reading."""
    stream, reading = endless().execute_stream(), threading.Event()

    def read() -> None:
        for _ in stream:
            reading.set()

    threading.Thread(target=read, daemon=True).start()
    reading.wait()


WAYS = {way.__name__: way for way in (fresh, begun, partitioned, capsule, unread, awaited, thread)}


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(*WAYS)
    else:
        WAYS[sys.argv[1]]()
        print("open")
