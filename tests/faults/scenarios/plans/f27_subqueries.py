"""F27: A query with a subquery cannot be sent as it was written."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

import plans
from scenario import Seen, run
from scenarios.plans.f25_options import again


def in_list(package: Any) -> Seen:
    """Sends IN."""
    return sent(package, "SELECT k AS r FROM t WHERE k IN (SELECT k FROM n)", [1])


def not_in_list(package: Any) -> Seen:
    """Sends NOT IN."""
    return sent(package, "SELECT k AS r FROM t WHERE k NOT IN (SELECT k FROM n)", [2, 3])


def exists(package: Any) -> Seen:
    """Sends EXISTS."""
    sql = "SELECT k AS r FROM t WHERE EXISTS (SELECT 1 FROM n WHERE n.k = t.k)"
    return sent(package, sql, [1])


def correlated(package: Any) -> Seen:
    """Sends a subquery for each row."""
    sql = "SELECT (SELECT count(*) FROM n WHERE n.k = t.k) AS r FROM t"
    return sent(package, sql, [0, 0, 1])


def scalar(package: Any) -> Seen:
    """Sends a subquery that gives one value."""
    return sent(package, "SELECT k AS r FROM t WHERE k > (SELECT max(k) FROM n)", [2, 3])


def sent(package: Any, sql: str, wanted: list[int]) -> Seen:
    """Whether a query over two tables gives its rows where it arrives."""
    ctx = plans.session(package)
    plans.register(ctx, "t", [pa.table({"k": [1, 2, 3]})])
    plans.register(ctx, "n", [pa.table({"k": [1]})])
    frame = ctx.sql(sql)
    return plans.same(lambda: sorted(again(package, ctx, frame).to_pydict()["r"]), wanted)


if __name__ == "__main__":
    run(in_list, not_in_list, exists, correlated, scalar)
