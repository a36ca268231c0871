"""Time how messages grow: with references to a function, registered functions, and closures.

Each figure comes from processes of their own, as those of `messages.py`; `--draw` writes a picture
for each of the three into a folder.

Run it with a release build: the wheel is one.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import chart
import comparison
from clock import BATCHES, fastest
from sides import SIDES, Side
from works import registered_session, weighted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REFERENCES = (1, 10, 100, 1_000, 4_000)
REGISTERED = (0, 10, 100, 1_000, 8_000)
BYTES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 64_000_000)

NAMES = {"planwire": "planwire", "native": "planwire, native", "datafusion": "wheel"}

# A curve by its name, and a point of it.
Point = tuple[str, float, float]


@dataclass
class Grown:
    """A curve of each side: the medians of its processes."""

    work: str
    name: str
    sides: dict[str, list[tuple[float, float]]]


def up_to(steps: tuple[int, ...], scale: float) -> Iterator[int]:
    """The steps to take; the first one in any case."""
    return (step for step in steps if step <= max(steps[0], steps[-1] * scale))


def references(side: Side, scale: float) -> Iterator[Point]:
    """Messages that call one function many times."""
    ctx = side.session()
    for count in up_to(REFERENCES, scale):
        expr = side.many_calls(count)
        message = expr.to_bytes(ctx)
        encode, decode = fastest(
            partial(expr.to_bytes, ctx), partial(side.decode, message, ctx), scale=scale
        )
        yield ("bytes", count, len(message))
        yield ("encode, µs", count, encode)
        yield ("decode, µs", count, decode)


def registered(side: Side, scale: float) -> Iterator[Point]:
    """Decoding in a session with many functions."""
    empty = side.session()
    by_value, built_in = side.call().to_bytes(empty), side.built_in().to_bytes(empty)
    for count in up_to(REGISTERED, scale):
        ctx = registered_session(side, count)
        one, none = fastest(
            partial(side.decode, by_value, ctx), partial(side.decode, built_in, ctx), scale=scale
        )
        yield ("decode one function, µs", count, one)
        yield ("decode built-ins, µs", count, none)


def closure(side: Side, scale: float) -> Iterator[Point]:
    """A function with an array of many bytes, each time as if it were the first."""
    ctx = side.session_with_room()
    for size in up_to(BYTES, scale):
        expr = side.udf(weighted(size))(side.package.col("a"))
        message = expr.to_bytes(ctx)
        decode = min(first_decode(side, message, ctx) for _ in range(BATCHES))
        (encode,) = fastest(partial(expr.to_bytes, ctx), scale=scale)
        yield ("encode, µs", size, encode)
        yield ("decode, µs", size, decode)


def first_decode(side: Side, message: bytes, ctx: Any) -> float:
    """Microseconds to decode a message that this process has forgotten."""
    if not side.is_wheel:
        side.ipc.clear_decode_cache()
    start = time.perf_counter()
    side.decode(message, ctx)
    return (time.perf_counter() - start) * 1e6


# What grows: how it is measured, and the name of its axis.
WORKS: dict[str, tuple[Callable[[Side, float], Iterator[Point]], str]] = {
    "references": (references, "references to one function"),
    "registered": (registered, "functions registered with the session"),
    "closure": (closure, "bytes in the closure"),
}


def gathered(work: str, printed: dict[str, list[Any]]) -> list[Grown]:
    """The curves of a work, from what the processes of each side printed."""
    curves: dict[str, Grown] = {}
    for side, processes in printed.items():
        # The processes print the same points in the same order.
        for points in zip(*processes, strict=True):
            name, x, _ = points[0]
            grown = curves.setdefault(name, Grown(work, name, {side: [] for side in SIDES}))
            grown.sides[side].append((x, median(y for _, _, y in points)))
    return list(curves.values())


def table(results: list[Grown]) -> list[str]:
    """The curves as lines of Markdown."""
    rows = []
    for grown in results:
        for points in zip(*grown.sides.values(), strict=True):
            figures = (f"{y:,.1f}" for _, y in points)
            rows.append((WORKS[grown.work][1], grown.name, f"{points[0][0]:,}", *figures))
    return comparison.table(("what grows", "figure", "how many", *NAMES.values()), 2, rows)


def draw(folder: Path, results: list[Grown]) -> None:
    """Writes a picture for each work."""
    folder.mkdir(parents=True, exist_ok=True)
    for work in {grown.work: None for grown in results}:
        panels = [
            chart.Panel(
                grown.name,
                WORKS[work][1],
                {NAMES[side]: points for side, points in grown.sides.items()},
            )
            for grown in results
            if grown.work == work
        ]
        (folder / f"{work}.svg").write_text(chart.draw(panels), encoding="utf-8")


SECTION = """\
## Growth

How messages grow, in planwire and in the `datafusion` wheel; \
[growth.py](../py-bindings/benches/growth.py). Both axes are in powers of ten.

Measured on {date}, on a machine with {cores} cores ({machine}): CPython {python}, \
pyarrow {pyarrow}, planwire's release build, `datafusion` {wheel}.
Each point is the median of {rounds} processes. A native frame is decoded without unpickling the \
function, which happens when it is first called.

![A message that refers to one function many times](benchmarks/references.svg)

![Decoding in a session with many registered functions](benchmarks/registered.svg)

![A function that closes over a large array](benchmarks/closure.svg)
"""


def main() -> None:
    """Reads the arguments, measures, prints, and draws."""
    parser = comparison.arguments(__doc__, rounds=3)
    comparison.add_sides(parser, WORKS, SIDES, "the sizes and the times")
    parser.add_argument("--draw", type=Path, metavar="FOLDER", help="where to write pictures")
    options = parser.parse_args()
    if options.side:
        grow, _ = WORKS[options.work]
        print(json.dumps(list(grow(Side(options.side), options.scale))))
        return
    results = []
    for work in [options.work] if options.work else WORKS:
        results += gathered(work, comparison.in_turns(__file__, work, SIDES, options))
        print(work, file=sys.stderr)
    if options.draw:
        draw(options.draw, results)
    comparison.show(options, [asdict(grown) for grown in results], table(results), SECTION)


if __name__ == "__main__":
    main()
