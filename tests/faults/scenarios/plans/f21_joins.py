"""F21: The loop over the partitions of a physical plan hangs over a hash join of Parquet files."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

import plans
from scenario import Seen, run


def inner_join(package: Any) -> Seen:
    """Runs the partitions of an inner join, one after the other."""
    return of(package, "SELECT k FROM l JOIN r ON k = g", [1, 3])


def right_join(package: Any) -> Seen:
    """Runs the partitions of a right join."""
    return of(package, "SELECT g AS k FROM l RIGHT JOIN r ON k = g", [1, 3])


def semi_join(package: Any) -> Seen:
    """Runs the partitions of a query with IN."""
    return of(package, "SELECT k FROM l WHERE k IN (SELECT g FROM r)", [1, 3])


def of(package: Any, sql: str, wanted: list[int]) -> Seen:
    """The rows of a query over two tables of two files each."""
    ctx = plans.session(package)
    plans.register(ctx, "l", [pa.table({"k": [1, 2]}), pa.table({"k": [3, 4]})])
    plans.register(ctx, "r", [pa.table({"g": [1]}), pa.table({"g": [3]})])
    plan = plans.crossed(package, ctx, sql)
    return plans.same(lambda: plans.rows(package, plan), [{"k": k} for k in wanted])


if __name__ == "__main__":
    run(inner_join, right_join, semi_join)
