"""Messages of few bytes that would take very much: each ends in a result or an error of planwire.

What is done to them is all of `everything.py`, in a child process with a limit of processor time
and of memory. `shapes.py` runs the many others.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

import planwire
import pyarrow as pa
import pytest

from support.hostile import held
from support.shapes import (
    expressions,
    orders,
    physical,
    physical_expressions,
    physical_numbers,
    plans,
    types,
)
from support.shapes import logical_nodes as lp
from support.shapes import physical_nodes as pp
from support.shapes import proto as p
from support.shapes.logical_nodes import ONE_ROW, ROW, SCAN
from support.shapes.physical_nodes import EMPTY, XC
from support.shapes.proto import I64, ONE, C, S

# The machine may have more to do, and a message that is not held takes ten seconds of it.
pytestmark = pytest.mark.timeout(300)

NESTS = expressions.WRAPS
NODES = plans.WRAPS


def selected(expr: bytes) -> bytes:
    """A logical plan with an expression."""
    return lp.projection(ONE_ROW, expr)


def deep(wrap: str, expr: bytes = C) -> bytes:
    """A kind of expression in itself, as deep as it is taken."""
    return expressions.deepest(NESTS[wrap], expr)[1]


def stacked(wrap: str) -> bytes:
    """A kind of node in itself, as deep as it is taken."""
    return expressions.deepest(NODES[wrap], ROW, "L")[1]


def grouped(kind: int, count: int) -> bytes:
    """A query with a cube (23) or rollup (24) of that many columns."""
    columns = [p.column(f"c{i}") for i in range(count)]
    table = p.schema(*[p.field(f"c{i}", I64) for i in range(count)])
    return lp.aggregate(lp.scan(table), [p.f(kind, p.each(1, columns))], [])


def ladder(count: int) -> list[bytes]:
    """Physical expressions, each of the one before."""
    found = [XC]
    for _ in range(count):
        found.append(pp.x_unary(11, found[-1]))
    return found[1:]


def claimed(rows: int) -> bytes:
    """A literal list whose bytes say that it has as many nulls."""
    nulls = pa.nulls(types.CLAIM)
    one = pa.LargeListArray.from_arrays(pa.array([0, types.CLAIM], pa.int64()), nulls)[0]
    said = struct.pack("<q", types.CLAIM)
    return planwire.lit(one).to_bytes().replace(said, struct.pack("<q", rows))


def alternating() -> bytes:
    """Casts within each other, an addition between each two."""
    half = p.cast(ONE, p.F64)
    return expressions.nested(lambda e: p.cast(p.binary("Plus", e, half), I64), C, 23)


def taken(shapes: Iterator[expressions.Shape], name: str) -> bytes:
    """The message of this name."""
    return next(message for found, _, message in shapes if found == name)


LARGE = p.fixed_list(p.fixed_list(I64, 1 << 24), 1 << 24)
SETS = p.f(22, p.each(1, [p.f(1, C), p.f(1, S)]))

# What each message is, its kind, and how it is made.
MESSAGES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "aliases in each other": ("E", lambda: deep("alias")),
    "aliases in each other in a plan": (
        "L",
        lambda: selected(expressions.nested(p.alias, ONE, 46)),
    ),
    "aliases and negatives in turn": (
        "E",
        lambda: expressions.nested(lambda e: p.alias(p.unary(13, e)), C, 22),
    ),
    "comparisons and texts in turn": (
        "E",
        lambda: expressions.nested(
            lambda e: p.binary("Eq", p.binary("StringConcat", p.text("x"), e), p.text("x")), C, 20
        ),
    ),
    "ranges of casts in each other": (
        "E",
        lambda: expressions.nested(lambda e: p.cast(p.between(e, ONE, ONE), I64), C, 22),
    ),
    "functions of functions": ("E", lambda: deep("array_transform")),
    "bare lambdas in each other": ("E", lambda: deep("lambda", ONE)),
    "subqueries that fail in each other": ("E", lambda: deep("scalar_subquery")),
    "subqueries in each other": ("E", lambda: deep("scalar_subquery", ONE)),
    "subqueries of filters in each other": ("L", lambda: stacked("filter subquery")),
    "conditions of conditions": ("E", lambda: deep("case_when", p.unary(6, C))),
    "first values of first values": (
        "E",
        lambda: expressions.nested(lambda e: p.call("coalesce", e, ONE), C, 40),
    ),
    "casts of sums in each other": ("E", alternating),
    "casts of sums in each other in a plan": ("L", lambda: lp.projection(SCAN, alternating())),
    "physical casts and likes in each other": (
        "P",
        lambda: pp.projection(
            EMPTY, expressions.nested(physical_expressions.EXPRS["like"], XC, 23)
        ),
    ),
    "physical sort by expressions of each other": (
        "P",
        lambda: pp.projection(pp.sort(EMPTY, *ladder(14)), *ladder(14)),
    ),
    "groups of a physical sort by expressions of each other": (
        "P",
        lambda: pp.aggregate(pp.sort(EMPTY, *ladder(14)), ladder(14), []),
    ),
    "columns of a packed projection": (
        "P",
        lambda: p.f(12, p.f(1, EMPTY) + p.f(2, pp.X_TRUE) + p.f(9, bytes(20_000_000))),
    ),
    "sums of filtered sums": (
        "E",
        lambda: expressions.nested(
            lambda e: p.aggregate("sum", p.aggregate("sum", ONE, where=e)), C, 22
        ),
    ),
    "filters of what doubles": (
        "L",
        lambda: expressions.deepest(
            lambda e: NODES["filter"](NODES["projection twice"](e)), ROW, "L"
        )[1],
    ),
    "conditions on one column in a plan": (
        "L",
        lambda: lp.projection(SCAN, p.binary("And", *[p.unary(6, C)] * 500)),
    ),
    "alternatives of one column in a plan": (
        "L",
        lambda: lp.projection(SCAN, p.binary("Or", *[p.unary(6, C)] * 600)),
    ),
    "a null of types that pyarrow cannot make": (
        "E",
        lambda: p.null(expressions.nested(lambda t: p.dictionary(p.f(8, b""), p.runs(t)), I64, 2)),
    ),
    "a physical chain": ("P", lambda: pp.projection(EMPTY, pp.x_chain("Plus", *[XC] * 4000))),
    "a physical sort by very many columns": (
        "P",
        lambda: taken(orders.columns(), "x columns 1000"),
    ),
    "physical equalities of very many columns": (
        "P",
        lambda: taken(orders.columns(), "x equal columns 1000"),
    ),
    "windows over a physical sort by many": (
        "P",
        lambda: taken(orders.orders(), "x order windowed flat 500"),
    ),
    "products of one column": ("E", lambda: p.binary("Multiply", *[C] * 250)),
    "products of one column in a plan": (
        "L",
        lambda: lp.projection(SCAN, p.binary("Multiply", *[C] * 250)),
    ),
    "sums of one column in a plan": (
        "L",
        lambda: lp.projection(SCAN, p.binary("Plus", *[C] * 250)),
    ),
    "types that double": ("L", lambda: stacked("projection struct")),
    "expressions that double": ("L", lambda: stacked("projection twice")),
    "a cube": ("L", lambda: grouped(23, 30)),
    "a rollup of very many": ("L", lambda: grouped(24, 4000)),
    "a product of grouping sets": ("L", lambda: lp.aggregate(SCAN, [SETS] * 20, [])),
    "a cube of literals": (
        "L",
        lambda: lp.aggregate(ONE_ROW, [p.f(23, p.f(1, ONE) * 50), ONE], []),
    ),
    "a null of fixed lists": ("E", lambda: p.null(LARGE)),
    "a null of fixed lists in a plan": ("L", lambda: selected(p.null(LARGE))),
    "a cast to fixed lists": ("L", lambda: selected(p.cast(p.null(p.NULL), LARGE))),
    "a physical null of fixed lists": ("P", lambda: pp.projection(EMPTY, pp.x_lit(p.f(33, LARGE)))),
    "a null of large binaries": ("E", lambda: p.null(p.f(16, (1 << 31) - 1))),
    "a text of types": (
        "L",
        lambda: selected(p.call("arrow_cast", ONE, p.text("List(" * 60_000))),
    ),
    "a text of fixed lists": (
        "L",
        lambda: selected(
            p.call(
                "arrow_cast", p.null(p.NULL), p.text("FixedSizeList(16777216 x " * 2 + "Int64))")
            )
        ),
    ),
    "a text of types in each other": (
        "E",
        lambda: p.call("arrow_cast", ONE, p.text("List(" * 100 + "Int64" + ")" * 100)),
    ),
    "a table of claimed nulls": (
        "L",
        lambda: taken(types.claims(), "claim table L select a from t 1099511627776"),
    ),
    "a literal of claimed nulls": ("L", lambda: selected(claimed(1 << 50))),
    "a text that is repeated": ("E", lambda: p.call("repeat", p.text("x"), p.number(2**31 - 1))),
    "a text that is repeated and repeated": (
        "L",
        lambda: selected(
            expressions.nested(lambda e: p.call("repeat", e, p.number(100)), p.text("x"), 6)
        ),
    ),
    "a text that is replaced and replaced": (
        "L",
        lambda: selected(
            expressions.nested(
                lambda e: p.call("replace", e, p.text("x"), p.text("x" * 64)), p.text("x"), 6
            )
        ),
    ),
    "a text that is padded": ("L", lambda: selected(p.call("lpad", p.text("x"), p.number(2**30)))),
    "an array that is repeated": (
        "L",
        lambda: selected(p.call("array_repeat", ONE, p.number(2**31 - 1))),
    ),
    "an array that is resized": (
        "L",
        lambda: selected(
            p.call("array_resize", p.call("make_array", ONE), p.number(2**31 - 1), ONE)
        ),
    ),
    "a range with a long text": ("E", lambda: p.call("range", ONE, p.number(2**16), p.number(2))),
    "a range": ("L", lambda: selected(p.call("range", ONE, p.number(2**40)))),
}


def one(name: str, kind: str, message: bytes, bounds: held.Bounds | None = None) -> held.Outcome:
    """What comes of a message in a process of its own."""
    (outcome,) = held.outcomes([(name, kind, message)], bounds or held.Bounds())
    return outcome


# It is made by sending a table, which a process that refuses all families does not.
SENT = {"a table of claimed nulls"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.inline if name in SENT else ()) for name in MESSAGES],
)
def test_message_ends_in_a_result_or_an_error_of_planwire(name: str) -> None:
    kind, make = MESSAGES[name]
    outcome = one(name, kind, make())
    assert outcome.held, outcome


def ordinary() -> Iterator[expressions.Shape]:
    """Shapes that take what their bytes are worth."""
    yield from physical.deep()
    yield from physical_numbers.numbers()


def test_physical_shapes_end_in_a_result_or_an_error_of_planwire() -> None:
    held_not = [outcome for outcome in held.outcomes(ordinary()) if not outcome.held]
    assert not held_not


def test_sound_message_is_taken_through_every_step() -> None:
    wanted = {
        "inspect",
        "decode",
        "display_indent_schema",
        "encode",
        "frame schema",
        "frame optimise",
        "frame plan",
        "frame explain tree",
    }
    outcome = one("sound", "L", lp.filtered(SCAN, p.unary(6, C)))
    assert outcome.held
    assert wanted <= set(outcome.took)
    assert not outcome.errors


def test_message_without_an_end_is_told_with_its_step() -> None:
    chain = lp.projection(SCAN, p.binary("Plus", *[C] * 50))
    outcome = one("chain", "L", chain, held.Bounds(seconds=0.01))
    assert outcome.ended == "no end in the processor's time"
    assert outcome.step


def test_message_that_takes_memory_is_told_with_its_step() -> None:
    large = selected(p.text("x" * (60 << 20)))
    outcome = one("large", "L", large, held.Bounds(memory=100 << 20))
    assert not outcome.held
    assert outcome.step
