"""The queries of the grammar, in a session that has its tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from query import Query
from sources import tables
from sources.grammar.grammar import Grammar
from sources.select_list import select_list

# A session is larger than a query over it: one in so many is pickled.
SESSIONS = 10
# What arrives in a process of its own arrives as in this one: one in so many is tried there.
PROCESSES = 50


def queries(name: str, folder: Path) -> Iterator[Query]:
    """The queries of a seed, from one number to another: `1/0-100`."""
    seed, _, numbers = name.partition("/")
    first, last = (int(number) for number in numbers.split("-"))
    plain, lambdas = tables.session(folder), tables.session(folder)
    # In DataFusion's own dialect, an arrow is an operator.
    lambdas.sql("SET datafusion.sql_parser.dialect = databricks")
    for number in range(first, last):
        sql = Grammar(int(seed), number).query()
        ctx = lambdas if "->" in sql else plain
        yield Query(
            f"grammar/{seed}/{number}",
            sql,
            ctx,
            select=select_list(sql, ctx),
            with_session=number % SESSIONS == 0,
            in_processes=number % PROCESSES == 0,
        )
