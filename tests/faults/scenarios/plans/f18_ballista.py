"""F18: Python functions do not run in Ballista."""

from __future__ import annotations

from typing import Any

import functions
from scenario import Seen, broken, kept, run


def select(package: Any) -> Seen:
    """Calls a function in a query on a cluster."""
    return on_cluster(package, "SELECT f(a) AS r FROM t ORDER BY a", {"r": [11, 12, 13]})


def every_clause(package: Any) -> Seen:
    """Calls it where rows are chosen, grouped, sorted and joined."""
    query = """SELECT f(t.a) AS r FROM t JOIN t u ON f(t.a) = f(u.a) WHERE f(t.a) > 11
        GROUP BY f(t.a) HAVING f(f(t.a)) > 0 ORDER BY f(t.a)"""
    return on_cluster(package, query, {"r": [12, 13]})


def on_cluster(package: Any, query: str, wanted: dict[str, list[int]]) -> Seen:
    """The rows of a query on a cluster."""
    if not hasattr(package.SessionContext, "standalone_cluster"):
        return broken("has no adapter for Ballista")
    ctx = package.SessionContext.standalone_cluster(executors=1)
    ctx.register_udf(functions.make(package, "scalar"))
    ctx.from_pydict({"a": [1, 2, 3]}, name="t")
    found = ctx.sql(query).to_pydict()
    return kept("the same rows") if found == wanted else broken(f"{found} for {wanted}")


if __name__ == "__main__":
    run(select, every_clause)
