"""Sends queries on trips and prints what came of them."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import asdict

import crew
import engine_files


def main() -> None:
    """Runs what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--lines", help="a file for one line of JSON for each outcome")
    arguments = parser.parse_args()
    sources = arguments.sources or [f"slt/{name}" for name in engine_files.names()]
    counts: Counter[tuple[str, str, str]] = Counter()
    here = 0
    with open(arguments.lines or "/dev/null", "w", encoding="utf-8") as lines:
        for trips in crew.trips(sources, arguments.processes):
            here += len(trips.here)
            for outcome in trips.outcomes:
                counts[outcome.form, outcome.way, outcome.kind] += 1
                told = asdict(outcome) | {"sql": trips.sql[outcome.query]}
                if outcome.kind != "same":
                    lines.write(json.dumps(told) + "\n")
            for name, said in trips.not_here.items():
                lines.write(
                    json.dumps(
                        {"query": name, "kind": "not here", "detail": said, "sql": trips.sql[name]}
                    )
                    + "\n"
                )
            lines.flush()
            print(
                trips.source,
                len(trips.here),
                len(trips.not_here),
                Counter(o.kind for o in trips.outcomes),
                file=sys.stderr,
                flush=True,
            )
    print(here, "queries")
    for key, count in sorted(counts.items()):
        print(*key, count, sep="\t")


if __name__ == "__main__":
    main()
