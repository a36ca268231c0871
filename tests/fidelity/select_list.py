"""The expressions of a select list, where they stand over no table or over one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_QUERY = re.compile(
    r"^\s*select\s+(?!distinct\b|all\b)(.+?)(?:\s+from\s+(\w+))?\s*;?\s*$", re.I | re.DOTALL
)
# Clauses that are no part of an expression, and words that `parse_sql_expr` reads otherwise.
_MORE = re.compile(r"\b(from|where|group\s+by|union|except|intersect|limit|having|qualify)\b", re.I)
_OPEN, _CLOSE = "([{", ")]}"


def select_list(sql: str, ctx: Any) -> Callable[[], tuple[Any, list[Any]]] | None:
    """What makes the table and the expressions; nothing if the query has more than that."""
    found = _QUERY.match(re.sub(r"--[^\n]*", "", sql))
    if found is None or _MORE.search(re.sub(r"'[^']*'|\([^()]*\)", "", found[1])):
        return None
    parts, name = _split(found[1]), found[2]
    if any(part.strip() == "*" for part in parts):
        return None

    def make() -> tuple[Any, list[Any]]:
        table = ctx.table(name) if name else ctx.sql("SELECT 1 AS one")
        return table, [table.parse_sql_expr(part) for part in parts]

    return make


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
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]
