"""Shapes of expressions: each kind in itself, wide, in pairs, and with what is below twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import planwire

from support.hostile import held
from support.shapes import logical_nodes as lp
from support.shapes import proto as p
from support.shapes.logical_nodes import ROW
from support.shapes.proto import I64, ONE, TRUE, C, S

Wrap = Callable[[bytes], bytes]
Shape = tuple[str, str, bytes]

OPERATORS = [
    "And",
    "Or",
    "Eq",
    "NotEq",
    "LtEq",
    "Lt",
    "Gt",
    "GtEq",
    "Plus",
    "Minus",
    "Multiply",
    "Divide",
    "Modulo",
    "IsDistinctFrom",
    "IsNotDistinctFrom",
    "BitwiseAnd",
    "BitwiseOr",
    "BitwiseXor",
    "BitwiseShiftLeft",
    "BitwiseShiftRight",
    "RegexIMatch",
    "RegexMatch",
    "RegexNotIMatch",
    "RegexNotMatch",
    "LikeMatch",
    "ILikeMatch",
    "NotLikeMatch",
    "NotILikeMatch",
    "StringConcat",
    "AtArrow",
    "ArrowAt",
]
BOOLEAN = {"And", "Or"}
TEXTUAL = {name for name in OPERATORS if "Regex" in name or "Like" in name or "Concat" in name}

# What an operator's other side is, so that the whole has types that fit.
OTHER = {
    name: TRUE if name in BOOLEAN else p.text("x") if name in TEXTUAL else ONE for name in OPERATORS
}


def _wraps() -> dict[str, Wrap]:
    """A level of each kind around an expression."""
    wraps: dict[str, Wrap] = {
        "alias": p.alias,
        "is_null": lambda e: p.unary(6, e),
        "is_not_null": lambda e: p.unary(7, e),
        "not": lambda e: p.unary(8, e),
        "negative": lambda e: p.unary(13, e),
        "is_true": lambda e: p.unary(25, e),
        "is_false": lambda e: p.unary(26, e),
        "is_unknown": lambda e: p.unary(27, e),
        "is_not_true": lambda e: p.unary(28, e),
        "is_not_false": lambda e: p.unary(29, e),
        "is_not_unknown": lambda e: p.unary(30, e),
        "between": lambda e: p.between(e, ONE, ONE),
        "between_low": lambda e: p.between(ONE, e, ONE),
        "between_high": lambda e: p.between(ONE, ONE, e),
        "case_base": lambda e: p.case(e, [(ONE, ONE)], ONE),
        "case_when": lambda e: p.case(None, [(e, TRUE)], TRUE),
        "case_then": lambda e: p.case(None, [(TRUE, e)], None),
        "case_else": lambda e: p.case(None, [(TRUE, ONE)], e),
        "case_two": lambda e: p.case(None, [(p.unary(6, C), ONE), (p.unary(7, S), e)], ONE),
        "case_column": lambda e: p.case(None, [(p.unary(6, C), e)], C),
        "cast": lambda e: p.cast(e, I64),
        "try_cast": lambda e: p.cast(e, I64, 17),
        "in_list": lambda e: p.in_list(e, [ONE, ONE]),
        "in_list_item": lambda e: p.in_list(TRUE, [e]),
        "like": lambda e: p.like(e, p.text("x%")),
        "like_pattern": lambda e: p.like(S, e),
        "ilike": lambda e: p.like(e, p.text("x%"), 32),
        "similar": lambda e: p.like(e, p.text("x%"), 33),
        "unnest": p.unnest,
        "lambda": lambda e: p.lambda_(e, "x"),
        "coalesce": lambda e: p.call("coalesce", e, ONE),
        "nullif": lambda e: p.call("nullif", e, ONE),
        "array_transform": lambda e: p.call(
            "array_transform", p.column("l"), p.lambda_(e, "x"), kind=37
        ),
        "array_transform_list": lambda e: p.call(
            "array_transform", e, p.lambda_(p.variable("x"), "x"), kind=37
        ),
        "sum": lambda e: p.aggregate("sum", e),
        "sum_where": lambda e: p.aggregate("sum", ONE, where=e),
        "array_agg_by": lambda e: p.aggregate("array_agg", C, by=[e]),
        "sum_over": lambda e: p.window("sum", e),
        "over_parts": lambda e: p.window("sum", C, parts=[e]),
        "over_by": lambda e: p.window("sum", C, by=[e]),
        "over_where": lambda e: p.window("sum", C, where=e),
        "lead": lambda e: p.window("lead", e, kind=9),
        "grouping_set": lambda e: p.f(22, p.f(1, p.f(1, e))),
        "cube": lambda e: p.f(23, p.f(1, e)),
        "rollup": lambda e: p.f(24, p.f(1, e)),
        "scalar_subquery": lambda e: p.subquery(lp.projection(lp.ONE_ROW, e)),
        "scalar_subquery_where": lambda e: p.subquery(lp.filtered(ROW, e)),
        "outer_columns": lambda e: p.subquery(lp.ONE_ROW, e),
    }
    for op in OPERATORS:
        wraps[f"op {op}"] = _operator(op, left=True)
        wraps[f"right {op}"] = _operator(op, left=False)
    return wraps


def _operator(op: str, *, left: bool) -> Wrap:
    """A level that is one side of an operator."""
    return lambda e: p.binary(op, *([e, OTHER[op]] if left else [OTHER[op], e]))


WRAPS = _wraps()
# What stands in the middle of a nest, so that its levels have types that fit.
INNER = {"op": C, "right": C, "not": TRUE, "like": S, "sum": C}


def inner(wrap: str) -> list[bytes]:
    """Expressions that a level of this kind can stand around."""
    if any(name in wrap for name in (*TEXTUAL, "like", "similar")):
        return [S, p.text("x")]
    if any(f" {name}" in wrap for name in BOOLEAN) or wrap in ("not", "case_when"):
        return [p.unary(6, C), TRUE]
    if wrap.startswith("unnest") or wrap == "array_transform_list":
        return [p.column("l")]
    return [C, ONE]


def nested(wrap: Wrap, expr: bytes, levels: int) -> bytes:
    """An expression within that many levels."""
    for _ in range(levels):
        expr = wrap(expr)
    return expr


@cache
def strict_session() -> Any:
    """A session that takes no code, with the limits that sessions start with."""
    return planwire.SessionContext().with_python_udf_inlining(enabled=False)


def deepest(wrap: Wrap, expr: bytes, kind: str = "E", put: Wrap = bytes) -> tuple[int, bytes]:
    """As many levels as the limits let through in a place, and the message."""

    def passes(levels: int) -> bool:
        try:
            planwire.inspect(put(nests[levels]), strict_session(), what=held.KINDS[kind])
        except planwire.errors.LimitExceeded:
            return False
        except planwire.PlanwireError:
            pass  # Not for its depth, and what comes of it is told like anything else.
        return True

    nests = [expr]
    # Beyond what messages may hold, and little enough for levels that double what is in them.
    while len(nests) < 100 and len(nests[-1]) < 1 << 20:
        nests.append(wrap(nests[-1]))
    fits, beyond = 0, len(nests)
    while beyond - fits > 1:
        middle = (fits + beyond) // 2
        fits, beyond = (middle, beyond) if passes(middle) else (fits, middle)
    return fits, put(nests[fits])


def in_turn(names: list[str], wraps: dict[str, Wrap]) -> Iterator[tuple[str, Wrap]]:
    """Two levels as one, for every two of these names."""
    for one, other in itertools.combinations(names, 2):
        yield f"{one} {other}", _both(wraps[one], wraps[other])


def _both(outer: Wrap, inner: Wrap) -> Wrap:
    return lambda e: outer(inner(e))


def deep() -> Iterator[Shape]:
    """Each kind of level in itself, as deep as it is taken."""
    for name, wrap in WRAPS.items():
        for which, expr in enumerate(inner(name)):
            levels, message = deepest(wrap, expr)
            yield f"nest {name} {levels} {which}", "E", message


def pairs() -> Iterator[Shape]:
    """Two kinds of level in turn."""
    some = [
        "alias",
        "is_null",
        "not",
        "negative",
        "between",
        "case_then",
        "case_else",
        "cast",
        "in_list",
        "like",
        "sum",
        "sum_over",
        "scalar_subquery",
        "op Plus",
        "op Eq",
        "op And",
        "right StringConcat",
        "unnest",
        "array_transform",
        "between_low",
        "case_base",
        "case_when",
        "in_list_item",
        "is_true",
        "try_cast",
        "coalesce",
        "nullif",
        "over_by",
        "sum_where",
        "op BitwiseAnd",
        "op Divide",
        "op RegexMatch",
        "right Or",
    ]
    for name, wrap in in_turn(some, WRAPS):
        yield f"pair {name}", "E", nested(wrap, C, 22)


def twice() -> Iterator[Shape]:
    """Each level has the one below twice, as far as the nodes go."""
    doubles: dict[str, Wrap] = {
        "plus": lambda e: p.binary("Plus", e, e),
        "and": lambda e: p.binary("And", e, e),
        "case": lambda e: p.case(None, [(p.unary(6, e), e)], None),
        "coalesce": lambda e: p.call("coalesce", e, e),
        "concat": lambda e: p.call("concat", e, e),
        "make_array": lambda e: p.call("make_array", e, e),
        "struct": lambda e: p.call("struct", e, e),
        "named_struct": lambda e: p.call("named_struct", p.text("a"), e, p.text("b"), e),
    }
    for name, wrap in doubles.items():
        for levels in (10, 13):
            yield f"twice {name} {levels}", "E", nested(wrap, C, levels)


def wide() -> Iterator[Shape]:
    """Thousands of parts."""
    for op in OPERATORS:
        for count in (500, 4000):
            yield f"chain {op} {count}", "E", p.binary(op, *inner(f"op {op}")[:1] * count)
            yield f"chain literal {op} {count}", "E", p.binary(op, *inner(f"op {op}")[1:] * count)
    for count in (1000, 30000):
        items = [p.number(i) for i in range(count)]
        yield f"in list {count}", "E", p.in_list(C, items)
        yield f"not in list columns {count}", "E", p.in_list(C, [C] * count)
        yield f"case {count}", "E", p.case(C, [(one, one) for one in items[: count // 2]], ONE)
        yield (
            f"case conditions {count}",
            "E",
            p.case(None, [(p.binary("Eq", C, one), one) for one in items[: count // 5]], ONE),
        )
        yield (
            f"or of equals {count}",
            "E",
            p.binary("Or", *[p.binary("Eq", C, one) for one in items[: min(4000, count // 4)]]),
        )
        yield (
            f"and of unequal {count}",
            "E",
            p.binary("And", *[p.binary("NotEq", C, one) for one in items[: min(4000, count // 4)]]),
        )
        yield (
            f"or of likes {count}",
            "E",
            p.binary("Or", *[p.like(S, p.text(f"%{i}%")) for i in range(min(4000, count // 4))]),
        )
        yield (
            f"or of between {count}",
            "E",
            p.binary("Or", *[p.between(C, one, one) for one in items[: min(4000, count // 6)]]),
        )
    for kind, name in ((22, "grouping sets"), (23, "cube"), (24, "rollup")):
        for count in (12, 50, 4000):
            columns = [p.number(i) for i in range(count)]
            inside = (
                p.each(1, columns) if kind != 22 else p.each(1, [p.f(1, one) for one in columns])
            )
            yield f"{name} of {count}", "E", p.f(kind, inside)


GROUPS = (deep, wide, twice, pairs)
