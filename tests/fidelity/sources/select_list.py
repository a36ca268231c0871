"""The expressions of a select list, where they stand over no table or over one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_QUERY = re.compile(
    r"^\s*select\s+(?!distinct\b|all\b)(.+?)(?:\s+from\s+(\w+))?\s*;?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_CLAUSES = re.compile(
    r"\b(from|where|group\s+by|union|except|intersect|limit|having|qualify)\b", re.IGNORECASE
)
_QUOTED = re.compile(r"'[^']*'|\([^()]*\)")
_OPEN, _CLOSE = "([{", ")]}"


def select_list(sql: str, ctx: Any) -> Callable[[], tuple[Any, list[Any]]] | None:
    """What makes the table and the expressions; nothing if the query has more than that."""
    found = parts_of(sql)
    if found is None:
        return None
    parts, name = found

    def make() -> tuple[Any, list[Any]]:
        table = ctx.table(name) if name else ctx.sql("SELECT 1 AS one")
        return table, [table.parse_sql_expr(part) for part in parts]

    return make


def parts_of(sql: str) -> tuple[list[str], str | None] | None:
    """The texts of the expressions, and the name of the table."""
    found = _QUERY.match(re.sub(r"--[^\n]*", "", sql))
    if found is None or _CLAUSES.search(_QUOTED.sub("", found[1])):
        return None
    parts = _split(found[1])
    return None if "*" in parts else (parts, found[2])


def _split(text: str) -> list[str]:
    """Splits at the commas that stand in no brackets and no quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
        elif char == "," and not depth:
            parts.append(text[start:at].strip())
            start = at + 1
    return [*parts, text[start:].strip()]
