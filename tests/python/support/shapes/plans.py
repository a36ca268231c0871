"""Shapes of logical plans: each kind of node in itself, in pairs, and with what is below twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from support.shapes import logical_nodes as lp
from support.shapes import proto as p
from support.shapes.expressions import (
    BOOLEAN,
    OPERATORS,
    TEXTUAL,
    Shape,
    deepest,
    in_turn,
    nested,
)
from support.shapes.logical_nodes import ROW, SCAN
from support.shapes.proto import I64, ONE, TRUE, UTF8, C, S

Wrap = Callable[[bytes], bytes]
COLUMN_SCHEMA = p.schema(p.field("c", I64), p.field("s", UTF8))
HUGE = [2**31 - 1, 2**40, 2**63 - 1, -1]

IS = p.unary(6, C)


def _wraps() -> dict[str, Wrap]:
    """A node of each kind around a plan, the columns `c` and `s` kept."""
    two = p.each(1, [p.f(1, "c"), p.f(1, "s")])
    return {
        "projection": lambda e: lp.projection(e, C, S),
        "projection alias": lambda e: lp.projection(e, p.alias(C, "c"), p.alias(S, "s")),
        "projection named": lambda e: lp.projection(e, C, S, name="t"),
        "projection plus": lambda e: lp.projection(e, p.alias(p.binary("Plus", C, ONE), "c"), S),
        "projection twice": lambda e: lp.projection(e, p.alias(p.binary("Plus", C, C), "c"), S),
        "projection volatile": lambda e: lp.projection(
            e, p.alias(p.binary("Plus", C, p.call("random")), "c"), S
        ),
        "projection case": lambda e: lp.projection(
            e, p.alias(p.case(None, [(p.binary("Gt", C, ONE), C)], ONE), "c"), S
        ),
        "projection coalesce": lambda e: lp.projection(
            e, p.alias(p.call("coalesce", C, C), "c"), S
        ),
        "projection struct": lambda e: lp.projection(e, p.alias(p.call("struct", C, C), "c"), S),
        "projection array": lambda e: lp.projection(e, p.alias(p.call("make_array", C, C), "c"), S),
        "projection concat": lambda e: lp.projection(
            e, p.alias(p.binary("StringConcat", S, S), "s"), C
        ),
        "projection subquery": lambda e: lp.projection(
            lp.ONE_ROW, p.alias(p.subquery(lp.projection(e, C)), "c"), p.alias(p.text("x"), "s")
        ),
        "filter": lambda e: lp.filtered(e, p.binary("Gt", C, ONE)),
        "filter case": lambda e: lp.filtered(e, p.case(None, [(IS, TRUE)], TRUE)),
        "filter subquery": lambda e: lp.filtered(
            SCAN, p.binary("Eq", C, p.subquery(lp.projection(e, C)))
        ),
        "limit": lambda e: lp.limit(e, 1, 5),
        "aggregate": lambda e: lp.aggregate(e, [C, S], []),
        "aggregate sum": lambda e: lp.aggregate(e, [S], [p.alias(p.aggregate("sum", C), "c")]),
        "aggregate rollup": lambda e: lp.projection(
            lp.aggregate(e, [p.f(24, p.each(1, [C, S]))], []), C, S
        ),
        "aggregate distinct": lambda e: lp.aggregate(
            e, [S], [p.alias(p.aggregate("sum", C, distinct=1), "c")]
        ),
        "sort": lambda e: lp.sort(e, C),
        "sort fetch": lambda e: lp.sort(e, C, fetch=5),
        "round robin": lambda e: lp.robin(e, 7),
        "hash": lambda e: lp.hashed(e, 7, C),
        "explain": lp.explain,
        "explain graphviz": lambda e: lp.explain(e, 3, 1),
        "window": lambda e: lp.projection(lp.window(e, p.window("sum", C)), C, S),
        "window kept": lambda e: lp.window(e, p.window("sum", C)),
        "window projected": lambda e: lp.projection(e, p.alias(p.window("sum", C), "c"), S),
        "analyze": lp.analyze,
        "distinct": lp.distinct,
        "distinct on": lambda e: lp.distinct_on(e, [C], [C, S]),
        "alias": lambda e: lp.alias(e, "t"),
        "view": lp.view,
        "view scan": lambda e: lp.view_scan(e, "v", COLUMN_SCHEMA),
        "prepare": lambda e: lp.prepare(e, I64),
        "unnest": lambda e: lp.unnest(
            lp.projection(e, p.alias(p.call("make_array", C), "c"), S), "c"
        ),
        "union": lambda e: lp.union(e, ROW),
        "union right": lambda e: lp.union(ROW, e),
        "recursive static": lambda e: lp.recursive(e, lp.work(COLUMN_SCHEMA)),
        "recursive": lambda e: lp.recursive(ROW, e),
        "cross": lambda e: lp.cross(lp.alias(e, "a"), lp.alias(lp.NO_ROWS, "b")),
        "cross right": lambda e: lp.cross(lp.alias(lp.NO_ROWS, "a"), lp.alias(e, "b")),
        "semi": lambda e: lp.join(lp.alias(e, "a"), lp.alias(SCAN, "b"), [(C, C)], 4),
        "anti": lambda e: lp.join(lp.alias(e, "a"), lp.alias(SCAN, "b"), [(C, C)], 5),
        "mark": lambda e: lp.projection(
            lp.join(lp.alias(e, "a"), lp.alias(SCAN, "b"), [(C, C)], 8), C, S
        ),
        "left join": lambda e: lp.projection(
            lp.join(
                lp.alias(e, "a"),
                lp.alias(lp.projection(ROW, p.alias(C, "d")), "b"),
                [(C, p.column("d"))],
                1,
            ),
            C,
            S,
        ),
        "full join": lambda e: lp.projection(
            lp.join(
                lp.alias(e, "a"),
                lp.alias(lp.projection(ROW, p.alias(C, "d")), "b"),
                [(C, p.column("d"))],
                3,
            ),
            C,
            S,
        ),
        "insert": lambda e: lp.dml(e, SCAN),
        "copy": lambda e: p.f(29, p.f(1, e) + p.f(2, "memory:///none") + p.f(3, p.f(1, 1))),
        "merge": lambda e: lp.dml(e, SCAN, 7, p.f(6, p.f(1, TRUE))),
        "view schema": lambda e: lp.alias(e, "a" * 50),
        "two columns": lambda e: p.f(30, p.f(1, e) + two[:0] + p.f(7, b"")),
    }


WRAPS = _wraps()


def deep() -> Iterator[Shape]:
    """Each kind of node in itself, as deep as it is taken."""
    for name, wrap in WRAPS.items():
        for which, plan in enumerate([ROW, SCAN]):
            levels, message = deepest(wrap, plan, "L")
            yield f"plan {name} {levels} {which}", "L", message


def pairs() -> Iterator[Shape]:
    """Two kinds of node in turn."""
    some = [
        "projection twice",
        "projection case",
        "filter",
        "limit",
        "aggregate sum",
        "sort",
        "hash",
        "window projected",
        "distinct",
        "alias",
        "view scan",
        "union",
        "semi",
        "left join",
        "unnest",
        "filter subquery",
    ]
    for name, wrap in in_turn(some, WRAPS):
        yield f"plan pair {name}", "L", deepest(wrap, ROW, "L")[1]


def twice() -> Iterator[Shape]:
    """Each node has the plan below twice, as far as the nodes go."""
    doubles: dict[str, Wrap] = {
        "union": lambda e: lp.union(e, e),
        "cross": lambda e: lp.cross(
            lp.alias(e, "a"), lp.alias(lp.projection(e, p.alias(C, "d")), "b")
        ),
        "join": lambda e: lp.projection(
            lp.join(
                lp.alias(e, "a"),
                lp.alias(e, "b"),
                [
                    (
                        p.f(1, p.f(1, "c") + p.f(2, p.f(1, "a"))),
                        p.f(1, p.f(1, "c") + p.f(2, p.f(1, "b"))),
                    )
                ],
            ),
            p.alias(p.f(1, p.f(1, "c") + p.f(2, p.f(1, "a"))), "c"),
            p.alias(p.text("x"), "s"),
        ),
        "semi": lambda e: lp.join(lp.alias(e, "a"), lp.alias(e, "b"), [(C, C)], 4),
        "recursive": lambda e: lp.recursive(e, e),
        "recursive named": lambda e: lp.recursive(e, lp.filtered(e, IS)),
    }
    for name, wrap in doubles.items():
        for levels in (6, 9, 11):
            for which, plan in enumerate([ROW, SCAN]):
                yield f"plan twice {name} {levels} {which}", "L", nested(wrap, plan, levels)


def chains() -> Iterator[Shape]:
    """Chains of one operator, which a plan alone brings into a process."""
    for op in OPERATORS:
        for count in (100, 500, 1500, 4000):
            one = IS if op in BOOLEAN else S if op in TEXTUAL else C
            chain = p.binary(op, *[one] * count)
            yield f"plan chain {op} {count}", "L", lp.projection(SCAN, p.alias(chain, "x"))
        filtered = p.binary(op, *[one] * 500)
        yield f"plan chain filter {op}", "L", lp.filtered(SCAN, p.unary(6, filtered))


GROUPS = (deep, chains, twice, pairs)
