"""Messages that bring functions of Python along, which a strict session refuses."""

from __future__ import annotations

from functools import cache
from typing import Any

import planwire

from support import kinds
from support.queries import plan_of, query


@cache
def messages() -> list[bytes]:
    """A call of each kind, one within another, and one with many literals."""
    plain = [kinds.call(kinds.make(kind)) for kind in kinds.KINDS]
    nested = kinds.make("scalar")(plain[0] + planwire.lit(1.5))
    literals = kinds.call(kinds.make("scalar")) == planwire.lit("text")
    return [
        expr.to_bytes() for expr in [*plain, nested, literals, planwire.col("a") + planwire.lit(1)]
    ]


@cache
def plans(layer: Any) -> list[bytes]:
    """Queries of each function, and some that need much of what a plan can be."""
    ctx = planwire.SessionContext()
    ctx.from_pydict({"a": [1, 2, 3], "b": ["x", "y", "z"]}, name="t")
    texts = [
        "SELECT b, count(*), (SELECT max(a) FROM t) FROM t GROUP BY b ORDER BY b LIMIT 2",
        "SELECT t.a, rank() OVER (PARTITION BY t.b ORDER BY t.a) FROM t JOIN t u ON t.a = u.a",
        "SELECT DISTINCT unnest([1]) FROM t WHERE b LIKE 'x%' AND a IN (1, 2) UNION ALL SELECT 1",
    ]
    queries = [*(query(kind) for kind in kinds.KINDS), *(ctx.sql(text) for text in texts)]
    return [plan_of(layer, frame).to_bytes() for frame in queries]
