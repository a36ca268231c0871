"""The queries of the grammar, in a session that has its tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import planwire
import tables
from grammar import Grammar
from query import Query
from select_list import select_list

# A session is larger than a query over it: one in so many is pickled.
SESSIONS = 10


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
        expressions, table = select_list(sql)
        with_session = number % SESSIONS == 0
        place = f"grammar/{seed}/{number}"
        yield Query(place, sql, ctx, receiver, expressions, table, with_session=with_session)


def receiver() -> planwire.SessionContext:
    """A session that knows nothing."""
    return planwire.SessionContext(
        planwire.SessionConfig().with_target_partitions(tables.PARTITIONS)
    )
