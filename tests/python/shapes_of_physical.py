"""Shapes of physical plans: each kind of node within itself, wide, in pairs, and with numbers at their ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import proto as p
from proto import EMPTY, I64, P_TABLE, UTF8, X_ONE, X_TRUE, XC, XS
from shapes_of_expressions import OPERATORS, Shape, deepest, nested

Wrap = Callable[[bytes], bytes]
HUGE = [10**5, 10**7, 2**31 - 1, 2**40, 2**63 - 1, -1]
GT = p.x_binary("Gt", XC, X_ONE)


def _exprs() -> dict[str, Wrap]:
    """A level of each kind around an expression."""
    return {
        **{f"op {op}": lambda e, op=op: p.x_binary(op, e, e if op in ("And", "Or") and 0 else X_ONE) for op in OPERATORS},
        "op And true": lambda e: p.x_binary("And", e, X_TRUE),
        "op Or true": lambda e: p.x_binary("Or", X_TRUE, e),
        "chain": lambda e: p.x_chain("Plus", e, X_ONE, X_ONE),
        "is_null": lambda e: p.x_unary(5, e),
        "is_not_null": lambda e: p.x_unary(6, e),
        "not": lambda e: p.x_unary(7, e),
        "negative": lambda e: p.x_unary(11, e),
        "case_base": lambda e: p.x_case(e, [(X_ONE, X_ONE)], X_ONE),
        "case_when": lambda e: p.x_case(None, [(p.x_unary(5, e), X_ONE)], X_ONE),
        "case_then": lambda e: p.x_case(None, [(X_TRUE, e)], None),
        "case_else": lambda e: p.x_case(None, [(X_TRUE, X_ONE)], e),
        "cast": lambda e: p.x_cast(e, I64),
        "try_cast": lambda e: p.x_cast(e, I64, 14),
        "in": lambda e: p.x_in(e, [X_ONE]),
        "in_item": lambda e: p.x_in(XC, [e]),
        "like": lambda e: p.x_like(p.x_cast(e, UTF8), p.x_lit(p.f(2, "x%"))),
        "abs": lambda e: p.x_call("abs", e),
        "coalesce": lambda e: p.x_call("coalesce", e, X_ONE),
        "random": lambda e: p.x_call("random"),
        "dynamic": lambda e: p.x_dynamic(e, e),
        "dynamic inner": lambda e: p.x_dynamic(e),
        "dynamic child": lambda e: p.x_dynamic(X_TRUE, e),
        "hash": lambda e: p.f(21, p.f(1, e) + p.f(2, 1) + p.f(6, "h")),
        "range": lambda e: p.f(27, p.f(1, p.f(1, e)) + p.f(2, p.f(1, p.f(7, 1)))),
        "lambda": lambda e: p.f(25, p.f(1, "x") + p.f(2, e)),
        "transform": lambda e: p.f(24, p.f(1, "array_transform") + p.f(2, p.x_call("make_array", XC, returns=p.list_of(I64)))
                                   + p.f(2, p.f(25, p.f(1, "x") + p.f(2, e)))),
    }  # fmt: skip


EXPRS = _exprs()


def of_expressions() -> Iterator[Shape]:
    """Expressions in each place that holds one."""
    places: dict[str, Wrap] = {
        "projection": lambda e: p.p_projection(EMPTY, e),
        "filter": lambda e: p.p_filter(EMPTY, p.x_unary(5, e)),
        "sort": lambda e: p.p_sort(EMPTY, e),
    }
    for name, wrap in EXPRS.items():
        for place, put in places.items():
            levels, message = deepest(wrap, XC, "P", put)
            yield f"x {place} {name} {levels}", "P", message
    for name in ("is_null", "op Plus", "cast", "case_then", "abs", "dynamic", "not"):
        x_one = p.x_unary(5, XC) if name == "not" else XC
        for place, put in {
            "hash": lambda e: p.p_repartition(EMPTY, 3, e),
            "group": lambda e: p.p_aggregate(EMPTY, [e], []),
            "join": lambda e: p.p_hash_join(EMPTY, EMPTY, [(e, e)]),
            "merge join": lambda e: p.p_merge_join(p.p_sort(EMPTY, e), p.p_sort(EMPTY, e), [(e, e)]),
            "aggregate": lambda e: p.p_aggregate(EMPTY, [], [p.x_aggregate("max", e)]),
            "window": lambda e: p.p_window(EMPTY, p.x_window("max", e)),
            "window by": lambda e: p.p_window(p.p_sort(EMPTY, e), p.x_window("max", XC, by=[e])),
            "merge": lambda e: p.p_merge(EMPTY, e),
            "two": lambda e: p.p_sort(p.p_projection(p.p_sort(p.p_filter(EMPTY, p.x_unary(5, e)), e), e, XC), XC),
        }.items():
            yield f"x {place} {name}", "P", deepest(EXPRS[name], x_one, "P", put)[1]
    for levels in (4, 8, 10, 12):
        both = nested(lambda e: p.x_binary("Plus", e, e), XC, levels)
        yield f"x twice plus {levels}", "P", p.p_projection(EMPTY, both)
        yield f"x twice plus sort {levels}", "P", p.p_projection(p.p_sort(EMPTY, both), both)
    for count in (10, 14, 18, 40, 500, 3000):
        exprs = [p.x_binary("Plus", XC, p.x_lit(p.f(7, i))) for i in range(count)]
        ladder, e = [], XC
        for _ in range(min(count, 40)):
            e = p.x_unary(11, e)
            ladder.append(e)
        for name, some in (("flat", exprs), ("ladder", ladder), ("same", [XC] * count)):
            order = p.p_sort(EMPTY, *some)
            yield f"x order {name} {count}", "P", order
            yield f"x order projected {name} {count}", "P", p.p_projection(order, *some)
            yield f"x order twice projected {name} {count}", "P", p.p_projection(
                p.p_projection(order, *some, names=["c"] * len(some)), XC
            )
            yield f"x order filtered {name} {count}", "P", p.p_filter(
                order, p.x_chain("And", *[p.x_binary("Eq", one, X_ONE) for one in some])
            )
            yield f"x order columns {name} {count}", "P", p.p_filter(
                order, p.x_chain("And", *[p.x_binary("Eq", one, some[0]) for one in some])
            )
            yield f"x order grouped {name} {count}", "P", p.p_aggregate(order, some, [])
            yield f"x order merged {name} {count}", "P", p.p_merge(order, *some)
            yield f"x order joined {name} {count}", "P", p.p_hash_join(order, order, [(one, one) for one in some])
            yield f"x order merge joined {name} {count}", "P", p.p_merge_join(order, order, [(one, one) for one in some])
            yield f"x order loop {name} {count}", "P", p.p_loop_join(order, order)
            yield f"x order windowed {name} {count}", "P", p.p_window(order, p.x_window("sum", XC, parts=some, by=some))
            yield f"x order windowed bare {name} {count}", "P", p.p_window(
                order, *[p.x_window("sum", one) for one in some[:200]]
            )
            yield f"x order union {name} {count}", "P", p.p_union(order, order)
            yield f"x order hash {name} {count}", "P", p.p_repartition(order, 8, *some, ordered=1)
            yield f"x order limit {name} {count}", "P", p.p_limit(order, 1, 1)
    for count in (100, 1000, 4000):
        table = p.schema(*[p.field(f"c{i}", I64) for i in range(count)])
        columns = [p.x_column(f"c{i}", i) for i in range(count)]
        empty = p.p_empty(table)
        order = p.p_sort(empty, *columns)
        yield f"x columns {count}", "P", p.p_projection(order, *columns)
        stack = order
        for _ in range(20):
            stack = p.p_projection(stack, *columns, names=[f"c{i}" for i in range(count)])
        yield f"x twenty columns {count}", "P", stack
        equal = p.x_chain("And", *[p.x_binary("Eq", one, columns[0]) for one in columns])
        yield f"x equal columns {count}", "P", p.p_filter(empty, equal, width=count)
        yield f"x equal columns in order {count}", "P", p.p_filter(order, equal, width=count)
        yield f"x order of equal columns {count}", "P", p.p_sort(p.p_filter(empty, equal, width=count), *columns)
        yield f"x projection of equal columns {count}", "P", p.p_projection(
            p.p_sort(p.p_filter(empty, equal, width=count), *columns), *columns
        )
        yield f"x filters of equal {count}", "P", nested(lambda e, q=equal: p.p_filter(e, q, width=count), empty, 12)
        yield f"x join of columns {count}", "P", p.p_hash_join(order, order, [(one, one) for one in columns])
        yield f"x in list {count}", "P", p.p_filter(empty, p.x_in(columns[0], [p.x_lit(p.f(7, i)) for i in range(count)]))
        yield f"x case {count}", "P", p.p_projection(
            empty, p.x_case(None, [(p.x_unary(5, one), one) for one in columns], None)
        )
        for op in ("Plus", "And", "Or", "Eq", "StringConcat"):
            one = p.x_unary(5, columns[0]) if op in ("And", "Or") else columns[0]
            yield f"x chain {op} {count}", "P", p.p_projection(empty, p.x_chain(op, *[one] * count))
            yield f"x filter chain {op} {count}", "P", p.p_filter(empty, p.x_unary(5, p.x_chain(op, *[one] * count)))
        for number in (1, 10, 50):
            orders = p.each(9, [p.each(1, [p.f(1, one) for one in columns[:number]]) for _ in range(count // number)])
            conf = p.f(2, table) + p.f(6, p.f(3, b"")) + p.f(11, b"") + orders
            yield f"x scan orders {number} {count}", "P", p.f(2, p.f(1, conf) + p.f(3, ",") + p.f(4, '"'))
            sorts = p.each(4, [p.each(1, [p.f(1, one) for one in columns[:number]]) for _ in range(count // number)])
            yield f"x memory orders {number} {count}", "P", p.f(35, p.f(2, table) + sorts)


def _nodes() -> dict[str, Wrap]:
    """A node of each kind around a plan, the columns kept."""
    keep = (XC, XS)
    on = [(XC, XC)]
    filter_ = p.f(8, p.f(1, p.x_binary("Eq", p.x_column("c", 0), p.x_column("c", 1)))
                  + p.f(2, p.f(1, 0)) + p.f(2, p.f(1, 0) + p.f(2, 1)) + p.f(3, p.schema(p.field("c", I64), p.field("c", I64))))  # fmt: skip
    return {
        "projection": lambda e: p.p_projection(e, *keep, names=("c", "s")),
        "projection plus": lambda e: p.p_projection(e, p.x_binary("Plus", XC, X_ONE), XS, names=("c", "s")),
        "projection twice": lambda e: p.p_projection(e, p.x_binary("Plus", XC, XC), XS, names=("c", "s")),
        "projection many": lambda e: p.p_projection(e, *keep, XC, XC, XC, names=("c", "s", "x", "y", "z")),
        "global limit": lambda e: p.p_limit(e, 1, 5),
        "local limit": lambda e: p.p_one(7, e, p.f(2, 5)),
        "aggregate": lambda e: p.p_projection(p.p_aggregate(e, [XC, XS], [], names=("c", "s")), *keep, names=("c", "s")),
        "aggregate sum": lambda e: p.p_projection(
            p.p_aggregate(e, [XS], [p.x_aggregate("sum", XC)], names=("s",)), p.x_column("a0", 1), p.x_column("s", 0), names=("c", "s")),
        "aggregate partial": lambda e: p.p_aggregate(e, [XC, XS], [], mode=0, names=("c", "s")),
        "hash join": lambda e: p.p_projection(p.p_hash_join(e, EMPTY, on), *keep, names=("c", "s")),
        "hash join right": lambda e: p.p_projection(p.p_hash_join(EMPTY, e, on), *keep, names=("c", "s")),
        "hash join kept": lambda e: p.p_hash_join(e, EMPTY, on),
        "hash join partitioned": lambda e: p.p_hash_join(e, EMPTY, on, 1),
        "hash join filter": lambda e: p.p_hash_join(e, EMPTY, on, 0, filter_),
        "semi": lambda e: p.p_hash_join(e, EMPTY, on, 0, p.f(4, 4)),
        "symmetric": lambda e: p.f(25, p.f(1, e) + p.f(2, EMPTY) + p.f(3, p.f(1, XC) + p.f(2, XC))),
        "sort": lambda e: p.p_sort(e, XC),
        "sort partitions": lambda e: p.p_sort(e, XC, more=p.f(4, 1)),
        "sort two": lambda e: p.p_sort(e, XC, XS, fetch=5),
        "sort expr": lambda e: p.p_sort(e, p.x_binary("Plus", XC, X_ONE)),
        "coalesce batches": lambda e: p.p_one(11, e, p.f(2, 100)),
        "filter": lambda e: p.p_filter(e, GT),
        "filter equal": lambda e: p.p_filter(e, p.x_binary("Eq", XC, X_ONE)),
        "coalesce": lambda e: p.p_one(13, e),
        "repartition": lambda e: p.p_repartition(e, 7),
        "repartition hash": lambda e: p.p_repartition(e, 7, XC),
        "repartition order": lambda e: p.p_repartition(p.p_sort(e, XC), 7, XC, ordered=1),
        "window": lambda e: p.p_projection(p.p_window(e, p.x_window("sum", XC)), *keep, names=("c", "s")),
        "window kept": lambda e: p.p_window(e, p.x_window("sum", XC)),
        "window by": lambda e: p.p_window(e, p.x_window("sum", XC, parts=[XS], by=[XC])),
        "window bounded": lambda e: p.p_window(e, p.x_window("sum", XC, by=[XC])).__add__(b""),
        "cross": lambda e: p.p_projection(p.p_cross(e, EMPTY), *keep, names=("c", "s")),
        "cross kept": lambda e: p.p_cross(e, EMPTY),
        "cross right": lambda e: p.p_cross(EMPTY, e),
        "union": lambda e: p.p_union(e, EMPTY),
        "union right": lambda e: p.p_union(EMPTY, e),
        "interleave": lambda e: p.p_union(p.p_repartition(e, 7, XC), p.p_repartition(EMPTY, 7, XC), kind=26),
        "merge": lambda e: p.p_merge(p.p_sort(e, XC), XC),
        "loop join": lambda e: p.p_projection(p.p_loop_join(e, EMPTY), *keep, names=("c", "s")),
        "loop join kept": lambda e: p.p_loop_join(e, EMPTY),
        "analyze": lambda e: p.f(23, p.f(3, e) + p.f(4, P_TABLE)),
        "unnest": lambda e: p.f(30, p.f(1, e) + p.f(2, P_TABLE) + p.f(5, b"")),
        "cooperative": lambda e: p.p_one(32, e),
        "merge join": lambda e: p.p_projection(p.p_merge_join(e, EMPTY, on), *keep, names=("c", "s")),
        "merge join kept": lambda e: p.p_merge_join(e, EMPTY, on),
        "async": lambda e: p.p_one(36, e),
        "buffer": lambda e: p.p_one(37, e, p.f(2, 100)),
        "subquery": lambda e: p.f(39, p.f(1, e) + p.f(2, EMPTY)),
        "subquery inner": lambda e: p.f(39, p.f(1, EMPTY) + p.f(2, e)),
        "json sink": lambda e: p.f(24, p.f(1, e) + p.f(2, p.f(1, p.f(1, "file:///") + p.f(4, P_TABLE) + p.f(3, "file:///none/")) + p.f(2, p.f(1, 4))) + p.f(3, P_TABLE)),
    }  # fmt: skip


NODES = _nodes()


def deep() -> Iterator[Shape]:
    """Each kind of node in itself, as deep as it is taken."""
    for name, wrap in NODES.items():
        levels, message = deepest(wrap, EMPTY, "P")
        yield f"physical {name} {levels}", "P", message
        ordered = p.p_sort(p.p_filter(EMPTY, p.x_binary("Eq", XC, p.x_cast(XS, I64))), XC, XS)
        levels, message = deepest(wrap, ordered, "P")
        yield f"physical ordered {name} {levels}", "P", message


def pairs() -> Iterator[Shape]:
    """Two kinds of node in turn."""
    some = [
        "projection twice", "projection many", "aggregate sum", "hash join", "sort two", "filter equal",
        "repartition hash", "window by", "union", "merge", "loop join", "merge join", "semi",
    ]  # fmt: skip
    for one in some:
        for other in some:
            if one < other:
                wrap: Wrap = lambda e, a=NODES[one], b=NODES[other]: a(b(e))  # noqa: E731
                yield f"physical pair {one} {other}", "P", deepest(wrap, EMPTY, "P")[1]


def twice() -> Iterator[Shape]:
    """Each node has the plan below twice."""
    doubles: dict[str, Wrap] = {
        "union": lambda e: p.p_union(e, e),
        "cross": lambda e: p.p_cross(e, e),
        "cross narrow": lambda e: p.p_projection(p.p_cross(e, e), XC, XS, names=("c", "s")),
        "loop": lambda e: p.p_loop_join(e, e),
        "hash": lambda e: p.p_hash_join(e, e, [(XC, XC)]),
        "hash narrow": lambda e: p.p_projection(p.p_hash_join(e, e, [(XC, XC)]), XC, XS, names=("c", "s")),
        "merge join": lambda e: p.p_merge_join(e, e, [(XC, XC)]),
        "subquery": lambda e: p.f(39, p.f(1, e) + p.f(2, e)),
        "interleave": lambda e: p.p_union(p.p_repartition(e, 64, XC), p.p_repartition(e, 64, XC), kind=26),
        "repartition union": lambda e: p.p_repartition(p.p_union(e, e), 1000),
        "projection": lambda e: p.p_projection(e, XC, XC, names=("c", "s")),
    }
    for name, wrap in doubles.items():
        for levels in (6, 9, 11, 12):
            yield f"physical twice {name} {levels}", "P", nested(wrap, EMPTY, levels)
            yield f"physical twice partitions {name} {levels}", "P", nested(wrap, p.p_empty(P_TABLE, 1000), levels)
    wide = EMPTY
    for levels in range(40):
        wide = p.p_projection(wide, *[p.x_column("c", i % max(1, min(2**levels, 500))) for i in range(1000)])
        if levels in (3, 20):
            yield f"physical widening {levels}", "P", wide


def numbers() -> Iterator[Shape]:
    """Numbers at their ends."""
    for n in HUGE:
        for name, plan in {
            "empty": p.p_empty(P_TABLE, n), "row": p.p_row(P_TABLE, n), "limit": p.p_limit(EMPTY, n, n),
            "local": p.p_one(7, EMPTY, p.f(2, n)), "sort": p.p_sort(EMPTY, XC, fetch=n),
            "sort row": p.p_sort(p.p_row(), XC, fetch=n),
            "merge": p.p_merge(EMPTY, XC, fetch=n), "robin": p.p_repartition(EMPTY, n),
            "hash": p.p_repartition(EMPTY, n, XC), "unknown": p.f(14, p.f(1, EMPTY) + p.f(5, p.f(3, n))),
            "robin of robin": p.p_repartition(p.p_repartition(EMPTY, n), n),
            "batches": p.p_one(11, EMPTY, p.f(2, n) + p.f(3, n)), "filter": p.p_filter(EMPTY, GT, p.f(10, n) + p.f(11, n)),
            "filter selectivity": p.p_filter(EMPTY, GT, p.f(3, n)),
            "coalesce": p.p_one(13, EMPTY, p.f(2, n)), "buffer": p.p_one(37, EMPTY, p.f(2, n)),
            "column": p.p_projection(EMPTY, p.x_column("c", n)), "filter projection": p.p_filter(EMPTY, GT, p.f(9, p.varint(n))),
            "hash join fetch": p.p_hash_join(EMPTY, EMPTY, [(XC, XC)], 0, p.f(12, n)),
            "hash join projection": p.p_hash_join(EMPTY, EMPTY, [(XC, XC)], 0, p.f(9, p.varint(n))),
            "union partitions": p.p_union(p.p_empty(P_TABLE, n), p.p_empty(P_TABLE, n)),
            "cross partitions": p.p_cross(p.p_empty(P_TABLE, n), p.p_empty(P_TABLE, n)),
            "hash join partitions": p.p_hash_join(p.p_repartition(EMPTY, n, XC), p.p_repartition(EMPTY, n, XC), [(XC, XC)], 1),
            "sort partitions": p.p_sort(p.p_empty(P_TABLE, n), XC, more=p.f(4, 1)),
            "merge partitions": p.p_merge(p.p_sort(p.p_empty(P_TABLE, n), XC, more=p.f(4, 1)), XC),
            "aggregate limit": p.p_aggregate(EMPTY, [XC], [], more=p.f(11, p.f(1, n))),
            "unnest": p.f(30, p.f(1, EMPTY) + p.f(2, P_TABLE) + p.f(3, p.f(1, n) + p.f(2, n)) + p.f(4, p.varint(n)) + p.f(5, b"")),
            "memory fetch": p.f(35, p.f(2, P_TABLE) + p.f(6, n)), "memory projection": p.f(35, p.f(2, P_TABLE) + p.f(3, p.varint(n))),
            "series": p.f(33, p.f(1, p.schema(p.field("v", I64))) + p.f(2, n) + p.f(4, p.f(1, -(2**63)) + p.f(2, 2**63 - 1) + p.f(3, n))),
            "series dates": p.f(33, p.f(1, p.schema(p.field("v", I64))) + p.f(2, n) + p.f(6, p.f(1, 0) + p.f(2, n) + p.f(3, p.f(1, n) + p.f(2, n) + p.f(3, n)))),
            "series stamps": p.f(33, p.f(1, p.schema(p.field("v", p.f(20, p.f(1, 3))))) + p.f(2, n) + p.f(5, p.f(1, 0) + p.f(2, n) + p.f(3, p.f(3, n)) + p.f(4, "Europe/Paris"))),
            "lambda variable": p.p_projection(EMPTY, p.f(26, p.f(1, n) + p.f(2, p.field("x", I64)))),
            "csv": p.f(2, p.f(1, scan(p.f(5, p.f(1, n)) + p.f(12, n) + p.f(4, p.varint(n)))) + p.f(3, ",") + p.f(4, '"')),
            "csv files": p.f(2, p.f(1, scan(p.f(1, p.f(1, p.f(1, "a") + p.f(2, n) + p.f(3, n) + p.f(5, p.f(1, n) + p.f(2, n)))))) + p.f(3, ",") + p.f(4, '"')),
            "csv statistics": p.f(2, p.f(1, scan(statistics(n))) + p.f(3, ",") + p.f(4, '"')),
            "csv statistics filtered": p.p_filter(p.f(2, p.f(1, scan(statistics(n))) + p.f(3, ",") + p.f(4, '"')), GT),
            "csv statistics crossed": nested(lambda e: p.p_cross(e, e), p.f(2, p.f(1, scan(statistics(n))) + p.f(3, ",") + p.f(4, '"')), 3),
            "csv statistics joined": nested(lambda e: p.p_hash_join(e, e, [(XC, XC)]), p.f(2, p.f(1, scan(statistics(n))) + p.f(3, ",") + p.f(4, '"')), 3),
            "csv statistics limited": p.p_limit(p.f(2, p.f(1, scan(statistics(n))) + p.f(3, ",") + p.f(4, '"')), n, n),
            "csv partitioning": p.f(2, p.f(1, scan(p.f(15, p.f(1, n)))) + p.f(3, ",") + p.f(4, '"')),
            "parquet": p.f(1, p.f(1, scan(b"")) + p.f(4, p.f(1, p.f(4, n) + p.f(33, n)))),
            "aggregate": p.p_aggregate(EMPTY, [XC], [p.x_aggregate("approx_percentile_cont", XC, p.x_lit(p.f(7, n)))]),
            "ntile": p.p_window(EMPTY, p.x_window("ntile", p.x_lit(p.f(7, n)), kind=10)),
            "lead": p.p_window(EMPTY, p.x_window("lead", XC, p.x_lit(p.f(7, n)), kind=10)),
            "nth": p.p_window(EMPTY, p.x_window("nth_value", XC, p.x_lit(p.f(7, n)), kind=10)),
            "frame": p.p_window(EMPTY, p.x_window("sum", XC, frame=p.f(1, 0) + p.f(2, p.bound(1, p.f(11, n))) + p.f(3, p.bound(2, p.f(11, n))))),
        }.items():  # fmt: skip
            yield f"physical number {name} {n}", "P", plan


def statistics(n: int) -> bytes:
    """Statistics of a scan that are at their ends."""
    exact = p.f(2, p.f(11, n & (2**64 - 1)))
    sides = p.f(1, p.f(2, p.f(7, -(2**63)))) + p.f(2, p.f(2, p.f(7, n))) + p.f(3, exact) + p.f(4, exact) + p.f(5, p.f(2, p.f(7, n)))
    return p.f(6, p.f(1, exact) + p.f(2, exact) + p.f(3, sides) + p.f(3, sides))


def scan(more: bytes) -> bytes:
    """The part that every scan of files has."""
    known = b"" if more[:1] == p.f(6, b"")[:1] else p.f(6, p.f(3, b""))
    return p.f(2, P_TABLE) + known + p.f(11, b"") + more


def wide() -> Iterator[Shape]:
    """Thousands of parts."""
    for count in (1000, 20000):
        yield f"physical union of {count}", "P", p.p_union(*[EMPTY] * (count // 4))
        yield f"physical union of partitions {count}", "P", p.p_union(*[p.p_empty(P_TABLE, 60000)] * (count // 4))
        groups = p.each(1, [p.f(1, p.f(1, f"f{i}") + p.f(2, 10)) for i in range(count)])
        yield f"physical files {count}", "P", p.f(2, p.f(1, scan(groups)) + p.f(3, ",") + p.f(4, '"'))
        yield f"physical packed projection {count}", "P", p.p_filter(EMPTY, GT, p.f(9, bytes(count * 40)))
        yield f"physical packed join projection {count}", "P", p.p_hash_join(EMPTY, EMPTY, [(XC, XC)], 0, p.f(9, bytes(count * 40)))
        yield f"physical packed loop projection {count}", "P", p.p_loop_join(EMPTY, EMPTY, 0, p.f(5, bytes(count * 40)))
        yield f"physical packed memory projection {count}", "P", p.f(35, p.f(2, P_TABLE) + p.f(3, bytes(count * 40)))
        yield f"physical packed scan projection {count}", "P", p.f(2, p.f(1, scan(p.f(4, bytes(count * 40)))) + p.f(3, ",") + p.f(4, '"'))
        yield f"physical packed groups {count}", "P", p.p_aggregate(EMPTY, [XC], [], more=p.f(9, bytes(count * 40)))
        yield f"physical packed struct columns {count}", "P", p.f(30, p.f(1, EMPTY) + p.f(2, P_TABLE) + p.f(4, bytes(count * 40)) + p.f(5, b""))
        yield f"physical partially sorted {count}", "P", p.p_window(EMPTY, p.x_window("sum", XC)) [:0] + p.f(15, p.f(1, EMPTY) + p.f(2, p.x_window("sum", XC)) + p.f(8, p.f(6, bytes(count * 40))))
        yield f"physical groups {count}", "P", p.p_aggregate(EMPTY, [XC] * (count // 10), [])
        yield f"physical sums {count}", "P", p.p_aggregate(EMPTY, [], [p.x_aggregate("sum", XC)] * (count // 10))
        yield f"physical windows {count}", "P", p.p_window(EMPTY, *[p.x_window("sum", XC)] * (count // 10))
        yield f"physical explain {count}", "P", p.f(20, p.f(1, P_TABLE) + p.each(2, [p.f(1, p.f(3, b"")) + p.f(2, "x" * 100)] * count))
        yield f"physical split points {count}", "P", p.f(14, p.f(1, EMPTY) + p.f(5, p.f(4, p.f(1, p.f(1, XC)) + p.each(2, [p.f(1, p.f(7, i)) for i in range(count)]))))


GROUPS = (deep, of_expressions, twice, pairs, numbers, wide)
