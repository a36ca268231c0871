"""Writes the nodes of physical plans and their expressions, which begin with `x_`, likewise."""

from __future__ import annotations

from collections.abc import Sequence

from support.shapes.proto import I64, ROWS, UTF8, each, f, field, schema, varint


def x_column(name: str = "c", index: int = 0) -> bytes:
    """A column."""
    return f(1, f(1, name) + f(2, index))


XC, XS = x_column(), x_column("s", 1)


def x_lit(value: bytes) -> bytes:
    """A literal."""
    return f(2, value)


X_TRUE, X_ONE = x_lit(f(1, 1)), x_lit(f(7, 1))


def x_binary(op: str, left: bytes, right: bytes) -> bytes:
    """An operator between two."""
    return f(3, f(1, left) + f(2, right) + f(3, op))


def x_chain(op: str, *operands: bytes) -> bytes:
    """A chain of one operator."""
    return f(3, f(3, op) + each(4, operands))


def x_unary(kind: int, expr: bytes) -> bytes:
    """IS NULL 5, IS NOT NULL 6, NOT 7, negative 11."""
    return f(kind, f(1, expr))


def x_case(base: bytes | None, pairs: Sequence[tuple[bytes, bytes]], other: bytes | None) -> bytes:
    """CASE."""
    parts = f(1, base) if base is not None else b""
    parts += b"".join(f(2, f(1, when) + f(2, then)) for when, then in pairs)
    return f(8, parts + (f(3, other) if other is not None else b""))


def x_cast(expr: bytes, arrow_type: bytes, kind: int = 9) -> bytes:
    """CAST, or TRY_CAST by 14."""
    return f(kind, f(1, expr) + f(2, arrow_type))


def x_in(expr: bytes, items: Sequence[bytes]) -> bytes:
    """IN of a list."""
    return f(12, f(1, expr) + each(2, items))


def x_call(name: str, *arguments: bytes, returns: bytes = I64) -> bytes:
    """A scalar function by name."""
    return f(16, f(1, name) + each(2, arguments) + f(4, returns) + f(5, 1) + f(6, name))


def x_like(expr: bytes, pattern: bytes, folded: int = 0) -> bytes:
    """LIKE."""
    return f(18, f(2, folded) + f(3, expr) + f(4, pattern))


def x_sort(expr: bytes) -> bytes:
    """An expression in an order, as the sorts have it."""
    return f(10, f(1, expr) + f(2, 1))


def x_aggregate(name: str, *arguments: bytes, by: Sequence[bytes] = ()) -> bytes:
    """An aggregate."""
    return f(4, f(4, name) + each(2, arguments) + each(5, [f(1, one) for one in by]))


def x_dynamic(inner: bytes, *children: bytes) -> bytes:
    """A filter that changes while it runs."""
    return f(23, each(1, children) + f(4, inner))


# Physical plans.

P_TABLE = schema(field("c", I64), field("s", UTF8))


def empty(table: bytes = P_TABLE, partitions: int = 0) -> bytes:
    """No rows."""
    return f(3, f(1, table) + f(2, partitions))


def row(table: bytes = P_TABLE, partitions: int = 0) -> bytes:
    """A row that stands for one."""
    return f(27, f(1, table) + f(2, partitions))


def projection(plan: bytes, *exprs: bytes, names: Sequence[str] = ()) -> bytes:
    """A projection."""
    names = names or [f"c{i}" for i in range(len(exprs))]
    return f(4, f(1, plan) + each(2, exprs) + each(3, names))


def limit(plan: bytes, skip: int, fetch: int) -> bytes:
    """A limit."""
    return f(6, f(1, plan) + f(2, skip) + f(3, fetch))


def filtered(plan: bytes, expr: bytes, more: bytes = b"", width: int = 2) -> bytes:
    """A filter that keeps as many columns, without which none would be left."""
    kept = f(9, b"".join(varint(index) for index in range(width)))
    return f(12, f(1, plan) + f(2, expr) + f(3, 20) + kept + more)


def sort(plan: bytes, *exprs: bytes, fetch: int = -1, more: bytes = b"") -> bytes:
    """A sort."""
    return f(10, f(1, plan) + each(2, [x_sort(expr) for expr in exprs]) + f(3, fetch) + more)


def merge(plan: bytes, *exprs: bytes, fetch: int = -1) -> bytes:
    """A merge of sorted partitions."""
    return f(21, f(1, plan) + each(2, [x_sort(expr) for expr in exprs]) + f(3, fetch))


def repartition(plan: bytes, count: int, *exprs: bytes, ordered: int = 0) -> bytes:
    """A repartition, by a hash where there are expressions."""
    scheme = f(2, each(1, exprs) + f(2, count)) if exprs else f(1, count)
    return f(14, f(1, plan) + f(5, scheme) + f(6, ordered))


def union(*plans: bytes, kind: int = 19) -> bytes:
    """A union, or by 26 an interleave."""
    return f(kind, each(1, plans))


def cross(left: bytes, right: bytes) -> bytes:
    """A cross join."""
    return f(16, f(1, left) + f(2, right))


def hash_join(
    left: bytes, right: bytes, on: Sequence[tuple[bytes, bytes]], mode: int = 0, more: bytes = b""
) -> bytes:
    """A hash join."""
    keys = each(3, [f(1, one) + f(2, other) for one, other in on])
    return f(9, f(1, left) + f(2, right) + keys + f(6, mode) + more)


def loop_join(left: bytes, right: bytes, kind: int = 0, more: bytes = b"") -> bytes:
    """A nested loop join."""
    return f(22, f(1, left) + f(2, right) + f(3, kind) + more)


def merge_join(left: bytes, right: bytes, on: Sequence[tuple[bytes, bytes]]) -> bytes:
    """A sort merge join."""
    keys = each(3, [f(1, one) + f(2, other) for one, other in on])
    options = each(6, [f(2, 1)] * len(on))
    return f(34, f(1, left) + f(2, right) + keys + options)


def aggregate(
    plan: bytes,
    groups: Sequence[bytes],
    functions: Sequence[bytes],
    *,
    mode: int = 3,
    table: bytes = P_TABLE,
    names: Sequence[str] = (),
    more: bytes = b"",
) -> bytes:
    """An aggregation."""
    columns = each(5, names or [f"g{i}" for i in range(len(groups))])
    columns += each(6, [f"a{i}" for i in range(len(functions))])
    filters = each(10, [b""] * len(functions))
    parts = each(1, groups) + each(2, functions) + f(3, mode) + f(4, plan) + columns + filters
    return f(8, parts + f(7, table) + more)


def window(plan: bytes, *exprs: bytes, keys: Sequence[bytes] = ()) -> bytes:
    """Functions over windows."""
    return f(15, f(1, plan) + each(2, exprs) + each(5, keys))


def x_window(
    name: str,
    *arguments: bytes,
    frame: bytes = ROWS,
    parts: Sequence[bytes] = (),
    by: Sequence[bytes] = (),
    kind: int = 3,
) -> bytes:
    """A function over a window, which stands by itself."""
    inside = f(kind, name) + each(4, arguments) + each(5, parts)
    return inside + each(6, [f(1, one) for one in by]) + f(7, frame) + f(8, name)


def one(kind: int, plan: bytes, more: bytes = b"") -> bytes:
    """A node with one input and nothing else that it needs."""
    return f(kind, f(1, plan) + more)


EMPTY = empty()
