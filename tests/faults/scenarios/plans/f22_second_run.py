"""F22: A physical plan that runs a second time gives no rows, or other rows, or panics."""

from __future__ import annotations

from typing import Any

import plans
from scenario import Seen, broken, kept, run

FIVE = [{"k": at} for at in range(5)]


def scan(package: Any) -> Seen:
    """Runs a scan twice."""
    return twice(package, 1, "SELECT k FROM t", FIVE)


def aggregate(package: Any) -> Seen:
    """Runs a sum twice."""
    return twice(package, 1, "SELECT sum(k) AS s FROM t WHERE k > 0", [{"s": 10}])


def exchange(package: Any) -> Seen:
    """Runs a grouped count over two partitions twice."""
    wanted = [{"k": row["k"], "n": 1} for row in FIVE]
    return twice(package, 2, "SELECT k, count(*) AS n FROM t GROUP BY k", wanted)


def top_rows(package: Any) -> Seen:
    """Runs a sort with a limit twice."""
    return twice(package, 2, "SELECT k FROM t ORDER BY k DESC LIMIT 2", [{"k": 3}, {"k": 4}])


def twice(package: Any, partitions: int, sql: str, wanted: list[plans.Row]) -> Seen:
    """Runs a decoded plan, and runs it again."""
    ctx = plans.session(package, partitions)
    plans.numbers(ctx, files=1)
    plan = plans.crossed(package, ctx, sql)
    first = plans.same(lambda: plans.rows(package, plan), wanted)
    if not first.kept:
        return broken(f"at once: {first.text}")
    try:
        again = plans.rows(package, plan)
    except Exception as error:
        return kept("says so") if "already" in str(error) else broken(str(error)[:80])
    except BaseException as escaped:
        return broken(type(escaped).__name__)
    return kept("the same rows") if again == wanted else broken(f"then {again}, not {wanted}"[:120])


if __name__ == "__main__":
    run(scan, aggregate, exchange, top_rows)
