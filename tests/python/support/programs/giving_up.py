"""Waits for a stream that are given up while a function of it blocks.

By hand, each way so many times with all cores busy: `python -m support.programs.giving_up 200`
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
import weakref
from collections.abc import Callable

import planwire
import pyarrow as pa

from support.programs.busy import busy

ROWS = 100
# How long a function blocks if nobody lets it on, and how late the end of a wait may be.
BLOCKED, LATE = 30, 15


class Gate:
    """A function that waits at its first call until it is let on."""

    def __init__(self, on_first_call: Callable[[], None]) -> None:
        self.on_first_call = on_first_call
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, values: pa.Array) -> pa.Array:
        if not self.reached.is_set():
            self.reached.set()
            self.on_first_call()
        assert self.opened.wait(BLOCKED)
        return values

    def stream(self, partitions: int) -> planwire.RecordBatchStream:
        """The batches of a query that calls this for ten numbers at a time."""
        ctx = planwire.SessionContext()
        ctx.sql("SET datafusion.execution.batch_size = 10").collect()
        called = planwire.udf(self, [pa.int64()], pa.int64(), "volatile", "called")
        numbers = ctx.sql(f"SELECT value FROM generate_series(1, {ROWS})").repartition(partitions)
        return numbers.select(called(planwire.col("value"))).execute_stream()


def rows(batches: list[planwire.RecordBatch]) -> list[int]:
    return sorted(n for batch in batches for n in batch.to_pyarrow().column(0).to_pylist())


ALL = list(range(1, ROWS + 1))


def nothing() -> None:
    pass


async def _rest(gate: Gate, stream: planwire.RecordBatchStream) -> None:
    gate.opened.set()
    assert rows([batch async for batch in stream]) == ALL


def cancelled(partitions: int) -> None:
    """Cancels an await."""

    async def main() -> None:
        gate = Gate(nothing)
        stream = gate.stream(partitions)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.to_thread(gate.reached.wait, BLOCKED)
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            return await _rest(gate, stream)
        raise AssertionError("not cancelled")

    asyncio.run(main())


def timed_out(partitions: int) -> None:
    """Lets an await time out."""

    async def main() -> None:
        gate = Gate(nothing)
        stream = gate.stream(partitions)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.to_thread(gate.reached.wait, BLOCKED)
        try:
            await asyncio.wait_for(waiting, 0)
        except asyncio.TimeoutError:
            return await _rest(gate, stream)
        raise AssertionError("not timed out")

    asyncio.run(main())


def interrupted(partitions: int) -> None:
    """Presses Ctrl-C, whether in the wait or before it."""
    # A shell has the programs that it starts in the background ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gate = Gate(lambda: os.kill(os.getpid(), signal.SIGINT))
    stream = None
    try:
        stream = gate.stream(partitions)
        next(stream)
    except KeyboardInterrupt:
        gate.opened.set()
        assert stream is None or rows(list(stream)) == ALL
        return
    raise AssertionError("not interrupted")


def dropped(partitions: int) -> None:
    """Drops a stream, whose query lets go of the function as soon as that lets go of it."""
    gate, gone = Gate(nothing), threading.Event()
    weakref.finalize(gate, gone.set)
    stream = gate.stream(partitions)
    reader = threading.Thread(target=asyncio.run, args=(_begun(stream, gate),))
    reader.start()
    reader.join()
    gate.opened.set()
    del stream, gate, reader
    end = time.monotonic() + LATE
    while not gone.wait(0.01):
        # What a thread without the interpreter lets go of is freed by the next call of any thread.
        planwire.col("a")
        assert time.monotonic() < end, "the query still has its function"


async def _begun(stream: planwire.RecordBatchStream, gate: Gate) -> None:
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.to_thread(gate.reached.wait, BLOCKED)
    waiting.cancel()


WAYS = {way.__name__: way for way in (cancelled, timed_out, interrupted, dropped)}
PARTITIONS = (1, 3)


def main(times: int) -> None:
    """Prints how often each way ended as it should, and how late at worst."""
    with busy():
        for name, give_up in WAYS.items():
            failures, worst = 0, 0.0
            for turn in range(times):
                start = time.monotonic()
                try:
                    give_up(PARTITIONS[turn % len(PARTITIONS)])
                except Exception as failure:
                    failures += 1
                    print(name, turn, repr(failure)[:200], flush=True)
                took = time.monotonic() - start
                failures += took > LATE
                worst = max(worst, took)
            print(f"{name}: {times - failures} of {times}, {worst:.1f} s at worst", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
