"""Runs shapes of messages against a strict session, within bounds.

    python -m support.shapes.shapes [GROUP ...] [--only TEXT] [--seconds 10]
        [--stacks small,main] [--run]

A shape is a message that is made of few words: something within itself, wide, in pairs, or with
numbers at their ends. Everything that can be done to what a message becomes is done, in a child
process. One JSON line for each shape that is not held, or takes long, says at which step.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator

from support.hostile import held
from support.shapes import (
    expressions,
    functions,
    numbers,
    orders,
    physical,
    physical_expressions,
    physical_numbers,
    plans,
    types,
    widths,
)
from support.shapes.expressions import Shape

MODULES = (
    types,
    expressions,
    functions,
    plans,
    numbers,
    widths,
    physical,
    physical_expressions,
    physical_numbers,
    orders,
)

GROUPS: dict[str, Callable[[], Iterator[Shape]]] = {
    f"{module.__name__.rpartition('.')[2]}.{group.__name__}": group
    for module in MODULES
    for group in module.GROUPS
}


def shapes(groups: list[str], only: str = "") -> Iterator[Shape]:
    """The shapes of these groups, or of all: the name, the kind and the bytes of each."""
    for name, group in GROUPS.items():
        if not groups or name in groups:
            yield from (shape for shape in group() if only in shape[0])


def main() -> None:
    """Runs the shapes that were asked for, and prints each that was not held or took long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument("--only", default="", metavar="TEXT", help="of the names of shapes")
    parser.add_argument("--seconds", type=float, default=10, help="of processor time")
    parser.add_argument("--memory", type=int, default=3 << 30, help="bytes")
    parser.add_argument("--slow", type=float, default=2, help="seconds that are worth a line")
    parser.add_argument("--stacks", default="small", help="small (2 MiB), main, or both")
    parser.add_argument("--run", action="store_true", help="run queries, too")
    parser.add_argument("--all", action="store_true", help="a line for every shape")
    parser.add_argument("--hex", action="store_true", help="print messages and run nothing")
    asked = parser.parse_args()
    chosen = {name: (name, kind, bytes_) for name, kind, bytes_ in shapes(asked.groups, asked.only)}
    if asked.hex:
        for name, kind, message in chosen.values():
            print(json.dumps({"name": name, "kind": kind, "hex": message.hex()}))
        return
    bounds = held.Bounds(asked.seconds, asked.memory)
    start, bad = time.monotonic(), 0
    for outcome in held.outcomes(chosen.values(), bounds, run=asked.run, stacks=asked.stacks):
        bad += not outcome.held
        slow = outcome.seconds > asked.slow or outcome.peak > 512 << 20
        if not outcome.held or slow or asked.all:
            _, kind, message = chosen[outcome.name]
            print(json.dumps(outcome.line(kind, len(message))), flush=True)
    seconds = round(time.monotonic() - start)
    print(json.dumps({"shapes": len(chosen), "not held": bad, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
