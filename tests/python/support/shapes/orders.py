"""Shapes of orders and columns that physical plans carry through their nodes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from support.shapes import physical_nodes as pp
from support.shapes import proto as p
from support.shapes.expressions import Shape, nested
from support.shapes.physical_nodes import EMPTY, X_ONE, XC
from support.shapes.proto import I64


def orders() -> Iterator[Shape]:
    """Plans over a sort by many expressions, of which a ladder has each of the one before."""
    for count in (10, 14, 18, 40, 500, 3000):
        exprs = [pp.x_binary("Plus", XC, pp.x_lit(p.f(7, i))) for i in range(count)]
        ladder, e = [], XC
        for _ in range(min(count, 40)):
            e = pp.x_unary(11, e)
            ladder.append(e)
        for name, some in (("flat", exprs), ("ladder", ladder), ("same", [XC] * count)):
            order = pp.sort(EMPTY, *some)
            yield f"x order {name} {count}", "P", order
            yield f"x order projected {name} {count}", "P", pp.projection(order, *some)
            yield (
                f"x order twice projected {name} {count}",
                "P",
                pp.projection(pp.projection(order, *some, names=["c"] * len(some)), XC),
            )
            yield (
                f"x order filtered {name} {count}",
                "P",
                pp.filtered(
                    order, pp.x_chain("And", *[pp.x_binary("Eq", one, X_ONE) for one in some])
                ),
            )
            yield (
                f"x order columns {name} {count}",
                "P",
                pp.filtered(
                    order, pp.x_chain("And", *[pp.x_binary("Eq", one, some[0]) for one in some])
                ),
            )
            yield f"x order grouped {name} {count}", "P", pp.aggregate(order, some, [])
            yield f"x order merged {name} {count}", "P", pp.merge(order, *some)
            yield (
                f"x order joined {name} {count}",
                "P",
                pp.hash_join(order, order, [(one, one) for one in some]),
            )
            yield (
                f"x order merge joined {name} {count}",
                "P",
                pp.merge_join(order, order, [(one, one) for one in some]),
            )
            yield f"x order loop {name} {count}", "P", pp.loop_join(order, order)
            yield (
                f"x order windowed {name} {count}",
                "P",
                pp.window(order, pp.x_window("sum", XC, parts=some, by=some)),
            )
            yield (
                f"x order windowed bare {name} {count}",
                "P",
                pp.window(order, *[pp.x_window("sum", one) for one in some[:200]]),
            )
            yield f"x order union {name} {count}", "P", pp.union(order, order)
            yield f"x order hash {name} {count}", "P", pp.repartition(order, 8, *some, ordered=1)
            yield f"x order limit {name} {count}", "P", pp.limit(order, 1, 1)


def columns() -> Iterator[Shape]:
    """Plans over very many columns."""
    for count in (100, 1000, 4000):
        table = p.schema(*[p.field(f"c{i}", I64) for i in range(count)])
        columns = [pp.x_column(f"c{i}", i) for i in range(count)]
        empty = pp.empty(table)
        order = pp.sort(empty, *columns)
        yield f"x columns {count}", "P", pp.projection(order, *columns)
        stack = order
        for _ in range(20):
            stack = pp.projection(stack, *columns, names=[f"c{i}" for i in range(count)])
        yield f"x twenty columns {count}", "P", stack
        equal = pp.x_chain("And", *[pp.x_binary("Eq", one, columns[0]) for one in columns])
        yield f"x equal columns {count}", "P", pp.filtered(empty, equal, width=count)
        yield f"x equal columns in order {count}", "P", pp.filtered(order, equal, width=count)
        yield (
            f"x order of equal columns {count}",
            "P",
            pp.sort(pp.filtered(empty, equal, width=count), *columns),
        )
        yield (
            f"x projection of equal columns {count}",
            "P",
            pp.projection(pp.sort(pp.filtered(empty, equal, width=count), *columns), *columns),
        )
        yield (
            f"x filters of equal {count}",
            "P",
            nested(partial(pp.filtered, expr=equal, width=count), empty, 12),
        )
        yield (
            f"x join of columns {count}",
            "P",
            pp.hash_join(order, order, [(one, one) for one in columns]),
        )
        yield (
            f"x in list {count}",
            "P",
            pp.filtered(empty, pp.x_in(columns[0], [pp.x_lit(p.f(7, i)) for i in range(count)])),
        )
        yield (
            f"x case {count}",
            "P",
            pp.projection(
                empty, pp.x_case(None, [(pp.x_unary(5, one), one) for one in columns], None)
            ),
        )
        for op in ("Plus", "And", "Or", "Eq", "StringConcat"):
            one = pp.x_unary(5, columns[0]) if op in ("And", "Or") else columns[0]
            yield f"x chain {op} {count}", "P", pp.projection(empty, pp.x_chain(op, *[one] * count))
            yield (
                f"x filter chain {op} {count}",
                "P",
                pp.filtered(empty, pp.x_unary(5, pp.x_chain(op, *[one] * count))),
            )
        for number in (1, 10, 50):
            orders = p.each(
                9,
                [
                    p.each(1, [p.f(1, one) for one in columns[:number]])
                    for _ in range(count // number)
                ],
            )
            conf = p.f(2, table) + p.f(6, p.f(3, b"")) + p.f(11, b"") + orders
            yield (
                f"x scan orders {number} {count}",
                "P",
                p.f(2, p.f(1, conf) + p.f(3, ",") + p.f(4, '"')),
            )
            sorts = p.each(
                4,
                [
                    p.each(1, [p.f(1, one) for one in columns[:number]])
                    for _ in range(count // number)
                ],
            )
            yield f"x memory orders {number} {count}", "P", p.f(35, p.f(2, table) + sorts)


GROUPS = (orders, columns)
