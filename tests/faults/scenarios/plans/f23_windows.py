"""F23: FILTER and IGNORE NULLS of windows, and empty grouping sets, are lost in physical plans."""

from __future__ import annotations

from typing import Any

import plans
from scenario import Seen, run

ROWS = "FROM (VALUES (1, 'a'), (2, NULL), (3, 'b')) AS t(x, s)"


def window_filter(package: Any) -> Seen:
    """Sends a window over some of the rows."""
    sql = f"SELECT x, sum(x) FILTER (WHERE x > 1) OVER () AS r {ROWS}"
    return carried(package, sql, [5, 5, 5], "FILTER")


def filter_that_is_null(package: Any) -> Seen:
    """Sends a window over no rows."""
    sql = f"SELECT x, count(*) FILTER (WHERE NULL) OVER () AS r {ROWS}"
    return carried(package, sql, [0, 0, 0], "FILTER")


def ignore_nulls(package: Any) -> Seen:
    """Sends a window function that passes over nulls."""
    sql = f"SELECT x, last_value(s) IGNORE NULLS OVER (ORDER BY x) AS r {ROWS}"
    return carried(package, sql, ["a", "a", "b"], "NULLS")


def empty_grouping_set(package: Any) -> Seen:
    """Sends an aggregate over one group that has no key."""
    sql = f"SELECT count(*) AS r {ROWS} GROUP BY GROUPING SETS (())"
    return carried(package, sql, [3], "grouping")


def carried(package: Any, sql: str, wanted: list[Any], naming: str) -> Seen:
    """Whether a column of a physical plan arrives, or the plan does not leave."""
    ctx = plans.session(package, 1)

    def arrived(message: bytes) -> list[Any]:
        return [row["r"] for row in plans.rows(package, plans.decoded(package, message))]

    encode = ctx.sql(sql).execution_plan().to_bytes
    return plans.same_or_refused(lambda: encode(ctx), arrived, wanted, naming)


if __name__ == "__main__":
    run(window_filter, filter_that_is_null, ignore_nulls, empty_grouping_set)
