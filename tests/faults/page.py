"""The page that shows what came of the scenarios."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scenario import Row

OPENING = """\
# Faults

What goes wrong where plans and Python functions cross between processes: tried out on planwire,
and on the `datafusion` wheel.

`cargo xtask faults` runs the [scenarios](../tests/faults/run.py) and writes this page. The tests
hold both packages to its verdicts, and the wheel to each fault, so that a scenario is known to show
it. Each line of a cell is one attempt, in a process of its own whose memory and time are limited.
The figures are those of one run, with planwire built without optimisation.
"""

VERDICTS = {True: "kept", False: "**not kept**"}

_LINE = re.compile(r"^\| (F\d+) \|.*?\| (.*?)<br>.*?\| (.*?)<br>", re.MULTILINE)


def written(rows: Iterable[Row], not_yet: dict[str, str]) -> str:
    """The page, with one line of a table for each row."""
    by_row: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_row.setdefault(row.row, {})[row.package] = row
    theirs, ours = (next(iter(by_row.values()))[package] for package in ("datafusion", "planwire"))
    lines = [
        OPENING,
        f"| row | fault | datafusion {theirs.version} | planwire {ours.version} |",
        "| --- | --- | --- | --- |",
    ]
    for name, pair in by_row.items():
        cells = [_cell(pair[package]) for package in ("datafusion", "planwire")]
        lines.append(f"| {name} | {pair['planwire'].fault} | {cells[0]} | {cells[1]} |")
    if not_yet:
        lines += ["", "## Not kept yet", ""]
    lines += [f"- {name}: {reason}." for name, reason in not_yet.items()]
    return "\n".join([*lines, ""])


def verdicts(page: str) -> dict[str, tuple[bool, bool]]:
    """What a page says of each row: whether the wheel keeps it, and whether planwire does."""
    kept = {text: is_kept for is_kept, text in VERDICTS.items()}
    return {row: (kept[theirs], kept[ours]) for row, theirs, ours in _LINE.findall(page)}


def _cell(row: Row) -> str:
    seen = [f"{one.probe}: {one.text.strip().splitlines()[-1]}" for one in row.seen]
    return "<br>".join([VERDICTS[row.kept], *seen]).replace("|", "\\|")
