"""What a query gives, in a form that compares: its rows, its schema, and what its plan says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

Row = tuple[str, ...]

# The columns of what EXPLAIN gives.
EXPLAINED = ["plan_type", "plan"]


@dataclass(frozen=True)
class Answer:
    """The rows as text, the schema as lines, and the plan's own words, if there is one."""

    rows: list[Row]
    columns: list[str]
    schema: list[str] | None
    plan: str = ""

    def difference(self, other: Answer, keys: Sequence[int], exact: bool) -> tuple[str, str] | None:
        """What the other one has otherwise: its kind, and both."""
        found = self._rows(other, keys, exact)
        if found:
            return "rows", found
        if None not in (self.schema, other.schema) and self.schema != other.schema:
            return "schema", _first(self.schema or [], other.schema or [])
        if self.plan != other.plan:
            return "plan text", _first(self.plan.splitlines(), other.plan.splitlines())
        return None

    def _rows(self, other: Answer, keys: Sequence[int], exact: bool) -> str:
        told = _explained if self.columns == EXPLAINED == other.columns else _told
        mine, its = sorted(self.rows), sorted(other.rows)
        if len(mine) != len(its):
            return f"{len(mine)} rows, then {len(its)}: {told(mine, its)}"
        if mine != its and (exact or not self._nearly(other)):
            return told(mine, its)
        in_order = [[[row[key] for key in keys] for row in each.rows] for each in (self, other)]
        if in_order[0] != in_order[1] and (exact or sorted(self.rows) == sorted(other.rows)):
            return "the rows come in another order"
        return ""

    def _nearly(self, other: Answer) -> bool:
        """Whether the rows are the same but for the last digits of sums of floats."""
        pairs = zip(sorted(self.rows), sorted(other.rows), strict=True)
        return all(
            mine == its or _close(mine, its)
            for row in pairs
            for mine, its in zip(*row, strict=True)
        )


def of(batches: Sequence[pa.RecordBatch] | pa.Table, plan: str = "") -> Answer:
    """The answer that record batches are."""
    if isinstance(batches, pa.Table):
        schema, batches = batches.schema, batches.to_batches()
    else:
        schema = batches[0].schema if batches else None
    rows = [row for batch in batches for row in _rows(batch)]
    columns = list(schema.names) if schema is not None else []
    return Answer(rows, columns, None if schema is None else lines(schema), plan)


def lines(schema: pa.Schema) -> list[str]:
    """A schema as text, a line for each field, with nullability and metadata at every depth."""
    found = [line for field in schema for line in _field(field, "")]
    return found + ([f"metadata {_metadata(schema.metadata)}"] if schema.metadata else [])


def _field(field: pa.Field, indent: str) -> list[str]:
    null = "" if field.nullable else " not null"
    metadata = f" {_metadata(field.metadata)}" if field.metadata else ""
    found = [f"{indent}{field.name}: {field.type}{null}{metadata}"]
    try:
        inner = [field.type.field(at) for at in range(field.type.num_fields)]
    except (AttributeError, TypeError, NotImplementedError):
        return found
    return found + [line for each in inner for line in _field(each, indent + "  ")]


def _metadata(metadata: Any) -> str:
    return str({key.decode(): value.decode() for key, value in sorted(metadata.items())})


def _rows(batch: pa.RecordBatch) -> list[Row]:
    if not batch.num_columns:
        return [()] * batch.num_rows
    return list(zip(*(_values(column) for column in batch.columns), strict=True))


def _values(column: pa.Array) -> list[str]:
    """Values as text: those that Python has no type for as Arrow writes them."""
    try:
        return [repr(value) for value in column.to_pylist()]
    except (ValueError, ArithmeticError, pa.ArrowException, KeyError, TypeError):
        pass
    try:
        return [str(value) for value in column.cast(pa.string()).to_pylist()]
    except pa.ArrowException:
        return str(column.view(pa.int64()).to_pylist()).strip("[]").split(", ")


def _close(mine: str, its: str) -> bool:
    try:
        return math.isclose(float(mine), float(its), rel_tol=1e-9, abs_tol=1e-12)
    except ValueError:
        return False


def _told(mine: Sequence[Row], its: Sequence[Row]) -> str:
    """The first rows that differ."""
    return _first([str(row) for row in mine], [str(row) for row in its])


def _explained(mine: Sequence[Row], its: Sequence[Row]) -> str:
    """Of what EXPLAIN says: which plans it shows, or the first line in which one differs."""
    shown = [[kind for kind, _ in rows] for rows in (mine, its)]
    if shown[0] != shown[1]:
        return f"EXPLAIN shows {' and '.join(shown[0])} => {' and '.join(shown[1])}"
    for (kind, one), (_, other) in zip(mine, its, strict=True):
        if one != other:
            return f"EXPLAIN, {kind}: " + _first(one.split(r"\n"), other.split(r"\n"))
    return ""


def _first(mine: Sequence[str], its: Sequence[str]) -> str:
    """The first line in which two texts differ."""
    for at in range(max(len(mine), len(its))):
        pair = [lines[at].strip() if at < len(lines) else "nothing" for lines in (mine, its)]
        if pair[0] != pair[1]:
            return f"{pair[0]} => {pair[1]}"
    return "lines in another order"
