"""Where queries come from, each source by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from query import Query
from sources import literals, nodes, scans, tpch, writes
from sources.engine import engine_files
from sources.grammar import generated

Source = Callable[[str, Path], Iterator[Query]]

SOURCES: dict[str, Source] = {
    "slt": engine_files.queries,
    "grammar": generated.queries,
    "nodes": nodes.queries,
    "scans": scans.queries,
    "tpch": tpch.queries,
    "writes": writes.queries,
    "literals": literals.queries,
}


def queries(source: str, folder: Path) -> Iterator[Query]:
    """The queries of a source, such as `slt/joins.slt` or `grammar/1/0-100`."""
    kind, _, name = source.partition("/")
    return SOURCES[kind](name, folder)
