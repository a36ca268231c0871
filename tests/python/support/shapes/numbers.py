"""Shapes of logical plans and expressions with numbers at their ends, and of sets of groups."""

from __future__ import annotations

from collections.abc import Iterator

from support.shapes import logical_nodes as lp
from support.shapes import proto as p
from support.shapes.expressions import Shape
from support.shapes.logical_nodes import ROW, SCAN
from support.shapes.plans import COLUMN_SCHEMA, HUGE
from support.shapes.proto import I64, ONE, C


def grouping() -> Iterator[Shape]:
    """Sets of groups."""
    for count in (8, 12, 16, 20, 30, 50, 65, 1000):
        wide = p.schema(*[p.field(f"c{i}", I64) for i in range(count)])
        columns = [p.column(f"c{i}") for i in range(count)]
        scan = lp.scan(wide)
        for kind, name in ((23, "cube"), (24, "rollup")):
            yield (
                f"grouping {name} {count}",
                "L",
                lp.aggregate(scan, [p.f(kind, p.each(1, columns))], []),
            )
        sets = p.f(22, p.each(1, [p.each(1, columns)] * count))
        yield f"grouping sets {count}", "L", lp.aggregate(scan, [sets], [])
        for other, name in ((23, "cubes"), (24, "rollups")):
            some = [p.f(other, p.each(1, columns[: min(count, 6)])) for _ in range(min(6, count))]
            yield f"grouping {name} product {count}", "L", lp.aggregate(scan, some, [])
        pairs = [p.f(22, p.each(1, [p.f(1, one), p.f(1, one)])) for one in columns]
        yield f"grouping product of sets {count}", "L", lp.aggregate(scan, pairs, [])
        nest = columns[0]
        for _ in range(min(count, 20)):
            nest = p.f(23, p.each(1, [nest, nest][: 1 + (count < 12)]))
        yield f"grouping cube in cube {count}", "L", lp.aggregate(scan, [nest], [])


def numbers() -> Iterator[Shape]:
    """Numbers at their ends."""
    for n in (0, *HUGE):
        yield f"number limit {n}", "L", lp.limit(SCAN, n, n)
        yield f"number limit row {n}", "L", lp.limit(ROW, n, n)
        yield f"number limits {n}", "L", lp.limit(lp.limit(lp.sort(SCAN, C), n, n), n, n)
        yield f"number sort fetch {n}", "L", lp.sort(SCAN, C, fetch=n)
        yield f"number sort fetch limit {n}", "L", lp.limit(lp.sort(ROW, C, fetch=n), n, n)
        yield f"number round robin {n}", "L", lp.robin(SCAN, n)
        yield f"number round robin row {n}", "L", lp.robin(ROW, n)
        yield f"number hash {n}", "L", lp.hashed(ROW, n, C)
        yield f"number hash sorted {n}", "L", lp.sort(lp.hashed(ROW, n, C), C)
        yield f"number hash grouped {n}", "L", lp.aggregate(lp.hashed(ROW, n, C), [C], [])
        yield f"number values {n}", "L", lp.values(n, ONE, ONE)
        yield f"number unnest depth {n}", "L", lp.unnest(SCAN, "l", depths=[("l", "l", n)])
        yield (
            f"number csv infer {n}",
            "L",
            lp.files(
                COLUMN_SCHEMA, "file:///none/a.csv", style=(10, p.f(5, p.f(6, n) + p.f(19, n)))
            ),
        )
        sized = (
            p.f(7, n)
            + p.f(8, n)
            + p.f(4, n)
            + p.f(12, n)
            + p.f(15, n)
            + p.f(18, n)
            + p.f(24, n)
            + p.f(25, n)
        )
        yield (
            f"number parquet {n}",
            "L",
            lp.files(
                COLUMN_SCHEMA,
                "file:///none/a.parquet",
                style=(11, p.f(2, p.f(1, sized + p.f(22, n) + p.f(17, n)))),
            ),
        )
        yield (
            f"number json {n}",
            "L",
            lp.files(COLUMN_SCHEMA, "file:///none/a.json", style=(15, p.f(1, p.f(2, n)))),
        )
        for units in (0, 1, 2):
            for value in (
                p.f(7, n),
                p.f(11, n),
                p.f(2, "9" * 40),
                p.f(31, p.f(1, n) + p.f(2, n) + p.f(3, n)),
            ):
                frame = p.f(1, units) + p.f(2, p.bound(1, value)) + p.f(3, p.bound(2, value))
                yield (
                    f"number frame {units} {n} {value[:1].hex()}",
                    "L",
                    lp.window(ROW, p.window("sum", C, by=[C], frame=frame)),
                )
    zone = p.f(20, p.f(1, 3) + p.f(2, "Europe/Paris"))
    for n in (2**31 - 1, -(2**31)):
        for kind, name in ((14, "date32"), (24, "interval ym")):
            yield (
                f"number {name} {n}",
                "E",
                p.binary("Plus", p.lit(p.f(14, n)), p.lit(p.f(kind, n))),
            )
        month = p.lit(p.f(31, p.f(1, n) + p.f(2, n) + p.f(3, n)))
        for op in ("Plus", "Minus"):
            yield f"number date {op} month {n}", "E", p.binary(op, p.lit(p.f(14, n)), month)
            stamp = p.lit(p.f(26, p.f(2, 2**63 - 1) + p.f(5, "Europe/Paris")))
            yield f"number stamp {op} month {n}", "E", p.binary(op, stamp, month)
        yield f"number date to stamp {n}", "E", p.cast(p.lit(p.f(14, n)), zone)
        yield (
            f"number date_trunc {n}",
            "E",
            p.call("date_trunc", p.text("month"), p.lit(p.f(26, p.f(3, 2**63 - 1)))),
        )
        yield f"number date_bin {n}", "E", p.call("date_bin", month, p.lit(p.f(26, p.f(2, n))))
        yield f"number to_char {n}", "E", p.call("to_char", p.lit(p.f(14, n)), p.text("%Y" * 2000))
        yield (
            f"number make_date {n}",
            "E",
            p.call("make_date", p.number(n), p.number(n), p.number(n)),
        )
        yield f"number power {n}", "E", p.call("power", p.number(n), p.number(n))
        yield f"number factorial {n}", "E", p.call("factorial", p.number(n))
        yield f"number gcd {n}", "E", p.call("gcd", p.number(-(2**63)), p.number(-(2**63)))
        yield f"number lcm {n}", "E", p.call("lcm", p.number(-(2**63)), p.number(-1))
        yield f"number shift {n}", "E", p.binary("BitwiseShiftLeft", p.number(n), p.number(n))
        yield f"number div {n}", "E", p.binary("Divide", p.number(-(2**63)), p.number(-1))
        yield f"number mod {n}", "E", p.binary("Modulo", p.number(-(2**63)), p.number(-1))
        yield f"number neg {n}", "E", p.unary(13, p.number(-(2**63)))
        yield f"number abs {n}", "E", p.call("abs", p.number(-(2**63)))
        yield (
            f"number round {n}",
            "E",
            p.call("round", p.lit(p.f(20, p.f(1, b"\x7f" * 16) + p.f(2, 38))), p.number(n)),
        )


GROUPS = (grouping, numbers)
