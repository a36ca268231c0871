"""Shapes of logical plans that have thousands of parts."""

from __future__ import annotations

from collections.abc import Iterator

from support.shapes import logical_nodes as lp
from support.shapes import proto as p
from support.shapes.expressions import Shape
from support.shapes.logical_nodes import SCAN
from support.shapes.plans import COLUMN_SCHEMA
from support.shapes.proto import I64, ONE, C


def wide() -> Iterator[Shape]:
    """Thousands of parts."""
    for count in (500, 5000):
        few = min(count, 4000)
        yield f"plan union of {count}", "L", lp.union(*[lp.ONE_ROW] * count)
        yield f"plan union of scans {count}", "L", lp.union(*[SCAN] * (count // 4))
        exprs = [p.alias(p.number(i), f"c{i}") for i in range(count)]
        yield f"plan projection of {count}", "L", lp.projection(lp.ONE_ROW, *exprs)
        wide = p.schema(*[p.field(f"c{i}", I64) for i in range(few)])
        columns = [p.column(f"c{i}") for i in range(few)]
        scan = lp.scan(wide)
        yield f"plan scan of {count}", "L", scan
        yield f"plan columns of {count}", "L", lp.projection(scan, *columns)
        stack = scan
        for _ in range(10):
            stack = lp.projection(stack, *columns)
        yield f"plan ten projections of {count}", "L", stack
        for _ in range(20):
            stack = lp.filtered(stack, p.unary(6, columns[0]))
        yield f"plan filters over {count}", "L", stack
        stack = scan
        for i in range(40):
            stack = lp.alias(stack, f"a{i}")
        yield f"plan aliases over {count}", "L", stack
        stack = scan
        for _ in range(40):
            stack = lp.window(stack, p.window("sum", columns[0]))
        yield f"plan windows over {count}", "L", stack
        stack = lp.alias(scan, "a0")
        for i in range(20):
            stack = lp.cross(
                stack, lp.alias(lp.scan(wide if few < 1000 else COLUMN_SCHEMA), f"b{i}")
            )
        yield f"plan crosses over {count}", "L", stack
        yield f"plan wildcard of {count}", "L", lp.projection(scan, *[p.f(15, b"")] * 20)
        yield f"plan values {count}", "L", lp.values(1, *[p.number(i) for i in range(count)])
        yield (
            f"plan values wide {count}",
            "L",
            lp.values(count, *[p.number(i) for i in range(count)]),
        )
        yield (
            f"plan values mixed {count}",
            "L",
            lp.values(
                2, *[p.null(p.NULL) if i % 3 else p.number(i) for i in range(count // 2 * 2)]
            ),
        )
        yield f"plan sort of {count}", "L", lp.sort(scan, *columns)
        yield f"plan group of {count}", "L", lp.aggregate(scan, columns, [])
        yield (
            f"plan sums of {count}",
            "L",
            lp.aggregate(scan, [], [p.aggregate("sum", one) for one in columns]),
        )
        yield (
            f"plan windows of {count}",
            "L",
            lp.window(scan, *[p.window("sum", one, by=[one]) for one in columns]),
        )
        yield f"plan hash of {count}", "L", lp.hashed(scan, 4, *columns)
        yield (
            f"plan join on {count}",
            "L",
            lp.join(lp.alias(scan, "a"), lp.alias(scan, "b"), [(one, one) for one in columns], 4),
        )
        yield (
            f"plan filter and {count}",
            "L",
            lp.filtered(scan, p.binary("And", *[p.binary("Gt", one, ONE) for one in columns])),
        )
        yield (
            f"plan filter or {count}",
            "L",
            lp.filtered(scan, p.binary("Or", *[p.binary("Gt", one, ONE) for one in columns])),
        )
        yield (
            f"plan filter or of and {count}",
            "L",
            lp.filtered(
                scan,
                p.binary(
                    "Or",
                    *[
                        p.binary("And", p.binary("Gt", one, ONE), p.binary("Lt", one, p.number(9)))
                        for one in columns
                    ],
                ),
            ),
        )
        yield (
            f"plan filter and of or {count}",
            "L",
            lp.filtered(
                scan,
                p.binary(
                    "And",
                    *[
                        p.binary("Or", p.binary("Gt", one, ONE), p.binary("Lt", one, p.number(9)))
                        for one in columns
                    ],
                ),
            ),
        )
        yield (
            f"plan scan filters {count}",
            "L",
            lp.scan(wide, filters=[p.binary("Gt", one, ONE) for one in columns]),
        )
        yield (
            f"plan unnest {count}",
            "L",
            lp.unnest(
                lp.projection(
                    lp.ONE_ROW,
                    *[p.alias(p.call("make_array", p.number(i)), f"c{i}") for i in range(few)],
                ),
                *[f"c{i}" for i in range(few)],
            ),
        )
        yield (
            f"plan files {count}",
            "L",
            lp.files(COLUMN_SCHEMA, *[f"file:///none/{i}.csv" for i in range(count)]),
        )
        yield (
            f"plan partitioned {count}",
            "L",
            lp.files(
                COLUMN_SCHEMA,
                "file:///none/",
                more=p.each(7, [p.f(1, f"p{i}") + p.f(2, I64) for i in range(few)]),
            ),
        )
        yield (
            f"plan subqueries {count}",
            "L",
            lp.projection(
                lp.ONE_ROW,
                *[
                    p.alias(p.subquery(lp.projection(lp.ONE_ROW, ONE)), f"c{i}")
                    for i in range(count // 10)
                ],
            ),
        )
        yield (
            f"plan exists {count}",
            "L",
            lp.filtered(
                SCAN,
                p.binary(
                    "And",
                    *[
                        p.binary("Eq", C, p.subquery(lp.projection(SCAN, C)))
                        for _ in range(count // 20)
                    ],
                ),
            ),
        )
        yield (
            f"plan names {count}",
            "L",
            lp.projection(lp.ONE_ROW, *[p.alias(ONE, f"{'n' * 200}{i}") for i in range(count)]),
        )
        yield (
            f"plan cse {count}",
            "L",
            lp.projection(
                SCAN,
                *[
                    p.alias(
                        p.binary("Plus", p.binary("Multiply", C, p.number(7)), p.number(i)), f"c{i}"
                    )
                    for i in range(few)
                ],
            ),
        )


GROUPS = (wide,)
