"""One small query for each node of a plan and each of its options."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from query import Query
from sources import tables
from sources.node_queries import NODES
from sources.select_list import select_list

# One in so many is tried in processes of its own too.
PROCESSES = 10


def queries(name: str, folder: Path) -> Iterator[Query]:
    """The queries of all nodes, or of one."""
    plain, lambdas = tables.session(folder), tables.session(folder)
    lambdas.sql("SET datafusion.sql_parser.dialect = databricks")
    for node, options in NODES.items():
        for number, (option, sql) in enumerate(options.items()):
            place = f"nodes/{node}/{option}"
            if fnmatch(place, f"nodes/{name}*"):
                ctx = lambdas if "->" in sql else plain
                yield Query(
                    place,
                    sql,
                    ctx,
                    select=select_list(sql, ctx),
                    in_processes=number % PROCESSES == 0,
                )
