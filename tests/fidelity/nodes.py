"""One small query for each node of a plan and each of its options, over the tables of the grammar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import tables
from node_queries import NODES
from query import Query
from select_list import select_list


def queries(name: str, folder: Path) -> Iterator[Query]:
    """The queries of all nodes, or of one."""
    plain, lambdas = tables.session(folder), tables.session(folder)
    lambdas.sql("SET datafusion.sql_parser.dialect = databricks")
    for node, options in NODES.items():
        for option, sql in options.items():
            place = f"nodes/{node}/{option}"
            if place.startswith(f"nodes/{name}"):
                ctx = lambdas if "->" in sql else plain
                yield Query(place, sql, ctx, select=select_list(sql, ctx), in_processes=True)
