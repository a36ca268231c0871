"""Shapes of physical expressions: each kind in itself, in each place that holds one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from support.shapes import physical_nodes as pp
from support.shapes import proto as p
from support.shapes.expressions import BOOLEAN, OPERATORS, Shape, Wrap, deepest, nested
from support.shapes.physical_nodes import EMPTY, X_ONE, X_TRUE, XC
from support.shapes.proto import I64, UTF8


def _left(op: str, expr: bytes) -> bytes:
    return pp.x_binary(op, expr, X_ONE)


def _exprs() -> dict[str, Wrap]:
    """A level of each kind around an expression."""
    return {
        **{f"op {op}": partial(_left, op) for op in OPERATORS if op not in BOOLEAN},
        "op And": lambda e: pp.x_binary("And", e, X_TRUE),
        "op Or": lambda e: pp.x_binary("Or", X_TRUE, e),
        "cast plus": lambda e: pp.x_cast(pp.x_binary("Plus", e, X_ONE), I64),
        "cast compared": lambda e: pp.x_cast(pp.x_binary("Eq", e, X_ONE), I64),
        "cast case": lambda e: pp.x_cast(pp.x_case(None, [(X_TRUE, e)], None), I64),
        "cast in": lambda e: pp.x_cast(pp.x_in(e, [X_ONE]), I64),
        "cast abs": lambda e: pp.x_cast(pp.x_call("abs", e), I64),
        "cast null": lambda e: pp.x_cast(pp.x_unary(5, e), I64),
        "try cast plus": lambda e: pp.x_cast(pp.x_binary("Plus", e, X_ONE), I64, 14),
        "negative plus": lambda e: pp.x_unary(11, pp.x_binary("Plus", e, X_ONE)),
        "abs plus": lambda e: pp.x_call("abs", pp.x_binary("Plus", e, X_ONE)),
        "case of cases": lambda e: pp.x_case(None, [(pp.x_binary("Gt", e, X_ONE), XC)], X_ONE),
        "chain": lambda e: pp.x_chain("Plus", e, X_ONE, X_ONE),
        "is_null": lambda e: pp.x_unary(5, e),
        "is_not_null": lambda e: pp.x_unary(6, e),
        "not": lambda e: pp.x_unary(7, e),
        "negative": lambda e: pp.x_unary(11, e),
        "case_base": lambda e: pp.x_case(e, [(X_ONE, X_ONE)], X_ONE),
        "case_when": lambda e: pp.x_case(None, [(pp.x_unary(5, e), X_ONE)], X_ONE),
        "case_then": lambda e: pp.x_case(None, [(X_TRUE, e)], None),
        "case_else": lambda e: pp.x_case(None, [(X_TRUE, X_ONE)], e),
        "cast": lambda e: pp.x_cast(e, I64),
        "try_cast": lambda e: pp.x_cast(e, I64, 14),
        "in": lambda e: pp.x_in(e, [X_ONE]),
        "in_item": lambda e: pp.x_in(XC, [e]),
        "like": lambda e: pp.x_like(pp.x_cast(e, UTF8), pp.x_lit(p.f(2, "x%"))),
        "abs": lambda e: pp.x_call("abs", e),
        "coalesce": lambda e: pp.x_call("coalesce", e, X_ONE),
        "random": lambda e: pp.x_call("random"),
        "dynamic": lambda e: pp.x_dynamic(e, e),
        "dynamic inner": pp.x_dynamic,
        "dynamic child": lambda e: pp.x_dynamic(X_TRUE, e),
        "hash": lambda e: p.f(21, p.f(1, e) + p.f(2, 1) + p.f(6, "h")),
        "range": lambda e: p.f(27, p.f(1, p.f(1, e)) + p.f(2, p.f(1, p.f(7, 1)))),
        "lambda": lambda e: p.f(25, p.f(1, "x") + p.f(2, e)),
        "transform": lambda e: p.f(
            24,
            p.f(1, "array_transform")
            + p.f(2, pp.x_call("make_array", XC, returns=p.list_of(I64)))
            + p.f(2, p.f(25, p.f(1, "x") + p.f(2, e))),
        ),
    }


EXPRS = _exprs()


def nests() -> Iterator[Shape]:
    """Each kind of expression in itself, in each place that holds one."""
    places: dict[str, Wrap] = {
        "projection": lambda e: pp.projection(EMPTY, e),
        "filter": lambda e: pp.filtered(EMPTY, pp.x_unary(5, e)),
        "sort": lambda e: pp.sort(EMPTY, e),
    }
    for name, wrap in EXPRS.items():
        for place, put in places.items():
            levels, message = deepest(wrap, XC, "P", put)
            yield f"x {place} {name} {levels}", "P", message
    for name in ("is_null", "op Plus", "cast plus", "case_then", "abs", "not"):
        x_one = pp.x_unary(5, XC) if name == "not" else XC
        for place, put in {
            "hash": lambda e: pp.repartition(EMPTY, 3, e),
            "group": lambda e: pp.aggregate(EMPTY, [e], []),
            "join": lambda e: pp.hash_join(EMPTY, EMPTY, [(e, e)]),
            "merge join": lambda e: pp.merge_join(pp.sort(EMPTY, e), pp.sort(EMPTY, e), [(e, e)]),
            "aggregate": lambda e: pp.aggregate(EMPTY, [], [pp.x_aggregate("max", e)]),
            "window": lambda e: pp.window(EMPTY, pp.x_window("max", e)),
            "window by": lambda e: pp.window(pp.sort(EMPTY, e), pp.x_window("max", XC, by=[e])),
            "merge": lambda e: pp.merge(EMPTY, e),
            "two": lambda e: pp.sort(
                pp.projection(pp.sort(pp.filtered(EMPTY, pp.x_unary(5, e)), e), e, XC), XC
            ),
        }.items():
            yield f"x {place} {name}", "P", deepest(EXPRS[name], x_one, "P", put)[1]


def twice() -> Iterator[Shape]:
    """Each level has the one below twice."""
    for levels in (4, 8, 10, 12):
        both = nested(lambda e: pp.x_binary("Plus", e, e), XC, levels)
        yield f"x twice plus {levels}", "P", pp.projection(EMPTY, both)
        yield f"x twice plus sort {levels}", "P", pp.projection(pp.sort(EMPTY, both), both)


GROUPS = (nests, twice)
