"""The queries of `nodes`, by node and option."""

from __future__ import annotations

_ON = "FROM arrow AS a {} parquet AS b ON a.i = b.k"
_LATERAL = "SELECT a.k, q.x FROM arrow AS a {} LATERAL (SELECT b.s AS x FROM parquet AS b WHERE b.k = a.i) AS q{}"


def _joins() -> dict[str, str]:
    inner = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]
    half = {
        "LEFT SEMI JOIN": "a",
        "LEFT ANTI JOIN": "a",
        "RIGHT SEMI JOIN": "b",
        "RIGHT ANTI JOIN": "b",
    }
    found = {join.lower(): f"SELECT a.k, b.s {_ON.format(join)}" for join in inner}
    found |= {join.lower(): f"SELECT {side}.k {_ON.format(join)}" for join, side in half.items()}
    found |= {
        f"{join.lower()} with a filter": f"SELECT a.k, b.s {_ON.format(join)} AND a.k > b.i"
        for join in inner
    }
    return found | {
        "by several columns": "SELECT a.k FROM parquet AS a JOIN csv AS b ON a.k = b.k AND a.s = b.s",
        "null equals null": "SELECT a.k FROM arrow AS a JOIN json AS b ON a.i IS NOT DISTINCT FROM b.i",
        "by an inequality": "SELECT a.k, b.k AS o FROM arrow AS a JOIN parquet AS b ON a.k < b.i",
        "left by an inequality": "SELECT a.k, b.k AS o FROM arrow AS a LEFT JOIN parquet AS b ON a.k < b.i",
        "of files": "SELECT a.k FROM parquet AS a JOIN parquet AS b ON a.i = b.k",
        "right, of files": "SELECT b.k FROM parquet AS a RIGHT JOIN parquet AS b ON a.i = b.k",
        "semi, of files": "SELECT k FROM parquet WHERE i IN (SELECT k FROM parquet WHERE k > 1)",
        "cross": "SELECT a.k, b.k AS o FROM arrow AS a CROSS JOIN parquet AS b",
        "using": "SELECT k, a.s FROM arrow AS a JOIN parquet AS b USING (k)",
        "natural": "SELECT * FROM (SELECT k FROM arrow) AS a NATURAL JOIN (SELECT k FROM csv) AS b",
        "lateral": _LATERAL.format("CROSS JOIN", ""),
        "left lateral": _LATERAL.format("LEFT JOIN", " ON true"),
        "not in": "SELECT k FROM arrow WHERE i NOT IN (SELECT i FROM parquet)",
    }


def _windows() -> dict[str, str]:
    over = "SELECT k, {} OVER ({}) AS w FROM parquet"
    order = "ORDER BY k"
    calls = {
        "row_number": "row_number()",
        "rank": "rank()",
        "ntile": "ntile(3)",
        "lag": "lag(i)",
        "lag with a default": "lag(i, 2, 7)",
        "lead ignore nulls": "lead(i) IGNORE NULLS",
        "lag respect nulls": "lag(i) RESPECT NULLS",
        "first_value ignore nulls": "first_value(i) IGNORE NULLS",
        "last_value ignore nulls": "last_value(i) IGNORE NULLS",
        "nth_value ignore nulls": "nth_value(i, 2) IGNORE NULLS",
        "sum": "sum(i)",
        "filter": "sum(i) FILTER (WHERE i > 1)",
        "filter that is null": "count(*) FILTER (WHERE NULL)",
        "distinct": "count(DISTINCT i)",
        "Python function": "own_window(i)",
        "Python aggregate": "own_aggregate(i)",
    }
    frames = {
        "rows": "ROWS BETWEEN 1 PRECEDING AND 2 FOLLOWING",
        "groups": "GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
        "range": "RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING",
        "unbounded": "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
        "following": "RANGE BETWEEN 1 FOLLOWING AND 3 FOLLOWING",
    }
    found = {name: over.format(call, order) for name, call in calls.items()}
    found |= {
        f"frame of {name}": over.format("sum(i)", f"{order} {frame}")
        for name, frame in frames.items()
    }
    return found | {
        "partitioned": over.format("sum(i)", "PARTITION BY i % 2 ORDER BY k"),
        "order descending, nulls first": over.format("sum(k)", "ORDER BY i DESC NULLS FIRST, k"),
        "no order": over.format("sum(i) FILTER (WHERE k < 5)", ""),
        "range of dates": "SELECT k, count(*) OVER (ORDER BY d RANGE BETWEEN INTERVAL '2 months' "
        "PRECEDING AND CURRENT ROW) AS w FROM parquet WHERE d IS NOT NULL",
        "qualify": "SELECT k FROM parquet QUALIFY row_number() OVER (ORDER BY k DESC) < 3",
        "top rows of each partition": "SELECT k FROM (SELECT k, row_number() OVER (PARTITION BY i "
        "ORDER BY k) AS r FROM parquet) WHERE r = 1",
    }


def _aggregates() -> dict[str, str]:
    calls = {
        "count": "count(*)",
        "sum": "sum(i)",
        "filter": "sum(i) FILTER (WHERE i > 1)",
        "distinct": "count(DISTINCT i), sum(DISTINCT i)",
        "order by": "array_agg(s ORDER BY i DESC NULLS LAST, k)",
        "distinct order by": "array_agg(DISTINCT i ORDER BY i DESC)",
        "ignore nulls": "first_value(i ORDER BY k DESC) IGNORE NULLS",
        "respect nulls": "first_value(i ORDER BY k DESC) RESPECT NULLS",
        "within group": "percentile_cont(0.5) WITHIN GROUP (ORDER BY i DESC)",
        "separator": "string_agg(s, '; ' ORDER BY k)",
        "Python function": "own_aggregate(i)",
        "Python function with a filter": "own_aggregate(i) FILTER (WHERE k > 3)",
        "min and max of text": "min(s), max(s)",
        "approximate": "approx_distinct(s), approx_median(i)",
        "statistics": "stddev(k), corr(k, i), regr_slope(k, i)",
    }
    found = {name: f"SELECT {call} FROM parquet" for name, call in calls.items()}
    found |= {
        f"{name}, grouped": f"SELECT i, {call} FROM parquet GROUP BY i"
        for name, call in calls.items()
    }
    return found | {
        "grouping sets": "SELECT i, s, count(*) FROM parquet GROUP BY GROUPING SETS ((i, s), (i), ())",
        "empty grouping set": "SELECT count(*) FROM parquet GROUP BY GROUPING SETS (())",
        "empty grouping set of no rows": "SELECT count(*) FROM parquet WHERE k > 99 GROUP BY GROUPING SETS (())",
        "rollup": "SELECT i, s, sum(k), grouping(i) FROM parquet GROUP BY ROLLUP (i, s)",
        "cube": "SELECT i, s, sum(k), grouping(i, s) FROM parquet GROUP BY CUBE (i, s)",
        "group by all": "SELECT i, count(*) FROM parquet GROUP BY ALL",
        "having": "SELECT i FROM parquet GROUP BY i HAVING count(*) > 1",
        "distinct rows": "SELECT DISTINCT i, s FROM parquet",
        "distinct on": "SELECT DISTINCT ON (i) i, k FROM parquet ORDER BY i, k DESC",
        "no groups, no rows": "SELECT sum(i), count(*) FROM parquet WHERE k > 99",
        "limit of groups": "SELECT DISTINCT i FROM parquet ORDER BY i LIMIT 2",
        "top groups": "SELECT s, max(k) AS m FROM parquet GROUP BY s ORDER BY m DESC LIMIT 2",
        "distinct and plain": "SELECT i, count(DISTINCT s), sum(k), count(*) FILTER (WHERE k > 2) "
        "FROM parquet GROUP BY i",
    }


def _sets() -> dict[str, str]:
    sets = ["UNION ALL", "UNION", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL"]
    found = {each.lower(): f"SELECT i FROM arrow {each} SELECT k FROM parquet" for each in sets}
    for each in ("UNION BY NAME", "UNION ALL BY NAME"):
        found[each.lower()] = f"SELECT i, k FROM arrow {each} SELECT k, s FROM parquet"
        found[f"{each.lower()} of literals"] = f"SELECT 1 AS a {each} SELECT 'x' AS b, 2 AS a"
    found["of three"] = (
        "SELECT k FROM arrow UNION ALL SELECT k FROM csv UNION ALL SELECT i FROM json"
    )
    return found


def _subqueries() -> dict[str, str]:
    related = "SELECT 1 FROM parquet AS b WHERE b.k = a.i"
    predicates = {
        "in": "i IN (SELECT k FROM parquet)",
        "not in": "k NOT IN (SELECT k FROM parquet WHERE k > 3)",
        "exists": f"EXISTS ({related})",
        "not exists": f"NOT EXISTS ({related})",
        "scalar": "i > (SELECT min(k) FROM parquet)",
        "scalar, correlated": "(SELECT count(*) FROM parquet AS b WHERE b.i = a.k) > 0",
        "any": "i = ANY (SELECT k FROM parquet)",
        "all": "i >= ALL (SELECT k FROM parquet WHERE k < 2)",
        "in within or": "i IN (SELECT k FROM parquet) OR k = 1",
        "nested": "i IN (SELECT k FROM parquet WHERE k IN (SELECT i FROM csv))",
    }
    found = {name: f"SELECT k FROM arrow AS a WHERE {each}" for name, each in predicates.items()}
    found["in a select list"] = "SELECT k, (SELECT max(k) FROM parquet) AS m FROM arrow"
    found["correlated in a select list"] = (
        "SELECT (SELECT count(*) FROM parquet AS b WHERE b.k = a.i) AS n FROM arrow AS a"
    )
    return found


_EXPRESSIONS = {
    "column": "k, s",
    "operators": "k + 1, -k, k % 3, k & 6, k << 1, f * 2",
    "comparisons": "k > 1, k <> 2, k IS DISTINCT FROM i, s IS NULL, (k > 1) IS NOT TRUE",
    "between": "k BETWEEN 1 AND 3, k NOT BETWEEN 1 AND 3",
    "in list": "k IN (1, 2, 3), s NOT IN ('a', NULL)",
    "like": "s LIKE 'a%', s NOT ILIKE '%B', s ~ '^a', s !~* 'B', s SIMILAR TO 'a|b'",
    "escape of like": "s LIKE 'a\\%' ESCAPE '\\'",
    "case": "CASE WHEN k > 1 THEN 'x' END, CASE i WHEN 1 THEN 2 ELSE 3 END",
    "cast": "k::INT, s::BYTEA, d::TIMESTAMP, k::VARCHAR AS v, m::DECIMAL(10, 1)",
    "try cast": "TRY_CAST(s AS INT)",
    "arrow cast": "arrow_cast(s, 'Dictionary(Int8, Utf8)'), arrow_cast(t, 'Timestamp(Second, Some(\"+01:00\"))')",
    "function": "abs(k - 5), upper(s), date_trunc('month', t), coalesce(i, 0)",
    "function of no arguments": "pi()",
    "Python function": "own_scalar(k)",
    "nested types": "l[1], l[1:2], r['x'], named_struct('a', k), make_array(k, i), MAP {'a': k}",
    "lambda": "array_transform(l, e -> e * 2 + k), array_filter(l, e -> e > 1)",
    "metadata": "with_metadata(k, 'unit', 'EUR'), arrow_metadata(with_metadata(k, 'unit', 'EUR'))",
    "alias": 'k AS a, k AS "a.b", s AS "ü"',
    "literals": "1, 1.5, 'x', true, NULL, DATE '2024-02-29', INTERVAL '1 month 2 days', X'00ff'",
    "half floats": "arrow_cast(1, 'Float16'), log(2, arrow_cast(k + 2, 'Float16'))",
    "time zone": "arrow_cast(t, 'Timestamp(Nanosecond, Some(\"UTC\"))') AT TIME ZONE 'Europe/Berlin'",
    "common": "(k * 3 + i) * 2, (k * 3 + i) * 4, abs(k * 3 + i)",
}

NODES: dict[str, dict[str, str]] = {
    "expression": {name: f"SELECT {each} FROM arrow" for name, each in _EXPRESSIONS.items()},
    "projection": {
        "all": "SELECT * FROM parquet",
        "except": "SELECT * EXCEPT (k) FROM arrow",
        "no columns": "SELECT count(*) FROM (SELECT 1 AS a FROM arrow)",
        "name with a dot": 'SELECT "a.b" FROM (SELECT k AS "a.b" FROM arrow) AS "q.r"',
    },
    "filter": {
        "plain": "SELECT k FROM parquet WHERE k > 3 AND i IS NOT NULL",
        "that is false": "SELECT k, s FROM parquet WHERE false",
        "by a Python function": "SELECT k FROM parquet WHERE own_scalar(k) > 1",
        "and a projection": "SELECT s FROM arrow WHERE k > 3",
        "and a limit": "SELECT k FROM arrow WHERE k > 3 LIMIT 100",
    },
    "sort": {
        "plain": "SELECT k FROM parquet ORDER BY k",
        "descending, nulls last": "SELECT i, k FROM parquet ORDER BY i DESC NULLS LAST, k",
        "top rows": "SELECT k FROM parquet ORDER BY k DESC LIMIT 3",
        "top rows in memory": "SELECT k FROM memory ORDER BY k DESC LIMIT 3",
        "by an expression": "SELECT k FROM parquet ORDER BY k % 3, abs(k - 5), k",
    },
    "limit": {
        "limit": "SELECT k FROM arrow LIMIT 100",
        "offset": "SELECT k FROM parquet ORDER BY k OFFSET 5",
        "limit and offset": "SELECT k FROM parquet ORDER BY k LIMIT 3 OFFSET 2",
        "limit 0": "SELECT k, s FROM parquet LIMIT 0",
        "an expression": "SELECT k FROM parquet ORDER BY k LIMIT 1 + 2",
        "a cast": "SELECT k FROM parquet ORDER BY k LIMIT '3'::BIGINT",
    },
    "aggregate": _aggregates(),
    "window": _windows(),
    "join": _joins(),
    "set operation": _sets(),
    "subquery": _subqueries(),
    "unnest": {
        "list": "SELECT k, unnest(l) AS e FROM arrow",
        "struct": "SELECT k, unnest(r) FROM arrow",
        "two lists": "SELECT unnest(l), unnest([k, k]) FROM parquet",
        "nested lists": "SELECT unnest([[k], [k, i]]) FROM arrow",
        "in from": "SELECT * FROM unnest([1, 2, NULL]) AS q(e)",
    },
    "values": {
        "plain": "VALUES (1, 'a'), (2, NULL)",
        "of types": "VALUES (1::SMALLINT, DATE '2024-01-01', [1]), (NULL, NULL, NULL)",
        "with names": "SELECT a + 1 AS c FROM (VALUES (1), (2)) AS q(a)",
    },
    "table function": {
        "generate_series": "SELECT * FROM generate_series(1, 5)",
        "range": "SELECT * FROM range(0, 10, 3)",
        "of dates": "SELECT * FROM generate_series(DATE '2024-01-01', DATE '2024-03-01', INTERVAL '1 month')",
        "filtered": "SELECT value FROM generate_series(1, 9) WHERE value % 2 = 0",
        "no columns": "SELECT count(*) FROM range(0, 10)",
    },
    "recursive": {
        "union all": "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT n FROM c",
        "union": "WITH RECURSIVE c AS (SELECT 1 AS n UNION SELECT n % 3 + 1 FROM c) SELECT n FROM c",
        "joined": "WITH RECURSIVE c AS (SELECT 0 AS n UNION ALL SELECT c.n + 1 FROM c JOIN parquet AS p "
        "ON p.k = c.n WHERE c.n < 4) SELECT n FROM c",
    },
    "common table": {
        "once": "WITH c AS (SELECT k, i FROM parquet) SELECT * FROM c WHERE k > 2",
        "twice": "WITH c AS (SELECT k, i FROM parquet) SELECT a.k FROM c AS a JOIN c AS b ON a.k = b.i",
    },
    "view": {
        "plain": "SELECT * FROM view",
        "joined": "SELECT a.k FROM view AS a JOIN parquet AS b ON a.i = b.k",
    },
    "table": {
        "memory": "SELECT * FROM memory",
        "memory, some columns": "SELECT l, k FROM memory",
        "parquet": "SELECT * FROM parquet",
        "arrow": "SELECT * FROM arrow",
        "csv": "SELECT * FROM csv",
        "json": "SELECT * FROM json",
        "avro": "SELECT * FROM avro",
        "no columns": "SELECT 1 AS one FROM parquet",
        "no table": "SELECT 1 AS one",
    },
    "statement": {
        "explain": "EXPLAIN SELECT k FROM parquet WHERE k > 3",
        "describe": "DESCRIBE memory",
        "describe a query": "DESCRIBE SELECT k + 1 AS a FROM arrow",
    },
}
