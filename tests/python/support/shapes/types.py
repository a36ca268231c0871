"""Shapes of types and literals: in each other, with sizes at their ends, with claimed lengths."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from functools import partial

import planwire
import pyarrow as pa

from support.shapes import logical_nodes as lp
from support.shapes import physical_nodes as pp
from support.shapes import proto as p
from support.shapes.expressions import Shape, Wrap, deepest, in_turn, nested
from support.shapes.logical_nodes import ONE_ROW
from support.shapes.proto import BOOL, F64, I64, NULL, ONE, UTF8, C

SIZES = (0, 1 << 10, 1 << 16, 1 << 24, (1 << 31) - 1, -1)
# A number of rows that stands nowhere else in a message.
CLAIM = 1_234_567

SIMPLE = {
    "null": NULL,
    "bool": BOOL,
    "int": I64,
    "float": F64,
    "text": UTF8,
    "view": p.f(35, b""),
    "binary view": p.f(34, b""),
    "month interval": p.f(23, 2),
    "zone": p.f(20, p.f(1, 3) + p.f(2, "Europe/Paris")),
    "no zone": p.f(20, p.f(1, 3) + p.f(2, "Nowhere/" + "x" * 500)),
    "time32 ns": p.f(21, 3),
    "time64 s": p.f(22, 0),
    "decimal": p.f(24, p.f(3, 255) + p.f(4, -128)),
    "decimal256": p.f(36, p.f(3, 2**32 - 1) + p.f(4, -(2**31))),
    "decimal32": p.f(40, p.f(3, 200) + p.f(4, 127)),
    "empty struct": p.f(28, b""),
    "empty union": p.f(29, b""),
    **{f"binary of {n}": p.f(16, n) for n in SIZES},
}

WRAPS: dict[str, Wrap] = {
    "list": p.list_of,
    "large list": lambda t: p.list_of(t, 26),
    "list view": lambda t: p.list_of(t, 43),
    "large list view": lambda t: p.list_of(t, 44),
    "struct": p.struct_of,
    "struct of two": lambda t: p.struct_of(t, I64),
    "map": lambda t: p.map_of(UTF8, t),
    "dictionary": lambda t: p.dictionary(p.f(8, b""), t),
    "dictionary key": lambda t: p.dictionary(t, UTF8),
    "union": lambda t: p.union_of(t, I64),
    "dense union": lambda t: p.union_of(t, I64, mode=1),
    "runs": p.runs,
    **{f"fixed list {size}": partial(p.fixed_list, size=size) for size in SIZES},
}

PLACES: dict[str, tuple[str, Wrap]] = {
    "null": ("E", p.null),
    "cast": ("E", lambda t: p.cast(p.null(NULL), t)),
    "try cast": ("E", lambda t: p.cast(C, t, 17)),
    "placeholder": ("E", lambda t: p.placeholder("$1", t)),
    "null selected": ("L", lambda t: lp.projection(ONE_ROW, p.null(t))),
    "null in a list": (
        "L",
        lambda t: lp.projection(ONE_ROW, p.call("make_array", p.null(t), p.null(t))),
    ),
    "null in values": ("L", lambda t: lp.values(1, p.null(t), p.null(NULL))),
    "coalesce": (
        "L",
        lambda t: lp.projection(ONE_ROW, p.call("coalesce", p.null(NULL), p.null(t))),
    ),
    "scan": ("L", lambda t: lp.scan(p.schema(p.field("c", t)))),
    "union": (
        "L",
        lambda t: lp.union(lp.scan(p.schema(p.field("c", t))), lp.scan(p.schema(p.field("c", t)))),
    ),
    "group": (
        "L",
        lambda t: lp.aggregate(lp.scan(p.schema(p.field("c", t))), [C], [p.aggregate("max", C)]),
    ),
    "prepare": ("L", lambda t: lp.prepare(ONE_ROW, t)),
    "physical scan": ("P", lambda t: pp.empty(p.schema(p.field("c", t)))),
    "physical null": ("P", lambda t: pp.projection(pp.EMPTY, pp.x_lit(p.f(33, t)))),
    "physical cast": (
        "P",
        lambda t: pp.projection(pp.EMPTY, pp.x_cast(pp.x_lit(p.f(33, NULL)), t)),
    ),
}


def nests() -> Iterator[Shape]:
    """Each type in itself, as deep as it is taken, in each place that holds a type."""
    for place, (kind, put) in PLACES.items():
        for name, wrap in WRAPS.items():
            levels, message = deepest(wrap, I64, kind, put)
            yield f"type {place} {name} {levels}", kind, message
            yield f"type {place} {name} twice", kind, put(wrap(wrap(I64)))
        for name, simple in SIMPLE.items():
            yield f"type {place} {name}", kind, put(simple)
            yield f"type {place} list of {name}", kind, put(p.list_of(simple))
            yield f"type {place} fixed list of {name}", kind, put(p.fixed_list(simple, 1 << 20))


def pairs() -> Iterator[Shape]:
    """Two kinds of type in turn, and many fields in few sizes."""
    names = ["fixed list 65536", "struct of two", "list", "map", "dictionary", "union", "runs"]
    for place in ("null", "null selected", "cast", "physical null"):
        kind, put = PLACES[place]
        for name, wrap in in_turn(names, WRAPS):
            yield f"type pair {place} {name}", kind, deepest(wrap, I64, kind, put)[1]
        many = p.struct_of(*[p.fixed_list(p.f(16, 1 << 20), 1 << 10)] * 1000)
        yield f"type many {place}", kind, put(many)
        yield f"type wide {place}", kind, put(p.struct_of(*[I64] * 4000))
        grown = nested(lambda t: p.struct_of(t, t, t, t), I64, 5)
        yield f"type tree {place}", kind, put(grown)


def texts() -> Iterator[Shape]:
    """Types as texts, which `arrow_cast` reads."""
    several: list[str] = [
        *(
            f"{name}(" * count
            for name in (
                "List",
                "LargeList",
                "Dictionary(Int8,",
                "Map",
                "Struct(",
                "FixedSizeList(2,",
                "RunEndEncoded(",
                "Union(",
            )
            for count in (10, 1000, 60_000)
        ),
        *("List(" * count + "Int64" + ")" * count for count in (10, 60, 100, 1000, 20_000)),
        *("FixedSizeList(16777216 x " * count + "Int64" + ")" * count for count in (1, 2, 5)),
        *('Struct("a": ' * count + "Int64" + ")" * count for count in (10, 60, 1000)),
        "FixedSizeList(2147483647 x Int64)",
        "FixedSizeList(2147483647, Int64)",
        "FixedSizeBinary(2147483647)",
        "FixedSizeBinary(-1)",
        "Decimal128(255, 127)",
        "Decimal256(255, -128)",
        'Timestamp(Nanosecond, Some("+99:99"))',
        'Timestamp(ns, "' + "x" * 50000 + '")',
        "Dictionary(Int8, FixedSizeList(2147483647 x Int64))",
        "Struct(" + ", ".join(f'"f{i}": FixedSizeList(65536 x Int64)' for i in range(2000)) + ")",
        '"' * 50000,
        "9" * 100_000,
        "Utf8" * 20000,
    ]
    for which, text in enumerate(several):
        for name in ("arrow_cast", "arrow_try_cast"):
            for what, value in (("one", ONE), ("null", p.null(NULL)), ("column", C)):
                called = p.call(name, value, p.text(text))
                yield f"text {which} {name} {what} {text[:24]}", "E", called
        called = p.call("arrow_cast", p.null(NULL), p.text(text))
        yield f"text plan {which} {text[:24]}", "L", lp.projection(ONE_ROW, called)


def claims() -> Iterator[Shape]:
    """Literals and tables whose bytes say that they have very many rows."""
    nulls = pa.nulls(CLAIM)
    lists: dict[str, Callable[[], pa.Scalar]] = {
        "large list": lambda: pa.LargeListArray.from_arrays(
            pa.array([0, CLAIM], pa.int64()), nulls
        )[0],
        "list": lambda: pa.ListArray.from_arrays(pa.array([0, CLAIM], pa.int32()), nulls)[0],
    }
    for name, make in lists.items():
        message = planwire.lit(make()).to_bytes()
        for claimed in (1 << 20, 1 << 30, 1 << 40, 1 << 62, -1):
            changed = message.replace(struct.pack("<q", CLAIM), struct.pack("<q", claimed))
            if claimed < 1 << 31:
                changed = changed.replace(struct.pack("<i", CLAIM), struct.pack("<i", claimed))
            yield f"claim {name} {claimed}", "E", changed
            yield f"claim plan {name} {claimed}", "L", lp.projection(ONE_ROW, changed)
    ctx = planwire.SessionContext()
    ctx.from_arrow(pa.table({"a": nulls}), name="t")
    queries = [
        "select a from t",
        "select count(*) from t",
        "select count(a) from t",
        "select a from t order by a limit 3",
    ]
    for text in queries:
        frame = ctx.sql(text)
        for kind, plan in (("L", frame.logical_plan()), ("P", frame.execution_plan())):
            try:
                message = plan.to_bytes()
            except planwire.PlanwireError:
                continue
            for claimed in (1 << 20, 1 << 30, 1 << 40, 1 << 62, -1):
                changed = message.replace(struct.pack("<q", CLAIM), struct.pack("<q", claimed))
                yield f"claim table {kind} {text} {claimed}", kind, changed
    for claimed in (1 << 20, 1 << 40, 1 << 62):
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, pa.schema({"c": pa.null()})) as writer:
            writer.write_batch(pa.record_batch({"c": nulls}))
        batch = sink.getvalue().replace(struct.pack("<q", CLAIM), struct.pack("<q", claimed))
        scanned = p.f(35, p.f(1, batch) + p.f(2, p.schema(p.field("c", NULL))))
        yield f"claim memory scan {claimed}", "P", scanned
        yield (
            f"claim memory scans {claimed}",
            "P",
            p.f(35, p.f(1, batch) * 500 + p.f(2, p.schema(p.field("c", NULL)))),
        )
        yield f"claim memory sorted {claimed}", "P", pp.sort(scanned, pp.XC)


GROUPS = (nests, pairs, texts, claims)
