"""Writes DataFusion's messages by hand, with the numbers of its `datafusion.proto`.

Here are types, literals and expressions; `logical_nodes` and `physical_nodes` have the plans.
"""

from __future__ import annotations

from collections.abc import Sequence

from support.hostile.protobuf import field as _lengthy

Value = bytes | str | int


def varint(number: int) -> bytes:
    """A number; one below zero as protobuf has it."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def f(number: int, value: Value) -> bytes:
    """A field: a number, a text, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return _lengthy(number, value.encode() if isinstance(value, str) else value)


def each(number: int, values: Sequence[Value]) -> bytes:
    """A field that stands as often as there are values."""
    return b"".join(f(number, value) for value in values)


# Types.

I64, UTF8, BOOL, NULL, F64 = f(10, b""), f(14, b""), f(2, b""), f(1, b""), f(13, b"")


def field(name: str, arrow_type: bytes, nullable: int = 1) -> bytes:
    """A field of a schema."""
    return f(1, name) + f(2, arrow_type) + f(3, nullable)


def schema(*fields: bytes) -> bytes:
    """A schema; of a physical plan, or of a table."""
    return each(1, fields)


def list_of(inner: bytes, number: int = 25) -> bytes:
    """A list; 26 a large one, 43 and 44 the views."""
    return f(number, f(1, field("item", inner)))


def fixed_list(inner: bytes, size: int) -> bytes:
    """A list of one size."""
    return f(27, f(1, field("item", inner)) + f(2, size))


def struct_of(*inner: bytes) -> bytes:
    """A struct."""
    return f(28, each(1, [field(f"f{i}", one) for i, one in enumerate(inner)]))


def map_of(key: bytes, value: bytes) -> bytes:
    """A map."""
    entries = f(28, each(1, [field("key", key, 0), field("value", value)]))
    return f(33, f(1, field("entries", entries, 0)))


def dictionary(key: bytes, value: bytes) -> bytes:
    """A dictionary."""
    return f(30, f(1, key) + f(2, value))


def union_of(*inner: bytes, mode: int = 0) -> bytes:
    """A union."""
    fields = each(1, [field(f"u{i}", one) for i, one in enumerate(inner)])
    return f(29, fields + f(2, mode) + each(3, list(range(len(inner)))))


def runs(inner: bytes) -> bytes:
    """A run-end encoded type."""
    return f(42, f(1, field("run_ends", f(8, b""), 0)) + f(2, field("values", inner)))


# Literals.


def number(value: int) -> bytes:
    """A literal of 64 bits."""
    return lit(f(7, value))


def text(value: str) -> bytes:
    """A literal text."""
    return lit(f(2, value))


def lit(value: bytes) -> bytes:
    """A literal of a `ScalarValue`."""
    return f(3, value)


def null(arrow_type: bytes) -> bytes:
    """A literal null of a type."""
    return lit(f(33, arrow_type))


TRUE, ONE = lit(f(1, 1)), number(1)


# Expressions.


def column(name: str = "c") -> bytes:
    """A column."""
    return f(1, f(1, name))


C, S = column("c"), column("s")


def alias(expr: bytes, name: str = "n") -> bytes:
    """An expression under another name."""
    return f(2, f(1, expr) + f(2, name))


def binary(op: str, *operands: bytes) -> bytes:
    """A chain of one operator."""
    return f(4, each(1, operands) + f(3, op))


def unary(kind: int, expr: bytes) -> bytes:
    """IS NULL 6, IS NOT NULL 7, NOT 8, negative 13, IS TRUE and so on 25 to 30."""
    return f(kind, f(1, expr))


def between(expr: bytes, low: bytes, high: bytes) -> bytes:
    """BETWEEN."""
    return f(9, f(1, expr) + f(3, low) + f(4, high))


def case(base: bytes | None, pairs: Sequence[tuple[bytes, bytes]], other: bytes | None) -> bytes:
    """CASE."""
    parts = f(1, base) if base is not None else b""
    parts += b"".join(f(2, f(1, when) + f(2, then)) for when, then in pairs)
    return f(10, parts + (f(3, other) if other is not None else b""))


def cast(expr: bytes, arrow_type: bytes, kind: int = 11) -> bytes:
    """CAST, or TRY_CAST by 17."""
    return f(kind, f(1, expr) + f(2, arrow_type))


def in_list(expr: bytes, items: Sequence[bytes]) -> bytes:
    """IN of a list."""
    return f(14, f(1, expr) + each(2, items))


def like(expr: bytes, pattern: bytes, kind: int = 31, escape: str = "") -> bytes:
    """LIKE, ILIKE by 32, SIMILAR TO by 33."""
    return f(kind, f(2, expr) + f(3, pattern) + (f(4, escape) if escape else b""))


def call(name: str, *arguments: bytes, kind: int = 20) -> bytes:
    """A scalar function by name; 37 for one that takes functions."""
    return f(kind, f(1, name) + each(2, arguments))


def aggregate(
    name: str, *arguments: bytes, distinct: int = 0, where: bytes = b"", by: Sequence[bytes] = ()
) -> bytes:
    """An aggregate function by name."""
    parts = f(1, name) + each(2, arguments) + f(5, distinct)
    parts += (f(3, where) if where else b"") + each(4, [f(1, one) for one in by])
    return f(19, parts)


def bound(kind: int, value: bytes | None = None) -> bytes:
    """One end of a window's frame: 0 the row, 1 preceding, 2 following."""
    return f(1, kind) + (f(2, value) if value is not None else b"")


ROWS = f(1, 0) + f(2, bound(1, f(33, f(9, b"")))) + f(3, bound(0))
RANGE = f(1, 1) + f(2, bound(1, f(33, NULL))) + f(3, bound(0))


def window(
    name: str,
    *arguments: bytes,
    parts: Sequence[bytes] = (),
    by: Sequence[bytes] = (),
    frame: bytes = ROWS,
    kind: int = 3,
    where: bytes = b"",
) -> bytes:
    """A function over a window: an aggregate, or by 9 a window function."""
    inside = f(kind, name) + each(4, arguments) + each(5, parts)
    inside += each(6, [f(1, one) for one in by]) + f(8, frame)
    return f(18, inside + (f(13, where) if where else b""))


def subquery(plan: bytes, *outer: bytes) -> bytes:
    """A scalar subquery."""
    return f(36, f(1, f(1, plan) + each(2, outer)))


def unnest(expr: bytes) -> bytes:
    """UNNEST as an expression."""
    return f(35, f(1, expr))


def lambda_(body: bytes, *params: str) -> bytes:
    """A function of an argument."""
    return f(38, each(1, params) + f(2, body))


def variable(name: str, arrow_type: bytes = I64) -> bytes:
    """The argument of such a function."""
    return f(39, f(1, name) + f(2, field(name, arrow_type)))


def placeholder(name: str, arrow_type: bytes | None = None) -> bytes:
    """A parameter of a query."""
    return f(34, f(1, name) + (f(2, arrow_type) if arrow_type is not None else b""))
