"""Run queries with Python functions on a cluster of this machine, and check what becomes of them.

A scheduler and three executors start as processes of their own. A query over TPC-H `lineitem` calls
a scalar, an aggregate and a window function; its rows are compared with those of built-in SQL in
one process. A second cluster, whose executor takes no code from outside, refuses the same query. At
last one of the three executors is killed while it runs a function, and the rows are compared again.

Run it with `cargo xtask demo --cluster`; the file reads from top to bottom.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import lineitem
from lineitem import COLUMNS, NUMBER, PRICE, Row

import planwire
from planwire import SessionContext, col, udf
from planwire import functions as f

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

EXECUTORS = 3

# How many of the files of `lineitem` the queries read.
FILES = 3

# Seconds after which the scheduler takes an executor for lost of which it hears nothing.
TIMEOUT = 6

# Seconds that something may take that is about to happen.
PATIENCE = 60

RATES = {"A": 0.02, "N": 0.005, "R": 0.1}

Process = subprocess.Popen[str]

# All processes of the clusters.
started: list[Process] = []

# What was not as it should be.
wrong: list[str] = []

# ---------------------------------------------------------------------------------------------
# The processes: the commands `planwire scheduler` and `planwire executor`.
# ---------------------------------------------------------------------------------------------


@contextmanager
def cluster(executors: int, **environment: str) -> Iterator[tuple[SessionContext, list[Process]]]:
    """A session of a cluster, and the processes of its executors, which have an environment."""
    end = "--until-stdin-closes"
    scheduler = start("scheduler", "--port", "0", "--executor-timeout", str(TIMEOUT), end)
    processes = [scheduler]
    try:
        assert scheduler.stdout is not None
        address = scheduler.stdout.readline().split()[-1]
        for _ in range(executors):
            processes.append(start("executor", address, "--vcores", "1", end, **environment))
        yield SessionContext.cluster(address), processes[1:]
    finally:
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in processes:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                say(False, f"process {process.pid} did not end, and was killed")


def start(*arguments: str, **environment: str) -> Process:
    """Starts a command of planwire, which ends when its standard input does."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("PLANWIRE_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "planwire", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=own | environment,
    )
    started.append(process)
    return process


# ---------------------------------------------------------------------------------------------
# The queries.
# ---------------------------------------------------------------------------------------------


def by_flag(ctx: SessionContext, directory: str) -> dict[str, Row]:
    """The answer by functions of all three kinds, by return flag."""
    lines = ctx.read_parquet(directory).with_column("days", lineitem.days_since_last())
    answer = lines.aggregate(
        [col("l_returnflag")],
        [
            f.count(col("l_orderkey")).alias("lines"),
            f.sum(lineitem.fee(RATES)).alias("fee"),
            lineitem.mean_discount().alias("discount"),
            f.sum(col("days")).alias("days"),
        ],
    )
    return {row.pop("l_returnflag"): row for row in answer.to_arrow_table().to_pylist()}


def total(ctx: SessionContext, directory: str, folder: Path) -> float:
    """The sum of all prices, by a function that takes its time and says in which process it is."""

    @udf([NUMBER], NUMBER, "volatile")
    def slowly(prices: pa.Array) -> pa.Array:
        (folder / str(os.getpid())).touch()
        time.sleep(0.2)
        return prices

    answer = ctx.read_parquet(directory).aggregate([], [f.sum(slowly(PRICE)).alias("total")])
    sums: list[float] = answer.to_pydict()["total"]
    return sums[0]


# ---------------------------------------------------------------------------------------------
# The run.
# ---------------------------------------------------------------------------------------------


def say(is_right: bool, text: str) -> None:
    """Prints a line, and remembers it if it says what should not be."""
    print(f"  {'ok   ' if is_right else 'WRONG'} {text}", flush=True)
    if not is_right:
        wrong.append(text)


def compare(ctx: SessionContext, directory: str) -> None:
    """Runs the query on the cluster and in this process."""
    begin = time.perf_counter()
    ours, theirs = by_flag(ctx, directory), lineitem.by_sql(Path(directory), RATES)
    seconds = time.perf_counter() - begin
    for flag, row in sorted(ours.items()):
        lines, fees, discount, days = (row[column] for column in COLUMNS)
        print(f"        {flag}: {lines:,} lines, {fees:,.2f} fees, {discount:.9f}, {days:,} days")
    say(
        lineitem.same(ours, theirs),
        f"compared with built-in SQL in one process, both in {seconds:.1f} s",
    )


def see_refused(ctx: SessionContext, directory: str) -> None:
    """Sends the query to executors that take no code from outside."""
    say(ctx.sql("select 1 as a").to_pydict() == {"a": [1]}, "it runs a query without functions")
    try:
        by_flag(ctx, directory)
    except planwire.InlineRefused as refused:
        say(True, f"it refuses the query with functions, and the client is told: {refused}")
    else:
        say(False, "it has run the query with functions")


def kill_one(ctx: SessionContext, executors: list[Process], directory: str) -> None:
    """Kills an executor that runs a function, and looks at the sum."""
    with ThreadPoolExecutor(1) as pool, tempfile.TemporaryDirectory() as folder:
        query = pool.submit(total, ctx, directory, Path(folder))
        end = time.monotonic() + PATIENCE
        while not (at_work := os.listdir(folder)) and time.monotonic() < end:
            time.sleep(0.02)
        victims = [process for process in executors if str(process.pid) in at_work]
        numbers = ", ".join(str(process.pid) for process in victims[:1])
        say(bool(victims), f"process {numbers} runs the function, and is killed")
        for victim in victims[:1]:
            victim.send_signal(signal.SIGKILL)
            victim.wait()
        begin = time.perf_counter()
        ours = query.result()
        seconds = time.perf_counter() - begin
    theirs = SessionContext().read_parquet(directory).aggregate([], [f.sum(PRICE).alias("total")])
    is_same = abs(ours - theirs.to_pydict()["total"][0]) < 1e-6 * ours
    say(is_same, f"the others did its work: {ours:,.2f}, {seconds:.1f} s after it was killed")
    left = sum(process.poll() is None for process in executors)
    say(left == len(executors) - len(victims[:1]), f"{left} executors are left")


def main() -> int:
    """Runs the demo; the exit code says whether all was as it should be."""
    with tempfile.TemporaryDirectory() as directory, cluster(EXECUTORS) as (ctx, executors):
        for part in sorted(lineitem.generate().glob("*.parquet"))[:FILES]:
            shutil.copy(part, directory)
        print(f"A scheduler and {EXECUTORS} executors; a query with functions of all three kinds:")
        compare(ctx, directory)
        print("A cluster whose executor takes no code from outside (PLANWIRE_FLOOR=refuse):")
        with cluster(1, PLANWIRE_FLOOR="refuse") as (strict, _):
            see_refused(strict, directory)
        print("One of the three executors is killed during a query:")
        kill_one(ctx, executors, directory)
    print("The clusters have ended:")
    say(all(process.poll() is not None for process in started), "none of their processes is left")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
