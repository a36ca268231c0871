"""Sound messages, as many sorts of them as there are, to be changed by the storms.

Those of built-ins hold no function of Python, so a strict session takes them as they are.
"""

from __future__ import annotations

from functools import cache

from planwire import SessionContext

EXPRESSIONS = [
    "a + 1",
    "-a * 2 % 3 > 4 AND NOT b LIKE 'x%' OR a IS NULL",
    "CASE a WHEN 1 THEN 'one' WHEN 2 THEN b ELSE NULL END",
    "CAST(a AS DECIMAL(10, 2)) / 3",
    "TRY_CAST(b AS TIMESTAMP)",
    "arrow_cast(a, 'Timestamp(Millisecond, Some(\"UTC\"))')",
    "arrow_cast(b, 'Dictionary(Int32, Utf8)')",
    "a IN (1, 2, 3) AND b NOT IN ('x', 'y')",
    "a BETWEEN 1 AND 2",
    "coalesce(b, upper(b), 'text') || repeat('ab', 3)",
    "substr(b, 1, 2) ~ '^x' AND b ILIKE '%y'",
    "date_trunc('month', TIMESTAMP '2024-01-02 03:04:05') + INTERVAL '1' MONTH",
    "DATE '2024-01-02' - INTERVAL '3 days'",
    "TIME '03:04:05' < TIME '04:00:00'",
    "X'0102' = X'0102' OR a IS DISTINCT FROM 2",
    "array_append([1, 2, a], 3)[1]",
    "named_struct('c', a, 'd', [b])",
    "map(['k'], [a])",
    "round(1.5, 1) + power(2.0, a)",
    "sum(a) FILTER (WHERE a > 1)",
    "count(DISTINCT b)",
    "array_agg(b ORDER BY a DESC)",
    "rank() OVER (PARTITION BY b ORDER BY a)",
    "sum(a) OVER (ORDER BY a ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
    "lag(a, 1, 0) OVER (ORDER BY b NULLS FIRST)",
    "range(1, 10, 2)",
    "regexp_replace(b, 'x', 'y')",
    "a = 1 AND a = 2 AND a = 3 AND a = 4 AND a = 5",
]

QUERIES = [
    "SELECT b, count(*), sum(a) FROM t GROUP BY b HAVING sum(a) > 1 ORDER BY b LIMIT 2 OFFSET 1",
    "SELECT b, (SELECT max(a) FROM t) FROM t WHERE a IN (SELECT a FROM u)",
    "SELECT t.a, rank() OVER (PARTITION BY t.b ORDER BY t.a) FROM t JOIN u ON t.a = u.a",
    "SELECT * FROM t LEFT JOIN u ON t.a = u.a AND t.b < u.b WHERE t.a > 1",
    "SELECT * FROM t CROSS JOIN u WHERE t.a + u.a > 3",
    "SELECT DISTINCT unnest([1, 2]) FROM t WHERE b LIKE 'x%' AND a IN (1, 2) UNION ALL SELECT 1",
    "SELECT a, b, count(*) FROM t GROUP BY GROUPING SETS ((a), (b), ())",
    "SELECT a, b, sum(a) FROM t GROUP BY CUBE (a, b)",
    "SELECT CASE WHEN a > 1 THEN CAST(a AS VARCHAR) ELSE b END AS c FROM t ORDER BY c DESC",
    "SELECT a FROM t INTERSECT SELECT a FROM u",
    "SELECT sum(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t",
    "SELECT * FROM (VALUES (1, 'x', 1.5), (2, 'y', NULL)) AS v (i, t, f)",
    "EXPLAIN SELECT a + 1 FROM t",
    "SELECT named_struct('a', a)['a'], [a, 2], DATE '2024-01-02' + INTERVAL '1' DAY FROM t",
]

# Of these, DataFusion writes the plans of one layer only.
LOGICAL = [
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT * FROM n",
]
PHYSICAL = ["SELECT value FROM generate_series(1, 4)"]

# DataFusion writes no IN of a subquery; the optimiser makes a join of it.
WRITTEN = [text for text in QUERIES if " IN (SELECT" not in text]


def session() -> SessionContext:
    """A session with two tables."""
    ctx = SessionContext()
    ctx.from_pydict({"a": [1, 2, 3], "b": ["x", "y", "z"]}, name="t")
    ctx.from_pydict({"a": [2, 3, 4], "b": ["y", "z", "x"]}, name="u")
    return ctx


@cache
def expressions() -> list[bytes]:
    """Expressions of built-ins."""
    table = session().table("t")
    return [table.parse_sql_expr(text).to_bytes() for text in EXPRESSIONS]


@cache
def logical_plans() -> list[bytes]:
    """Queries of built-ins as logical plans, optimised and not."""
    frames = [session().sql(text) for text in (*QUERIES, *LOGICAL)]
    optimised = [frame.optimized_logical_plan().to_bytes() for frame in frames]
    return optimised + [session().sql(text).logical_plan().to_bytes() for text in WRITTEN]


@cache
def physical_plans() -> list[bytes]:
    """Queries of built-ins as physical plans."""
    return [session().sql(text).execution_plan().to_bytes() for text in (*QUERIES, *PHYSICAL)]
