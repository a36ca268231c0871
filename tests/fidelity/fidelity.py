"""Sends queries on trips and says what came of them; `cargo xtask fidelity` is this program.

`python fidelity.py [SOURCE ...]`; without sources, all of them, and queries of the grammar. With
`--record` it tries the wheel too, and writes `docs/fidelity.md`.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

import crew
import known
import package
import report
from crew import Trips
from sources.engine import engine_files

# Whatever has a line on the page.
LISTED = ("nodes", "literals", "scans", "writes")
# Queries of the grammar for one process, which has a session that grows.
CHUNK = 250


def main() -> int:
    """Runs what is asked for; fails over a difference that is not known."""
    arguments = _arguments()
    sources = arguments.sources or list(_all(arguments.queries, arguments.seed))
    if arguments.cluster:
        os.environ[package.CLUSTER] = "1"
    with open(arguments.lines or os.devnull, "w", encoding="utf-8") as lines:
        ours = _sent(sources, arguments.processes, package.PLANWIRE, lines)
    print(report.figures(ours))
    unknown, stale = known.unknown(ours.outcomes), known.stale(ours.tried, ours.outcomes)
    for outcome in unknown:
        print(f"not known: {outcome}\n    {' '.join(ours.sql[outcome.query].split())}")
    for entry in stale:
        print(
            f"stale: {entry.shown_by} as {entry.form} comes back the same; take it off {known.FILE}"
        )
    if arguments.record:
        theirs = _sent(list(LISTED), arguments.processes, package.WHEEL, io.StringIO())
        report.PAGE.write_text(report.written(ours, theirs), encoding="utf-8")
    return 1 if unknown or stale else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument(
        "sources", nargs="*", help="such as slt/joins.slt, nodes/window, grammar/1/0-50"
    )
    parser.add_argument("--queries", type=int, default=1000, help="how many the grammar makes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cluster", action="store_true", help="run the queries on a cluster")
    parser.add_argument("--record", action="store_true", help="write docs/fidelity.md")
    parser.add_argument("--lines", type=Path, help="a file for a line of JSON for each difference")
    return parser.parse_args()


def _all(queries: int, seed: int) -> Iterator[str]:
    yield from (*LISTED, "tpch")
    yield from (f"slt/{name}" for name in engine_files.names())
    for first in range(0, queries, CHUNK):
        yield f"grammar/{seed}/{first}-{min(first + CHUNK, queries)}"


def _sent(sources: list[str], processes: int, tried: str, lines: TextIO) -> Trips:
    together = Trips("all")
    for number, trips in enumerate(crew.trips(sources, processes, tried), 1):
        together.add(trips)
        # At once, because a run over many sources takes hours and may not come to its end.
        lines.writelines(_lines(trips))
        lines.flush()
        told = f"{number} of {len(sources)}: {trips.source}, {trips.here} queries"
        print(told, file=sys.stderr, flush=True)
    return together


def _lines(trips: Trips) -> Iterator[str]:
    for outcome in trips.outcomes:
        yield json.dumps(asdict(outcome) | {"sql": trips.sql[outcome.query]}) + "\n"
    for name, said in trips.not_here.items():
        told = {"query": name, "kind": "not here", "detail": said, "sql": trips.sql[name]}
        yield json.dumps(told) + "\n"


if __name__ == "__main__":
    sys.exit(main())
