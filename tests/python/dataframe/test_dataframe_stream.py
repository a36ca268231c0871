"""A query's batches come one by one, to threads and to asyncio, and stop when nobody wants them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import planwire
import pyarrow as pa
import pytest

from support import programs
from support.programs import giving_up

ROWS = 1_000
PATIENCE = 30
INTERRUPTED = programs.FOLDER / "interrupted.py"
LEFT_OPEN = programs.FOLDER / "left_open.py"


def numbers(function: Callable[[pa.Array], pa.Array], rows: int = ROWS) -> planwire.DataFrame:
    """A query that calls a function for each batch of ten numbers."""
    ctx = planwire.SessionContext()
    ctx.sql("SET datafusion.execution.batch_size = 10").collect()
    called = planwire.udf(function, [pa.int64()], pa.int64(), "volatile", "called")
    many = ctx.sql(f"SELECT value FROM generate_series(1, {rows})")
    return many.select(called(planwire.col("value")).alias("n"))


def same(values: pa.Array) -> pa.Array:
    return values


class Gate:
    """A function that waits at its first call until it is let on."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, values: pa.Array) -> pa.Array:
        self.reached.set()
        assert self.opened.wait(PATIENCE)
        return values


def fail(values: pa.Array) -> pa.Array:
    raise ZeroDivisionError(f"at {values[0]}")


def rows(batches: list[planwire.RecordBatch]) -> list[int]:
    return sorted(n for batch in batches for n in batch.to_pyarrow().column(0).to_pylist())


ALL = list(range(1, ROWS + 1))


def test_stream_has_every_row() -> None:
    stream = numbers(same).execute_stream()
    first = [next(stream), stream.next()]
    assert rows(first + list(stream)) == ALL
    with pytest.raises(StopIteration):
        stream.next()
    assert list(stream) == []


def test_partitions_stream_apart() -> None:
    df = numbers(same).repartition(3).filter("n > 0")
    streams = df.execute_stream_partitioned()
    assert len(streams) > 1
    assert rows([batch for stream in streams for batch in stream]) == ALL


def test_stream_ends_with_the_error_of_a_function() -> None:
    df = numbers(fail)
    stream = df.execute_stream()
    with pytest.raises(planwire.ExecutionError, match="at 1") as failed:
        next(stream)
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    assert list(stream) == []
    assert df.limit(0).to_pydict() == {"n": []}


def test_threads_share_a_stream() -> None:
    stream = numbers(same).execute_stream()
    batches: list[planwire.RecordBatch] = []
    readers = [threading.Thread(target=lambda: batches.extend(stream)) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(PATIENCE)
    assert rows(batches) == ALL


def test_dropped_stream_ends_its_query() -> None:
    class Function:
        def __call__(self, values: pa.Array) -> pa.Array:
            return values

    function, gone = Function(), threading.Event()
    weakref.finalize(function, gone.set)
    stream = numbers(function, rows=10**12).repartition(2).execute_stream()
    next(stream)
    del function
    assert not gone.is_set()
    del stream
    for _ in range(100 * PATIENCE):
        # What a thread without the interpreter lets go of is freed by the next call of any thread.
        planwire.col("a")
        if gone.wait(0.01):
            return
    pytest.fail("the query still has its function")


def test_forked_process_does_not_wait_for_threads_it_has_not() -> None:
    stream = numbers(same).execute_stream()
    next(stream)
    child = os.fork()
    if child == 0:
        try:
            next(stream)
        except RuntimeError as error:
            os._exit("forked" not in str(error))
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(rows(list(stream))) == ROWS - 10


async def collected(batches: Any) -> list[planwire.RecordBatch]:
    return [batch async for batch in batches]


def test_asyncio_gets_every_row() -> None:
    df = numbers(same)
    assert rows(asyncio.run(collected(df))) == ALL
    assert rows(asyncio.run(collected(df.execute_stream()))) == ALL


def test_asyncio_is_told_of_the_end_each_time() -> None:
    async def main() -> None:
        stream = numbers(same, rows=1).execute_stream()
        assert rows([await anext(stream)]) == [1]
        for _ in range(2):
            with pytest.raises(StopAsyncIteration):
                await anext(stream)

    asyncio.run(main())


def test_asyncio_gets_the_error_of_a_function() -> None:
    df = numbers(fail)
    with pytest.raises(planwire.ExecutionError) as failed:
        asyncio.run(collected(df))
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    assert rows(asyncio.run(collected(numbers(same)))) == ALL


def test_loop_goes_on_while_a_query_runs() -> None:
    gate = Gate()

    async def main() -> list[planwire.RecordBatch]:
        reading = asyncio.create_task(collected(numbers(gate)))
        await asyncio.sleep(0)
        gate.opened.set()
        return await reading

    assert rows(asyncio.run(main())) == ALL


def test_cancelled_wait_loses_no_rows() -> None:
    gate = Gate()

    async def main() -> list[planwire.RecordBatch]:
        stream = numbers(gate).execute_stream()
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.to_thread(gate.reached.wait, PATIENCE)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        gate.opened.set()
        return await collected(stream)

    assert rows(asyncio.run(main())) == ALL


class Failing(Gate):
    """A function that waits at its first call, and fails when it is let on."""

    def __call__(self, values: pa.Array) -> pa.Array:
        raise ZeroDivisionError(f"at {super().__call__(values)[0]}")


def test_cancelled_wait_loses_no_error() -> None:
    gate = Failing()
    function = planwire.udf(gate, [pa.int64()], pa.int64(), "volatile", "failing")
    # In one partition, so that the task that is cancelled is the one that runs the function.
    df = planwire.SessionContext().from_pydict({"a": [1]}).select(function(planwire.col("a")))

    async def main() -> list[planwire.RecordBatch]:
        stream = df.execute_stream()
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.to_thread(gate.reached.wait, PATIENCE)
        waiting.cancel()
        gate.opened.set()
        return await collected(stream)

    with pytest.raises(planwire.ExecutionError, match="at 1"):
        asyncio.run(main())


def test_queries_go_on_while_functions_block_more_threads_than_there_are() -> None:
    gates = [Gate() for _ in range(2 * (os.cpu_count() or 1))]
    readers = [threading.Thread(target=numbers(gate).collect) for gate in gates]
    for reader in readers:
        reader.start()
    for gate in gates:
        assert gate.reached.wait(PATIENCE)
    assert rows(asyncio.run(collected(numbers(same)))) == ALL
    assert not any(gate.opened.is_set() for gate in gates)
    for gate in gates:
        gate.opened.set()
    for reader in readers:
        reader.join(PATIENCE)


def test_waits_that_time_out_lose_no_rows() -> None:
    async def main() -> list[planwire.RecordBatch]:
        stream, batches = numbers(same).execute_stream(), []
        while True:
            try:
                batches.append(await asyncio.wait_for(anext(stream), 0.0002))
            except asyncio.TimeoutError:
                continue
            except StopAsyncIteration:
                return batches

    assert rows(asyncio.run(main())) == ALL


def test_tasks_share_a_stream() -> None:
    async def main() -> list[planwire.RecordBatch]:
        stream = numbers(same).execute_stream()
        parts = await asyncio.gather(*(collected(stream) for _ in range(3)))
        return [batch for part in parts for batch in part]

    assert rows(asyncio.run(main())) == ALL


def test_batch_is_asked_for_inside_a_loop() -> None:
    with pytest.raises(RuntimeError, match="loop"):
        numbers(same).execute_stream().__anext__()


def run(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def names(script: Path) -> list[str]:
    """What a script can be told to do."""
    return run(script).stdout.split()


@pytest.mark.parametrize("name", names(INTERRUPTED))
def test_interrupt_ends_the_wait(name: str) -> None:
    done = run(INTERRUPTED, name)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")


@pytest.mark.parametrize("name", names(LEFT_OPEN))
def test_process_ends_with_a_stream_open(name: str) -> None:
    done = run(LEFT_OPEN, name)
    assert (done.returncode, done.stdout, done.stderr) == (0, "open\n", "")


@pytest.mark.parametrize("partitions", giving_up.PARTITIONS)
@pytest.mark.parametrize("way", giving_up.WAYS)
def test_wait_that_is_given_up_ends_at_once_and_loses_no_rows(way: str, partitions: int) -> None:
    start = time.monotonic()
    giving_up.WAYS[way](partitions)
    assert time.monotonic() - start < giving_up.LATE
