"""Shapes of physical plans with numbers at their ends, and with thousands of parts."""

from __future__ import annotations

from collections.abc import Iterator

from support.shapes import physical_nodes as pp
from support.shapes import proto as p
from support.shapes.expressions import Shape, nested
from support.shapes.physical_nodes import EMPTY, P_TABLE, X_ONE, XC
from support.shapes.proto import I64

HUGE = [10**5, 10**7, 2**31 - 1, 2**40, 2**63 - 1, -1]
GT = pp.x_binary("Gt", XC, X_ONE)


def numbers() -> Iterator[Shape]:
    """Numbers at their ends."""
    for n in HUGE:
        for name, plan in {
            "empty": pp.empty(P_TABLE, n),
            "row": pp.row(P_TABLE, n),
            "limit": pp.limit(EMPTY, n, n),
            "local": pp.one(7, EMPTY, p.f(2, n)),
            "sort": pp.sort(EMPTY, XC, fetch=n),
            "sort row": pp.sort(pp.row(), XC, fetch=n),
            "merge": pp.merge(EMPTY, XC, fetch=n),
            "robin": pp.repartition(EMPTY, n),
            "hash": pp.repartition(EMPTY, n, XC),
            "unknown": p.f(14, p.f(1, EMPTY) + p.f(5, p.f(3, n))),
            "robin of robin": pp.repartition(pp.repartition(EMPTY, n), n),
            "batches": pp.one(11, EMPTY, p.f(2, n) + p.f(3, n)),
            "filter": pp.filtered(EMPTY, GT, p.f(10, n) + p.f(11, n)),
            "filter selectivity": pp.filtered(EMPTY, GT, p.f(3, n)),
            "coalesce": pp.one(13, EMPTY, p.f(2, n)),
            "buffer": pp.one(37, EMPTY, p.f(2, n)),
            "column": pp.projection(EMPTY, pp.x_column("c", n)),
            "filter projection": pp.filtered(EMPTY, GT, p.f(9, p.varint(n))),
            "hash join fetch": pp.hash_join(EMPTY, EMPTY, [(XC, XC)], 0, p.f(12, n)),
            "hash join projection": pp.hash_join(EMPTY, EMPTY, [(XC, XC)], 0, p.f(9, p.varint(n))),
            "union partitions": pp.union(pp.empty(P_TABLE, n), pp.empty(P_TABLE, n)),
            "cross partitions": pp.cross(pp.empty(P_TABLE, n), pp.empty(P_TABLE, n)),
            "hash join partitions": pp.hash_join(
                pp.repartition(EMPTY, n, XC), pp.repartition(EMPTY, n, XC), [(XC, XC)], 1
            ),
            "sort partitions": pp.sort(pp.empty(P_TABLE, n), XC, more=p.f(4, 1)),
            "merge partitions": pp.merge(pp.sort(pp.empty(P_TABLE, n), XC, more=p.f(4, 1)), XC),
            "aggregate limit": pp.aggregate(EMPTY, [XC], [], more=p.f(11, p.f(1, n))),
            "unnest": p.f(
                30,
                p.f(1, EMPTY)
                + p.f(2, P_TABLE)
                + p.f(3, p.f(1, n) + p.f(2, n))
                + p.f(4, p.varint(n))
                + p.f(5, b""),
            ),
            "memory fetch": p.f(35, p.f(2, P_TABLE) + p.f(6, n)),
            "memory projection": p.f(35, p.f(2, P_TABLE) + p.f(3, p.varint(n))),
            "series": p.f(
                33,
                p.f(1, p.schema(p.field("v", I64)))
                + p.f(2, n)
                + p.f(4, p.f(1, -(2**63)) + p.f(2, 2**63 - 1) + p.f(3, n)),
            ),
            "series dates": p.f(
                33,
                p.f(1, p.schema(p.field("v", I64)))
                + p.f(2, n)
                + p.f(6, p.f(1, 0) + p.f(2, n) + p.f(3, p.f(1, n) + p.f(2, n) + p.f(3, n))),
            ),
            "series stamps": p.f(
                33,
                p.f(1, p.schema(p.field("v", p.f(20, p.f(1, 3)))))
                + p.f(2, n)
                + p.f(5, p.f(1, 0) + p.f(2, n) + p.f(3, p.f(3, n)) + p.f(4, "Europe/Paris")),
            ),
            "lambda variable": pp.projection(EMPTY, p.f(26, p.f(1, n) + p.f(2, p.field("x", I64)))),
            "csv": p.f(
                2,
                p.f(1, scan(p.f(5, p.f(1, n)) + p.f(12, n) + p.f(4, p.varint(n))))
                + p.f(3, ",")
                + p.f(4, '"'),
            ),
            "csv files": p.f(
                2,
                p.f(
                    1,
                    scan(
                        p.f(
                            1,
                            p.f(
                                1,
                                p.f(1, "a") + p.f(2, n) + p.f(3, n) + p.f(5, p.f(1, n) + p.f(2, n)),
                            ),
                        )
                    ),
                )
                + p.f(3, ",")
                + p.f(4, '"'),
            ),
            "csv statistics": p.f(2, p.f(1, scan(statistics(n))) + p.f(3, ",") + p.f(4, '"')),
            "csv statistics filtered": pp.filtered(
                p.f(2, p.f(1, scan(statistics(n))) + p.f(3, ",") + p.f(4, '"')), GT
            ),
            "csv statistics crossed": nested(
                lambda e: pp.cross(e, e),
                p.f(2, p.f(1, scan(statistics(n))) + p.f(3, ",") + p.f(4, '"')),
                3,
            ),
            "csv statistics joined": nested(
                lambda e: pp.hash_join(e, e, [(XC, XC)]),
                p.f(2, p.f(1, scan(statistics(n))) + p.f(3, ",") + p.f(4, '"')),
                3,
            ),
            "csv statistics limited": pp.limit(
                p.f(2, p.f(1, scan(statistics(n))) + p.f(3, ",") + p.f(4, '"')), n, n
            ),
            "csv partitioning": p.f(
                2, p.f(1, scan(p.f(15, p.f(1, n)))) + p.f(3, ",") + p.f(4, '"')
            ),
            "parquet": p.f(1, p.f(1, scan(b"")) + p.f(4, p.f(1, p.f(4, n) + p.f(33, n)))),
            "aggregate": pp.aggregate(
                EMPTY, [XC], [pp.x_aggregate("approx_percentile_cont", XC, pp.x_lit(p.f(7, n)))]
            ),
            "ntile": pp.window(EMPTY, pp.x_window("ntile", pp.x_lit(p.f(7, n)), kind=10)),
            "lead": pp.window(EMPTY, pp.x_window("lead", XC, pp.x_lit(p.f(7, n)), kind=10)),
            "nth": pp.window(EMPTY, pp.x_window("nth_value", XC, pp.x_lit(p.f(7, n)), kind=10)),
            "frame": pp.window(
                EMPTY,
                pp.x_window(
                    "sum",
                    XC,
                    frame=p.f(1, 0)
                    + p.f(2, p.bound(1, p.f(11, n)))
                    + p.f(3, p.bound(2, p.f(11, n))),
                ),
            ),
        }.items():
            yield f"physical number {name} {n}", "P", plan


def statistics(n: int) -> bytes:
    """Statistics of a scan that are at their ends."""
    exact = p.f(2, p.f(11, n & (2**64 - 1)))
    sides = (
        p.f(1, p.f(2, p.f(7, -(2**63))))
        + p.f(2, p.f(2, p.f(7, n)))
        + p.f(3, exact)
        + p.f(4, exact)
        + p.f(5, p.f(2, p.f(7, n)))
    )
    return p.f(6, p.f(1, exact) + p.f(2, exact) + p.f(3, sides) + p.f(3, sides))


def scan(more: bytes) -> bytes:
    """The part that every scan of files has."""
    known = b"" if more[:1] == p.f(6, b"")[:1] else p.f(6, p.f(3, b""))
    return p.f(2, P_TABLE) + known + p.f(11, b"") + more


def wide() -> Iterator[Shape]:
    """Thousands of parts."""
    for count in (1000, 20000):
        yield f"physical union of {count}", "P", pp.union(*[EMPTY] * (count // 4))
        yield (
            f"physical union of partitions {count}",
            "P",
            pp.union(*[pp.empty(P_TABLE, 60000)] * (count // 4)),
        )
        groups = p.each(1, [p.f(1, p.f(1, f"f{i}") + p.f(2, 10)) for i in range(count)])
        yield (
            f"physical files {count}",
            "P",
            p.f(2, p.f(1, scan(groups)) + p.f(3, ",") + p.f(4, '"')),
        )
        yield (
            f"physical packed projection {count}",
            "P",
            pp.filtered(EMPTY, GT, p.f(9, bytes(count * 40))),
        )
        yield (
            f"physical packed join projection {count}",
            "P",
            pp.hash_join(EMPTY, EMPTY, [(XC, XC)], 0, p.f(9, bytes(count * 40))),
        )
        yield (
            f"physical packed loop projection {count}",
            "P",
            pp.loop_join(EMPTY, EMPTY, 0, p.f(5, bytes(count * 40))),
        )
        yield (
            f"physical packed memory projection {count}",
            "P",
            p.f(35, p.f(2, P_TABLE) + p.f(3, bytes(count * 40))),
        )
        yield (
            f"physical packed scan projection {count}",
            "P",
            p.f(2, p.f(1, scan(p.f(4, bytes(count * 40)))) + p.f(3, ",") + p.f(4, '"')),
        )
        yield (
            f"physical packed groups {count}",
            "P",
            pp.aggregate(EMPTY, [XC], [], more=p.f(9, bytes(count * 40))),
        )
        yield (
            f"physical packed struct columns {count}",
            "P",
            p.f(30, p.f(1, EMPTY) + p.f(2, P_TABLE) + p.f(4, bytes(count * 40)) + p.f(5, b"")),
        )
        yield (
            f"physical partially sorted {count}",
            "P",
            pp.window(EMPTY, pp.x_window("sum", XC))[:0]
            + p.f(
                15,
                p.f(1, EMPTY) + p.f(2, pp.x_window("sum", XC)) + p.f(8, p.f(6, bytes(count * 40))),
            ),
        )
        yield f"physical groups {count}", "P", pp.aggregate(EMPTY, [XC] * (count // 10), [])
        yield (
            f"physical sums {count}",
            "P",
            pp.aggregate(EMPTY, [], [pp.x_aggregate("sum", XC)] * (count // 10)),
        )
        yield (
            f"physical windows {count}",
            "P",
            pp.window(EMPTY, *[pp.x_window("sum", XC)] * (count // 10)),
        )
        yield (
            f"physical explain {count}",
            "P",
            p.f(20, p.f(1, P_TABLE) + p.each(2, [p.f(1, p.f(3, b"")) + p.f(2, "x" * 100)] * count)),
        )
        yield (
            f"physical split points {count}",
            "P",
            p.f(
                14,
                p.f(1, EMPTY)
                + p.f(
                    5,
                    p.f(
                        4, p.f(1, p.f(1, XC)) + p.each(2, [p.f(1, p.f(7, i)) for i in range(count)])
                    ),
                ),
            ),
        )


GROUPS = (numbers, wide)
