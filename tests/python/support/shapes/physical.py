"""Shapes of physical plans: nodes in themselves, in pairs, and with what is below twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from support.shapes import physical_nodes as pp
from support.shapes import proto as p
from support.shapes.expressions import Shape, deepest, in_turn, nested
from support.shapes.physical_nodes import EMPTY, P_TABLE, X_ONE, XC, XS
from support.shapes.proto import I64

Wrap = Callable[[bytes], bytes]
GT = pp.x_binary("Gt", XC, X_ONE)


def _nodes() -> dict[str, Wrap]:
    """A node of each kind around a plan, the columns kept."""
    keep = (XC, XS)
    on = [(XC, XC)]
    filter_ = p.f(
        8,
        p.f(1, pp.x_binary("Eq", pp.x_column("c", 0), pp.x_column("c", 1)))
        + p.f(2, p.f(1, 0))
        + p.f(2, p.f(1, 0) + p.f(2, 1))
        + p.f(3, p.schema(p.field("c", I64), p.field("c", I64))),
    )
    return {
        "projection": lambda e: pp.projection(e, *keep, names=("c", "s")),
        "projection plus": lambda e: pp.projection(
            e, pp.x_binary("Plus", XC, X_ONE), XS, names=("c", "s")
        ),
        "projection twice": lambda e: pp.projection(
            e, pp.x_binary("Plus", XC, XC), XS, names=("c", "s")
        ),
        "projection many": lambda e: pp.projection(
            e, *keep, XC, XC, XC, names=("c", "s", "x", "y", "z")
        ),
        "global limit": lambda e: pp.limit(e, 1, 5),
        "local limit": lambda e: pp.one(7, e, p.f(2, 5)),
        "aggregate": lambda e: pp.projection(
            pp.aggregate(e, [XC, XS], [], names=("c", "s")), *keep, names=("c", "s")
        ),
        "aggregate sum": lambda e: pp.projection(
            pp.aggregate(e, [XS], [pp.x_aggregate("sum", XC)], names=("s",)),
            pp.x_column("a0", 1),
            pp.x_column("s", 0),
            names=("c", "s"),
        ),
        "aggregate partial": lambda e: pp.aggregate(e, [XC, XS], [], mode=0, names=("c", "s")),
        "hash join": lambda e: pp.projection(pp.hash_join(e, EMPTY, on), *keep, names=("c", "s")),
        "hash join right": lambda e: pp.projection(
            pp.hash_join(EMPTY, e, on), *keep, names=("c", "s")
        ),
        "hash join kept": lambda e: pp.hash_join(e, EMPTY, on),
        "hash join partitioned": lambda e: pp.hash_join(e, EMPTY, on, 1),
        "hash join filter": lambda e: pp.hash_join(e, EMPTY, on, 0, filter_),
        "semi": lambda e: pp.hash_join(e, EMPTY, on, 0, p.f(4, 4)),
        "symmetric": lambda e: p.f(25, p.f(1, e) + p.f(2, EMPTY) + p.f(3, p.f(1, XC) + p.f(2, XC))),
        "sort": lambda e: pp.sort(e, XC),
        "sort partitions": lambda e: pp.sort(e, XC, more=p.f(4, 1)),
        "sort two": lambda e: pp.sort(e, XC, XS, fetch=5),
        "sort expr": lambda e: pp.sort(e, pp.x_binary("Plus", XC, X_ONE)),
        "coalesce batches": lambda e: pp.one(11, e, p.f(2, 100)),
        "filter": lambda e: pp.filtered(e, GT),
        "filter equal": lambda e: pp.filtered(e, pp.x_binary("Eq", XC, X_ONE)),
        "coalesce": lambda e: pp.one(13, e),
        "repartition": lambda e: pp.repartition(e, 7),
        "repartition hash": lambda e: pp.repartition(e, 7, XC),
        "repartition order": lambda e: pp.repartition(pp.sort(e, XC), 7, XC, ordered=1),
        "window": lambda e: pp.projection(
            pp.window(e, pp.x_window("sum", XC)), *keep, names=("c", "s")
        ),
        "window kept": lambda e: pp.window(e, pp.x_window("sum", XC)),
        "window by": lambda e: pp.window(e, pp.x_window("sum", XC, parts=[XS], by=[XC])),
        "cross": lambda e: pp.projection(pp.cross(e, EMPTY), *keep, names=("c", "s")),
        "cross kept": lambda e: pp.cross(e, EMPTY),
        "cross right": lambda e: pp.cross(EMPTY, e),
        "union": lambda e: pp.union(e, EMPTY),
        "union right": lambda e: pp.union(EMPTY, e),
        "interleave": lambda e: pp.union(
            pp.repartition(e, 7, XC), pp.repartition(EMPTY, 7, XC), kind=26
        ),
        "merge": lambda e: pp.merge(pp.sort(e, XC), XC),
        "loop join": lambda e: pp.projection(pp.loop_join(e, EMPTY), *keep, names=("c", "s")),
        "loop join kept": lambda e: pp.loop_join(e, EMPTY),
        "analyze": lambda e: p.f(23, p.f(3, e) + p.f(4, P_TABLE)),
        "unnest": lambda e: p.f(30, p.f(1, e) + p.f(2, P_TABLE) + p.f(5, b"")),
        "cooperative": lambda e: pp.one(32, e),
        "merge join": lambda e: pp.projection(pp.merge_join(e, EMPTY, on), *keep, names=("c", "s")),
        "merge join kept": lambda e: pp.merge_join(e, EMPTY, on),
        "async": lambda e: pp.one(36, e),
        "buffer": lambda e: pp.one(37, e, p.f(2, 100)),
        "subquery": lambda e: p.f(39, p.f(1, e) + p.f(2, EMPTY)),
        "subquery inner": lambda e: p.f(39, p.f(1, EMPTY) + p.f(2, e)),
        "json sink": lambda e: p.f(
            24,
            p.f(1, e)
            + p.f(
                2,
                p.f(1, p.f(1, "file:///") + p.f(4, P_TABLE) + p.f(3, "file:///none/"))
                + p.f(2, p.f(1, 4)),
            )
            + p.f(3, P_TABLE),
        ),
    }


NODES = _nodes()


def deep() -> Iterator[Shape]:
    """Each kind of node in itself, as deep as it is taken."""
    for name, wrap in NODES.items():
        levels, message = deepest(wrap, EMPTY, "P")
        yield f"physical {name} {levels}", "P", message
        ordered = pp.sort(pp.filtered(EMPTY, pp.x_binary("Eq", XC, pp.x_cast(XS, I64))), XC, XS)
        levels, message = deepest(wrap, ordered, "P")
        yield f"physical ordered {name} {levels}", "P", message


def pairs() -> Iterator[Shape]:
    """Two kinds of node in turn."""
    some = [
        "projection twice",
        "projection many",
        "aggregate sum",
        "hash join",
        "sort two",
        "filter equal",
        "repartition hash",
        "window by",
        "union",
        "merge",
        "loop join",
        "merge join",
        "semi",
    ]
    for name, wrap in in_turn(some, NODES):
        yield f"physical pair {name}", "P", deepest(wrap, EMPTY, "P")[1]


def twice() -> Iterator[Shape]:
    """Each node has the plan below twice."""
    doubles: dict[str, Wrap] = {
        "union": lambda e: pp.union(e, e),
        "cross": lambda e: pp.cross(e, e),
        "cross narrow": lambda e: pp.projection(pp.cross(e, e), XC, XS, names=("c", "s")),
        "loop": lambda e: pp.loop_join(e, e),
        "hash": lambda e: pp.hash_join(e, e, [(XC, XC)]),
        "hash narrow": lambda e: pp.projection(
            pp.hash_join(e, e, [(XC, XC)]), XC, XS, names=("c", "s")
        ),
        "merge join": lambda e: pp.merge_join(e, e, [(XC, XC)]),
        "subquery": lambda e: p.f(39, p.f(1, e) + p.f(2, e)),
        "interleave": lambda e: pp.union(
            pp.repartition(e, 64, XC), pp.repartition(e, 64, XC), kind=26
        ),
        "repartition union": lambda e: pp.repartition(pp.union(e, e), 1000),
        "projection": lambda e: pp.projection(e, XC, XC, names=("c", "s")),
    }
    for name, wrap in doubles.items():
        for levels in (6, 9, 11, 12):
            yield f"physical twice {name} {levels}", "P", nested(wrap, EMPTY, levels)
            yield (
                f"physical twice partitions {name} {levels}",
                "P",
                nested(wrap, pp.empty(P_TABLE, 1000), levels),
            )
    wide = EMPTY
    for levels in range(40):
        wide = pp.projection(
            wide, *[pp.x_column("c", i % max(1, min(2**levels, 500))) for i in range(1000)]
        )
        if levels in (3, 20):
            yield f"physical widening {levels}", "P", wide


GROUPS = (deep, twice, pairs)
