"""A process that ends while a function written in Python is in the middle of a long call.

By hand, every pair of an end and a function that the tests try, so many times with all cores busy:
`python -m support.programs.ending 100`
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import FrameType

import planwire
import pyarrow as pa

from support import TESTS
from support.programs.busy import busy

reached = threading.Event()
on_first_call: Callable[[], None] = reached.set


def interrupt() -> None:
    """Presses Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


def computes() -> None:
    """Computes in Python."""
    while True:
        pass


def computes_in_c() -> None:
    """Computes in C, and holds the interpreter meanwhile."""
    while True:
        sum(range(3_000_000))


def waits_in_c() -> None:
    """Waits in C, without the interpreter, until the process is gone."""
    time.sleep(3_600)


def naps() -> None:
    """Takes the interpreter and lets it go all the time, and does not let itself be interrupted."""
    while True:
        with suppress(BaseException):
            while True:
                time.sleep(0.000_1)


def refuses() -> None:
    """Computes, and does not let itself be interrupted."""
    while True:
        with suppress(BaseException):
            computes()


def asks() -> None:
    """Waits for a query that calls a function that computes."""
    frame(computes).to_pydict()


def frame(function: Callable[[], None]) -> planwire.DataFrame:
    """A query that calls the function, and never ends."""

    def called(values: pa.Array) -> pa.Array:
        on_first_call()
        function()
        return values

    udf = planwire.udf(called, [pa.int64()], pa.int64(), "volatile", "called")
    return planwire.SessionContext().from_pydict({"a": [1, 2]}).select(udf(planwire.col("a")))


class Sum(planwire.Accumulator):
    """An accumulator that calls the function."""

    function: Callable[[], None]

    def state(self) -> list[pa.Scalar]:
        return [pa.scalar(0)]

    def update(self, _: pa.Array) -> None:
        on_first_call()
        type(self).function()

    def merge(self, _: list[pa.Array]) -> None:
        pass

    def evaluate(self) -> pa.Scalar:
        return pa.scalar(0)


def handled(function: Callable[[], None]) -> None:
    """Ctrl-C, which the program handles."""
    try:
        frame(function).to_pydict()
    except KeyboardInterrupt:
        print("handled")


def unhandled(function: Callable[[], None]) -> None:
    """Ctrl-C, which the program does not handle."""
    frame(function).to_pydict()


def handler(function: Callable[[], None]) -> None:
    """A signal whose handler ends the program."""

    def leave(_: int, __: FrameType | None) -> None:
        print("leaving")
        sys.exit(3)

    signal.signal(signal.SIGINT, leave)
    frame(function).to_pydict()


def aggregate(function: Callable[[], None]) -> None:
    """Ctrl-C in an aggregate function, after which the program fails."""
    Sum.function = staticmethod(function)
    total = planwire.udaf(Sum, [pa.int64()], pa.int64(), [pa.int64()], "volatile", "total")
    df = planwire.SessionContext().from_pydict({"a": [1, 2]})
    try:
        df.aggregate([], [total(planwire.col("a"))]).to_pydict()
    except KeyboardInterrupt:
        sys.exit("failed")


def daemon(function: Callable[[], None]) -> None:
    """A query in a daemon thread, for which nobody waits."""
    threading.Thread(target=frame(function).to_pydict, daemon=True).start()
    reached.wait()


def planned(function: Callable[[], None]) -> None:
    """A daemon thread in which the function runs itself, because its argument is constant."""

    def called(values: pa.Array) -> pa.Array:
        reached.set()
        function()
        return values

    udf = planwire.udf(called, [pa.int64()], pa.int64(), "immutable", "called")
    df = planwire.SessionContext().sql("SELECT 1 AS n").select(udf(planwire.lit(1)))
    threading.Thread(target=df.execution_plan, daemon=True).start()
    reached.wait()


def cancelled(function: Callable[[], None]) -> None:
    """A task that is cancelled."""

    async def main() -> None:
        waiting = asyncio.ensure_future(anext(frame(function).execute_stream()))
        await asyncio.to_thread(reached.wait)
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            print("cancelled")

    asyncio.run(main())


def timed_out(function: Callable[[], None]) -> None:
    """A wait that times out."""

    async def main() -> None:
        waiting = asyncio.ensure_future(anext(frame(function).execute_stream()))
        await asyncio.to_thread(reached.wait)
        try:
            await asyncio.wait_for(waiting, 0)
        except asyncio.TimeoutError:
            print("timed out")

    asyncio.run(main())


def dropped(function: Callable[[], None]) -> None:
    """A stream that is dropped while its function runs."""
    stream = frame(function).execute_stream()
    try:
        next(stream)
    except KeyboardInterrupt:
        del stream
        print("dropped")


INTERRUPTED = (handled, unhandled, handler, aggregate, dropped)
ENDS = {end.__name__: end for end in (*INTERRUPTED, daemon, planned, cancelled, timed_out)}
FUNCTIONS = {f.__name__: f for f in (computes, computes_in_c, waits_in_c, naps, refuses, asks)}

# How each end of the program ends the process: exit code, output, and the end of its errors.
EXPECTED = {
    "handled": (0, "handled\n", ""),
    "unhandled": (-signal.SIGINT, "", "KeyboardInterrupt\n"),
    "handler": (3, "leaving\n", ""),
    "aggregate": (1, "", "failed\n"),
    "daemon": (0, "", ""),
    "planned": (0, "", ""),
    "cancelled": (0, "cancelled\n", ""),
    "timed_out": (0, "timed out\n", ""),
    "dropped": (0, "dropped\n", ""),
}


# Every end, and every function.
PAIRS = [(end, "computes") for end in ENDS] + [("handled", f) for f in FUNCTIONS if f != "computes"]


def ended(end: str, function: str) -> str:
    """How a process ended that it should not have; nothing if it ended as its program does."""
    command = [sys.executable, "-m", "support.programs.ending", end, function]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=TESTS
    )
    code, printed, last = EXPECTED[end]
    errors_fit = done.stderr.endswith(last) if last else not done.stderr
    as_expected = (done.returncode, done.stdout) == (code, printed) and errors_fit
    return "" if as_expected else f"{done.returncode} {done.stdout!r} {done.stderr!r}"


def repeat(times: int) -> None:
    """Prints how often each pair ended as it should."""
    with busy(), ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        for pair in PAIRS:
            found = pool.map(ended, [pair[0]] * times, [pair[1]] * times)
            failures = [failure for failure in found if failure]
            print(*pair, f"{times - len(failures)} of {times}", *failures[:3], flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        repeat(int(sys.argv[1]))
    else:
        # A shell has the programs that it starts in the background ignore it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        end = ENDS[sys.argv[1]]
        if end in INTERRUPTED:
            on_first_call = interrupt
        end(FUNCTIONS[sys.argv[2]])
