"""Time Python functions in planwire and in the datafusion wheel, beside DataFusion's own functions.

Each measurement is a process of its own, which imports one of the two packages, runs a query once
over a few rows to warm up and once over all. The sides take turns, so that what else the
machine does falls on all. What is printed is the median of each side and the ratio of the medians.

Run it with `cargo xtask bench`: the wheel is a release build, and anything else would be compared
with it in vain.
"""

from __future__ import annotations

import importlib
import sys
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import comparison

SIDES = ("planwire", "datafusion", "built_in")
INT = pa.int64()

# What is measured: a name, a query over the table `t`, and how many rows and keys the table has.
WORKS: dict[str, tuple[str, int, int]] = {
    "scalar": ("SELECT sum(one_more(v)) FROM t", 10_000_000, 10),
    "scalar, text": ("SELECT count(shouted(s)) FROM t", 1_000_000, 10),
    "aggregate, 10 groups": ("SELECT k, total(v) FROM t GROUP BY k", 10_000_000, 10),
    "aggregate, 1,000 groups": ("SELECT k, total(v) FROM t GROUP BY k", 1_000_000, 1_000),
    "aggregate, 100,000 groups": ("SELECT k, total(v) FROM t GROUP BY k", 500_000, 100_000),
    "grouped aggregate, 1,000 groups": ("SELECT k, grouped(v) FROM t GROUP BY k", 2_000_000, 1_000),
    "grouped aggregate, 100,000 groups": (
        "SELECT k, grouped(v) FROM t GROUP BY k",
        1_000_000,
        100_000,
    ),
    "window, whole partitions": (
        "SELECT sum(r) FROM (SELECT running(v) OVER (PARTITION BY k ORDER BY n) AS r FROM t)",
        1_000_000,
        1_000,
    ),
    "window, row by row": (
        "SELECT sum(r) FROM (SELECT nearby(v) OVER "
        "(PARTITION BY k ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS r FROM t)",
        200_000,
        10,
    ),
}

# DataFusion's own functions in the place of Python's; planwire runs them.
BUILT_INS = {
    "one_more(v)": "v + 1",
    "shouted(s)": "upper(s)",
    "total(v)": "sum(v)",
    "grouped(v)": "sum(v)",
    "running(v)": "sum(v)",
    "nearby(v)": "first_value(v)",
}


@dataclass
class Measured:
    """The seconds that one work took, in the order of the rounds."""

    work: str
    rows: int
    groups: int
    planwire: list[float]
    datafusion: list[float]
    built_in: list[float]

    @property
    def ratio(self) -> float:
        """What planwire takes of the wheel's time."""
        return median(self.planwire) / median(self.datafusion)

    @property
    def of_built_in(self) -> float:
        """What planwire takes of the time of DataFusion's own function."""
        return median(self.planwire) / median(self.built_in)


def one_more(numbers: pa.Array) -> pa.Array:
    """A scalar function that takes little time itself."""
    return pc.add(numbers, 1)


def shouted(words: pa.Array) -> pa.Array:
    """A scalar function of text."""
    return pc.utf8_upper(words)


def total(package: Any) -> Any:
    """A sum, as users write it."""

    class Total(package.Accumulator):  # type: ignore[misc]
        def __init__(self) -> None:
            self.total = 0

        def update(self, *values: pa.Array) -> None:
            self.total += pc.sum(values[0]).as_py() or 0

        def merge(self, states: list[pa.Array]) -> None:
            self.total += pc.sum(states[0]).as_py() or 0

        def state(self) -> list[pa.Scalar]:
            return [pa.scalar(self.total, INT)]

        def evaluate(self) -> pa.Scalar:
            return pa.scalar(self.total, INT)

    return Total


def grouped(package: Any) -> Any:
    """A sum that keeps all groups in one array, where the package has such aggregates."""
    if not hasattr(package, "GroupedAccumulator"):
        return total(package)

    class Grouped(package.GroupedAccumulator):  # type: ignore[misc]
        def __init__(self) -> None:
            self.totals = np.zeros(0, np.int64)

        def update(self, groups: pa.Int64Array, count: int, *values: pa.Array) -> None:
            self.totals.resize(count)
            np.add.at(self.totals, groups.to_numpy(), values[0].to_numpy())

        def merge(self, groups: pa.Int64Array, count: int, states: list[pa.Array]) -> None:
            self.update(groups, count, states[0])

        def state(self, which: slice) -> list[pa.Array]:
            return [pa.array(self.totals[which])]

        def evaluate(self, which: slice) -> pa.Array:
            return pa.array(self.totals[which])

    return Grouped


def running(package: Any) -> Any:
    """A window function that takes partitions whole."""

    class Running(package.user_defined.WindowEvaluator):  # type: ignore[misc]
        def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
            return pc.cumulative_sum(values[0])

    return Running


def nearby(package: Any) -> Any:
    """A window function that is asked for each row."""

    class Nearby(package.user_defined.WindowEvaluator):  # type: ignore[misc]
        def uses_window_frame(self) -> bool:
            return True

        def evaluate(self, values: list[pa.Array], eval_range: tuple[int, int]) -> pa.Scalar:
            return values[0][eval_range[0]]

    return Nearby


def session(package: Any, rows: int, groups: int) -> Any:
    """A session with the table and the functions."""
    numbers = pa.array(range(rows), INT)
    # A prime that spreads the keys, so that neighbours are in different groups.
    keys = pa.array([number * 7_919 % groups for number in range(rows)], INT)
    words = pa.array(["plan", "wire", "expression", "shipped"] * (rows // 4 + 1)).slice(0, rows)
    ctx = package.SessionContext()
    table = pa.table({"n": numbers, "k": keys, "v": numbers, "s": words})
    ctx.from_arrow(table, name="t")
    text = pa.string()
    ctx.register_udf(package.udf(one_more, [INT], INT, "immutable", "one_more"))
    ctx.register_udf(package.udf(shouted, [text], text, "immutable", "shouted"))
    ctx.register_udaf(package.udaf(total(package), [INT], INT, [INT], "immutable", "total"))
    ctx.register_udaf(package.udaf(grouped(package), [INT], INT, [INT], "immutable", "grouped"))
    ctx.register_udwf(package.udwf(running(package), [INT], INT, "immutable", "running"))
    ctx.register_udwf(package.udwf(nearby(package), [INT], INT, "immutable", "nearby"))
    return ctx


def measure(side: str, work: str, scale: float) -> float:
    """Seconds that a query takes on one side, in this process."""
    package = importlib.import_module("planwire" if side == "built_in" else side)
    query, rows, groups = WORKS[work]
    if side == "built_in":
        for function, built_in in BUILT_INS.items():
            query = query.replace(function, built_in)
    session(package, 1_000, groups).sql(query).collect()
    ctx = session(package, int(rows * scale), groups)
    start = time.perf_counter()
    ctx.sql(query).collect()
    return time.perf_counter() - start


def table(results: list[Measured]) -> list[str]:
    """The figures as lines of Markdown."""
    names = ("work", "rows", "planwire", "wheel", "ratio", "built-in", "of built-in")
    rows = []
    for found in results:
        ours, theirs, own = (
            f"{median(side) * 1000:,.0f} ms"
            for side in (found.planwire, found.datafusion, found.built_in)
        )
        ratios = (f"{found.ratio:.2f}", f"{found.of_built_in:.1f}")
        rows.append((found.work, f"{found.rows:,}", ours, theirs, ratios[0], own, ratios[1]))
    return comparison.table(names, 1, rows)


PAGE = """\
# Benchmarks

Python functions in planwire beside those of the `datafusion` wheel, on the same queries and data.
`cargo xtask bench --record` measures again and writes this page; \
[udf.py](../py-bindings/benches/udf.py) has the functions and the queries.

Measured on {date}, on a machine with {cores} cores ({machine}): CPython {python}, \
pyarrow {pyarrow}, planwire's release build, `datafusion` {wheel}.
Each figure is the median of {rounds} processes; the sides took turns in one run.
A ratio below 1 means that planwire takes less time than the wheel. \
"Built-in" is the same query with DataFusion's own function in the place of Python's.
A grouped aggregate is a `GroupedAccumulator`; the wheel has one object for each group instead.

{figures}

The times of the functions themselves are in both columns.
"""


def main() -> None:
    """Reads the arguments, measures, and prints."""
    parser = comparison.arguments(__doc__, rounds=5)
    comparison.add_sides(parser, WORKS, SIDES, "the rows")
    options = parser.parse_args()
    if options.side:
        print(measure(options.side, options.work, options.scale))
        return
    results = []
    for work in [options.work] if options.work else WORKS:
        _, rows, groups = WORKS[work]
        seconds = comparison.in_turns(__file__, work, SIDES, options)
        results.append(Measured(work, int(rows * options.scale), groups, **seconds))
        print(f"{work}: {results[-1].ratio:.2f}", file=sys.stderr)
    figures = [
        {**asdict(found), "ratio": found.ratio, "of_built_in": found.of_built_in}
        for found in results
    ]
    comparison.show(options, figures, table(results), PAGE)


if __name__ == "__main__":
    main()
