"""Time messages in planwire and in the datafusion wheel: encode, decode, pickle, build, memory.

Each work is measured in a process of its own for each side, which imports one of the two packages.
The sides take turns, so that what else the machine does falls on all of them. planwire is two
sides: with frames of version 1, which the wheel reads too, and with native frames.

Run it with `cargo xtask bench`: the wheel is a release build, and anything else would be compared
with it in vain.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import comparison
from sides import SIDES, Side
from works import TASKS, UNFRAMED, WORKS


@dataclass
class Measured:
    """A figure of all processes, by their side. Only planwire's processes say what the limit is."""

    name: str
    unit: str
    sides: dict[str, list[float]]
    limit: list[float]

    def ratio(self, side: str) -> float | None:
        """What planwire takes of the wheel's figure."""
        return ratio(self.sides[side], self.sides["datafusion"])

    @property
    def of_limit(self) -> float | None:
        """What planwire takes of the limit."""
        return ratio(self.sides["planwire"], self.limit)

    def best(self, side: str) -> float | None:
        """The figure of the best process, which is the largest one where more is better."""
        found = self.sides[side]
        if not found:
            return None
        return max(found) if self.unit == TASKS else min(found)

    def as_json(self) -> dict[str, Any]:
        """All that is known of the figure."""
        return {
            **asdict(self),
            "median": {side: median(found) for side, found in self.sides.items() if found},
            "best": {side: self.best(side) for side in self.sides},
            "ratio": self.ratio("planwire"),
            "ratio_native": self.ratio("native"),
            "of_limit": self.of_limit,
        }


def ratio(ours: list[float], others: list[float]) -> float | None:
    """The ratio of the medians, if both were measured and are not nothing."""
    if not (ours and others and median(others)):
        return None
    return median(ours) / median(others)


def number(value: float | None) -> str:
    """Three digits, or all before the point."""
    if value is None:
        return ""
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2  # noqa: PLR2004
    return f"{value:,.{digits}f}"


def gathered(printed: dict[str, list[Any]]) -> list[Measured]:
    """The figures of a work, from what the processes of each side printed."""
    results: dict[str, Measured] = {}
    for side, processes in printed.items():
        for figure in (figure for process in processes for figure in process):
            name, unit = figure["name"], figure["unit"]
            found = results.setdefault(name, Measured(name, unit, {side: [] for side in SIDES}, []))
            found.sides[side].append(figure["value"])
            if side == "planwire" and figure["limit"] is not None:
                found.limit.append(figure["limit"])
    return list(results.values())


def table(results: list[Measured]) -> list[str]:
    """The figures as lines of Markdown."""
    sides = ("planwire", "native", "wheel")
    names = ("work", "unit", *sides, "ratio", "ratio, native", "limit", "of limit")
    rows = []
    for found in results:
        figures = [
            f"{number(median(values))} ({number(found.best(side))})" if values else ""
            for side, values in found.sides.items()
        ]
        ratios = [found.ratio("planwire"), found.ratio("native")]
        limit = median(found.limit) if found.limit else None
        others = [number(each) for each in (*ratios, limit, found.of_limit)]
        rows.append((found.name, found.unit, *figures, *others))
    return comparison.table(names, 2, rows)


SECTION = """\
## Messages

Encoding, decoding and pickling of expressions, beside the `datafusion` wheel; \
[works.py](../py-bindings/benches/works.py) has the works.

Measured on {date}, on a machine with {cores} cores ({machine}): CPython {python}, \
pyarrow {pyarrow}, planwire's release build, `datafusion` {wheel}.
Each figure is the median of {rounds} processes, with the best one in parentheses; the sides took \
turns in one run. A process says the mean of its fastest batch of calls.
A ratio is to the wheel. Below 1, planwire takes less; of tasks a second, more is better.

- *planwire* writes frames of version 1, as it does by default and as the wheel does; *native* \
writes [native frames](python.md#opened-late), whose functions are unpickled when they are first \
called, which only "decode and call" includes.
- A function has a payload of about a kilobyte, if nothing else is said. Only planwire has frozen \
functions and parcels; beside them stands the wheel's ordinary expression.
- The *limit* is measured in planwire's processes: for encoding and decoding, `cloudpickle.dumps` \
and `pickle.loads` of the tuple that a frame of version 1 holds the pickle of (name, function, \
two schemas, volatility), and for the closure of the function alone; for a session with 8,000 \
registered functions, one with none; for a \
pool, as many bytes as the pickled expression has. Nothing is done to these bytes.
- Memory is the peak over what the process had before, in sizes of the closure. \
The message is not counted when it is decoded. These calls are made once.
- A pool has two processes, which unpickle what each of the 10,000 tasks brings and do nothing \
with it. In chunks, an expression is pickled once a chunk.

{figures}
"""


def main() -> None:
    """Reads the arguments, measures, and prints."""
    parser = comparison.arguments(__doc__, rounds=5)
    comparison.add_sides(parser, WORKS, SIDES, "the sizes and the times")
    options = parser.parse_args()
    if options.side:
        side = Side(options.side)
        figures = [each for find in WORKS[options.work] for each in find(side, options.scale)]
        print(json.dumps([asdict(figure) for figure in figures]))
        return
    results = []
    for work in [options.work] if options.work else WORKS:
        sides = [side for side in SIDES if side != "native" or work not in UNFRAMED]
        found = gathered(comparison.in_turns(__file__, work, sides, options))
        results += found
        for each in found:
            print(f"{each.name}: {number(each.ratio('planwire'))}", file=sys.stderr)
    works = [found.as_json() for found in results]
    comparison.show(options, works, table(results), SECTION)


if __name__ == "__main__":
    main()
