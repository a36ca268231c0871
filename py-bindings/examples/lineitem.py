"""Ship expressions with Python UDFs to worker processes, and check what they compute.

A driver builds three expressions over TPC-H `lineitem`: one calls a scalar UDF, one an aggregate
UDF, one a window UDF. It pickles them and sends the same bytes to workers that have never seen the
functions. Each worker evaluates them on its own Parquet part, the driver merges the answers, and
built-in SQL over all parts computes the same in one process. At the end a worker that takes no code
from outside refuses the message.

Run it with `cargo xtask demo`; the file reads from top to bottom.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import pickle
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.panel import Panel
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

import planwire
from planwire import col, udaf, udf, udwf
from planwire import functions as f

SCALE_FACTOR = "0.1"
PARTS = 8
WORKERS = 2

# Column names or JSON keys, and what stands under them.
Row = dict[str, Any]

NUMBER = pa.float64()
PRICE = col("l_extendedprice").cast(NUMBER)

# What is computed for each return flag.
COLUMNS = ("lines", "fee", "discount", "days")

# ---------------------------------------------------------------------------------------------
# The driver: three expressions, each around a function that only this process knows.
# ---------------------------------------------------------------------------------------------


def fee(rates: dict[str, float]) -> planwire.Expr:
    """A scalar UDF; it closes over the rate table, so the table travels with it."""

    @udf([pa.string(), NUMBER], NUMBER, "immutable")
    def charge(flags: pa.Array, prices: pa.Array) -> pa.Array:
        rate = pa.array(list(rates.values())).take(pc.index_in(flags, pa.array(list(rates))))
        return pc.multiply(prices, rate)

    return charge(col("l_returnflag").cast(pa.string()), PRICE)


def mean_discount() -> planwire.Expr:
    """An aggregate UDF: the mean of the discounts, weighted by the prices."""

    class WeightedMean(planwire.Accumulator):
        def __init__(self) -> None:
            self.total = 0.0
            self.weight = 0.0

        def update(self, values: pa.Array, weights: pa.Array) -> None:
            self.total += pc.sum(pc.multiply(values, weights)).as_py() or 0.0
            self.weight += pc.sum(weights).as_py() or 0.0

        def merge(self, states: list[pa.Array]) -> None:
            self.total += pc.sum(states[0]).as_py() or 0.0
            self.weight += pc.sum(states[1]).as_py() or 0.0

        def state(self) -> list[pa.Scalar]:
            return [pa.scalar(self.total), pa.scalar(self.weight)]

        def evaluate(self) -> pa.Scalar:
            return pa.scalar(self.total / self.weight)

    mean = udaf(WeightedMean, [NUMBER, NUMBER], NUMBER, [NUMBER, NUMBER], "immutable", "mean")
    return mean(col("l_discount").cast(NUMBER), PRICE)


def days_since_last() -> planwire.Expr:
    """A window UDF: the days from the shipping of the line before, in the same order."""

    class Gap(planwire.WindowEvaluator):
        def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
            return pc.pairwise_diff(values[0].cast(pa.int32()))

    gap = udwf(Gap, [pa.date32()], pa.int32(), "immutable", "gap")
    return gap(col("l_shipdate")).over(
        partition_by=[col("l_orderkey")],
        order_by=[col("l_shipdate"), col("l_linenumber")],
    )


# ---------------------------------------------------------------------------------------------
# The workers: they get bytes and the name of a file.
# ---------------------------------------------------------------------------------------------


def evaluate(messages: dict[str, bytes], part: Path) -> list[Row]:
    """Answers for one part, a row for each return flag."""
    exprs = {kind: pickle.loads(message) for kind, message in messages.items()}
    lines = planwire.SessionContext().read_parquet(part)
    answer = lines.with_column("days", exprs["window"]).aggregate(
        [col("l_returnflag")],
        [
            f.count(col("l_orderkey")).alias("lines"),
            f.sum(exprs["scalar"]).alias("fee"),
            f.sum(PRICE).alias("price"),
            exprs["aggregate"].alias("discount"),
            f.sum(col("days")).alias("days"),
        ],
    )
    rows: list[Row] = answer.to_arrow_table().to_pylist()
    return rows


def take_no_code() -> None:
    """Prepares a worker that refuses functions that come inside a message."""
    strict = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    planwire.ipc.set_worker_ctx(strict)


def refusal(message: bytes) -> dict[str, str]:
    """What a strict worker says about a message."""
    try:
        pickle.loads(message)
    except planwire.errors.InlineRefused as refused:
        return {"code": refused.code, "text": str(refused)}
    raise AssertionError("a strict worker has decoded a function")


# ---------------------------------------------------------------------------------------------
# Both ways to the answer.
# ---------------------------------------------------------------------------------------------


def merge(answers: list[Row]) -> dict[str, Row]:
    """Puts the answers of the parts together, by return flag."""
    merged: dict[str, Row] = {}
    for answer in answers:
        total = merged.setdefault(answer["l_returnflag"], dict.fromkeys((*COLUMNS, "price"), 0))
        for column in ("lines", "fee", "price", "days"):
            total[column] += answer[column]
        total["discount"] += answer["discount"] * answer["price"]
    for total in merged.values():
        total["discount"] /= total.pop("price")
    return merged


def by_sql(parts: Path, rates: dict[str, float]) -> dict[str, Row]:
    """The same answer by built-in functions, over all parts in this process."""
    cases = " ".join(f"WHEN '{flag}' THEN {rate}" for flag, rate in rates.items())
    ctx = planwire.SessionContext()
    ctx.register_parquet("lineitem", parts)
    rows = ctx.sql(f"""
        SELECT l_returnflag,
               count(*) AS lines,
               sum(CAST(l_extendedprice AS DOUBLE) * CASE l_returnflag {cases} END) AS fee,
               sum(CAST(l_discount AS DOUBLE) * CAST(l_extendedprice AS DOUBLE))
                   / sum(CAST(l_extendedprice AS DOUBLE)) AS discount,
               sum(day - day_before) AS days
        FROM (SELECT *,
                     CAST(l_shipdate AS INT) AS day,
                     lag(CAST(l_shipdate AS INT)) OVER (
                         PARTITION BY l_orderkey ORDER BY l_shipdate, l_linenumber) AS day_before
              FROM lineitem)
        GROUP BY l_returnflag
    """)
    return {row.pop("l_returnflag"): row for row in rows.to_arrow_table().to_pylist()}


def same(ours: dict[str, Row], theirs: dict[str, Row]) -> bool:
    """Whether two answers agree; sums of floats depend on their order, so not to the last bit."""
    return ours.keys() == theirs.keys() and all(
        math.isclose(ours[flag][column], theirs[flag][column], rel_tol=1e-9)
        for flag in ours
        for column in COLUMNS
    )


# ---------------------------------------------------------------------------------------------
# The run.
# ---------------------------------------------------------------------------------------------


def generate() -> Path:
    """The directory with the Parquet parts, made once and kept in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "planwire"
    directory = cache / f"tpch-{SCALE_FACTOR}-{PARTS}"
    if not directory.exists():
        cache.mkdir(parents=True, exist_ok=True)
        program = Path(sys.executable).with_name("tpchgen-cli")
        with tempfile.TemporaryDirectory(dir=cache) as fresh:
            options = [
                "--tables=lineitem",
                f"--scale-factor={SCALE_FACTOR}",
                f"--parts={PARTS}",
                "--quiet",
            ]
            subprocess.run(
                [program, "parquet", *options, f"--output-dir={fresh}/parts"], check=True
            )
            # Only whole output gets the name that the next run looks for.
            Path(fresh, "parts").rename(directory)
    return directory / "lineitem"


def run(progress: Progress) -> Row:
    """Everything above, in order."""
    steps = progress.add_task("generating lineitem", total=PARTS + 3)
    directory = generate()
    parts = sorted(directory.glob("*.parquet"))
    progress.update(steps, advance=1, description="evaluating on the workers")

    rates = {"A": 0.02, "N": 0.005, "R": 0.1}
    expressions = {"scalar": fee(rates), "aggregate": mean_discount(), "window": days_since_last()}
    messages = {kind: pickle.dumps(expr) for kind, expr in expressions.items()}
    # Spawned workers start empty: nothing reaches them but the arguments.
    spawn = multiprocessing.get_context("spawn")

    start = time.perf_counter()
    answers: list[Row] = []
    with ProcessPoolExecutor(WORKERS, mp_context=spawn) as workers:
        for done in as_completed([workers.submit(evaluate, messages, part) for part in parts]):
            answers += done.result()
            progress.advance(steps)
    seconds = time.perf_counter() - start

    progress.update(steps, description="comparing with SQL")
    ours, theirs = merge(answers), by_sql(directory, rates)
    progress.update(steps, advance=1, description="asking a strict worker")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=take_no_code) as strict:
        refused = strict.submit(refusal, messages["scalar"]).result()
    progress.update(steps, advance=1, description="done")

    return {
        "scale_factor": float(SCALE_FACTOR),
        "parts": len(parts),
        "workers": WORKERS,
        "seconds": round(seconds, 2),
        "message_bytes": {kind: len(message) for kind, message in messages.items()},
        "by_workers": dict(sorted(ours.items())),
        "by_sql": dict(sorted(theirs.items())),
        "same": same(ours, theirs),
        "strict_worker": refused,
    }


def show(result: Row, console: Console) -> None:
    """The result for people."""
    sizes = ", ".join(f"{kind} {size:,} B" for kind, size in result["message_bytes"].items())
    table = Table(title="lineitem by return flag", caption=f"messages: {sizes}")
    for heading in ("flag", "by"):
        table.add_column(heading)
    for heading in ("lines", "fee", "mean discount", "days between"):
        table.add_column(heading, justify="right", no_wrap=True)
    for flag in result["by_workers"]:
        for name, answer in (
            ("workers", result["by_workers"][flag]),
            ("SQL", result["by_sql"][flag]),
        ):
            lines, fees, discount, days = (answer[column] for column in COLUMNS)
            table.add_row(flag, name, f"{lines:,}", f"{fees:,.2f}", f"{discount:.9f}", f"{days:,}")
        table.add_section()
    console.print(table)
    agree = "[green]they agree[/]" if result["same"] else "[red]THEY DIFFER[/]"
    work = f"{result['parts']} parts on {result['workers']} workers in {result['seconds']} s"
    console.print(f"{work}; compared with SQL in one process: {agree}")
    said = result["strict_worker"]
    console.print(
        Panel(
            Text(said["text"]),
            title=f"a strict worker refuses the same message, as it should: {said['code']}",
            style="yellow",
        )
    )


def main() -> int:
    """Runs the demo; the exit code says whether the answers agree."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument(
        "--json", action="store_true", help="print the result as JSON, and nothing else"
    )
    arguments = parser.parse_args()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        result = run(progress)
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        show(result, Console())
    return 0 if result["same"] else 1


if __name__ == "__main__":
    sys.exit(main())
