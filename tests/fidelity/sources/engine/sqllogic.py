"""Reads sqllogictest files: which statements and queries there are, and in which order.

What a file says of the results is passed over: the right answer is the one that the query gives
where it was made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A program of another system, whose records are not for DataFusion.
ENGINE = "datafusion"


@dataclass(frozen=True)
class Step:
    """One statement or query, and where it stands."""

    sql: str
    is_query: bool
    place: str


def steps(path: Path, root: Path) -> Iterator[Step]:
    """The statements and queries of a file that are meant to succeed, with those it includes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    name = path.relative_to(root).as_posix()
    at, wanted = 0, True
    while at < len(lines):
        words = lines[at].split()
        at += 1
        if not words or words[0].startswith("#"):
            continue
        if words[0] in ("skipif", "onlyif"):
            wanted = (words[1].lower() == ENGINE) == (words[0] == "onlyif")
            continue
        start = at
        if words[0] in ("statement", "query", "system"):
            sql, at = _body(lines, at)
            at = _past_results(lines, at, is_error="error" in words[:2])
            if wanted and words[0] != "system" and words[1] != "error":
                yield Step(sql, words[0] == "query", f"{name}:{start}")
        elif words[0] == "include" and wanted:
            for included in sorted(path.parent.glob(words[1])):
                yield from steps(included, root)
        elif words[0] == "halt" and wanted:
            return
        wanted = True


def _body(lines: list[str], at: int) -> tuple[str, int]:
    """The SQL, up to its results or to an empty line."""
    start = at
    while at < len(lines) and lines[at].strip() and lines[at].strip() != "----":
        at += 1
    return "\n".join(lines[start:at]), at


def _past_results(lines: list[str], at: int, is_error: bool) -> int:
    """Where the record ends: the text of an error has empty lines in it, and ends with two."""
    if at >= len(lines) or lines[at].strip() != "----":
        return at
    while at < len(lines):
        empty = not lines[at].strip()
        if empty and (not is_error or at + 1 >= len(lines) or not lines[at + 1].strip()):
            return at
        at += 1
    return at
