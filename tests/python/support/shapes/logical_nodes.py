"""Writes the nodes of logical plans, with the numbers of DataFusion's `datafusion.proto`."""

from __future__ import annotations

from collections.abc import Sequence

from support.shapes import proto as p
from support.shapes.proto import I64, ONE, UTF8, each, f, field, list_of, schema, text

NO_ROWS, ONE_ROW = f(10, b""), f(10, f(1, 1))


def named(table: str) -> bytes:
    """The name of a table."""
    return f(1, f(1, table))


def projection(plan: bytes, *exprs: bytes, name: str = "") -> bytes:
    """SELECT."""
    return f(3, f(1, plan) + each(2, exprs) + (f(3, name) if name else b""))


def filtered(plan: bytes, expr: bytes) -> bytes:
    """WHERE."""
    return f(4, f(1, plan) + f(2, expr))


def limit(plan: bytes, skip: int, fetch: int) -> bytes:
    """LIMIT."""
    return f(5, f(1, plan) + f(2, skip) + f(3, fetch))


def aggregate(plan: bytes, groups: Sequence[bytes], functions: Sequence[bytes]) -> bytes:
    """GROUP BY."""
    return f(6, f(1, plan) + each(2, groups) + each(3, functions))


def join(
    left: bytes,
    right: bytes,
    on: Sequence[tuple[bytes, bytes]] = (),
    kind: int = 0,
    where: bytes = b"",
) -> bytes:
    """JOIN."""
    keys = each(5, [one for one, _ in on]) + each(6, [other for _, other in on])
    return f(7, f(1, left) + f(2, right) + f(3, kind) + keys + (f(8, where) if where else b""))


def sort(plan: bytes, *exprs: bytes, fetch: int = -1) -> bytes:
    """ORDER BY."""
    return f(8, f(1, plan) + each(2, [f(1, expr) + f(2, 1) for expr in exprs]) + f(3, fetch))


def robin(plan: bytes, count: int) -> bytes:
    """Repartitions in turn."""
    return f(9, f(1, plan) + f(2, count))


def hashed(plan: bytes, count: int, *exprs: bytes) -> bytes:
    """Repartitions by a hash."""
    return f(9, f(1, plan) + f(3, each(1, exprs) + f(2, count)))


def explain(plan: bytes, style: int = 0, verbose: int = 0) -> bytes:
    """EXPLAIN."""
    return f(12, f(1, plan) + f(2, verbose) + f(3, style))


def window(plan: bytes, *exprs: bytes) -> bytes:
    """OVER."""
    return f(13, f(1, plan) + each(2, exprs))


def analyze(plan: bytes) -> bytes:
    """EXPLAIN ANALYZE."""
    return f(14, f(1, plan))


def cross(left: bytes, right: bytes) -> bytes:
    """CROSS JOIN."""
    return f(15, f(1, left) + f(2, right))


def values(width: int, *exprs: bytes) -> bytes:
    """VALUES."""
    return f(16, f(1, width) + each(2, exprs))


def union(*plans: bytes) -> bytes:
    """UNION ALL."""
    return f(19, each(1, plans))


def alias(plan: bytes, name: str) -> bytes:
    """A query under a name."""
    return f(21, f(1, plan) + f(3, named(name)))


def view(plan: bytes, definition: str = "") -> bytes:
    """CREATE VIEW."""
    return f(22, f(5, named("v")) + f(2, plan) + f(4, definition))


def distinct(plan: bytes) -> bytes:
    """DISTINCT."""
    return f(23, f(1, plan))


def distinct_on(
    plan: bytes, on: Sequence[bytes], select: Sequence[bytes], by: Sequence[bytes] = ()
) -> bytes:
    """DISTINCT ON."""
    return f(28, each(1, on) + each(2, select) + each(3, [f(1, one) for one in by]) + f(4, plan))


def view_scan(plan: bytes, name: str, table: bytes) -> bytes:
    """A view that is read."""
    return f(24, f(6, named(name)) + f(2, plan) + f(3, table))


def prepare(plan: bytes, *types: bytes) -> bytes:
    """PREPARE."""
    return f(26, f(1, "p") + f(3, plan) + each(2, types))


def unnest(plan: bytes, *columns: str, depths: Sequence[tuple[str, str, int]] = ()) -> bytes:
    """UNNEST of columns."""
    recursions = each(
        2, [f(1, f(1, out)) + f(2, f(1, into)) + f(3, depth) for out, into, depth in depths]
    )
    return f(30, f(1, plan) + each(2, [f(1, name) for name in columns]) + f(7, recursions))


def recursive(static: bytes, recursive: bytes, name: str = "r") -> bytes:
    """WITH RECURSIVE."""
    return f(31, f(1, name) + f(2, static) + f(3, recursive))


def work(table: bytes, name: str = "r") -> bytes:
    """The table that a recursive query works on."""
    return f(32, f(1, name) + f(2, table))


def scan(table: bytes, name: str = "t", filters: Sequence[bytes] = ()) -> bytes:
    """A scan of a table without rows."""
    return f(34, f(1, named(name)) + f(2, table) + each(4, filters))


def files(
    table: bytes, *paths: str, style: tuple[int, bytes] = (10, b""), more: bytes = b""
) -> bytes:
    """A scan of files."""
    return f(1, f(14, named("t")) + each(2, paths) + f(3, ".csv") + f(5, table) + f(*style) + more)


def dml(plan: bytes, target: bytes, kind: int = 3, merge: bytes = b"") -> bytes:
    """INSERT and the like."""
    return f(33, f(1, kind) + f(2, plan) + f(3, named("t")) + f(5, target) + merge)


TABLE = schema(field("c", I64), field("s", UTF8), field("l", list_of(I64)))
SCAN = scan(TABLE)
ROW = projection(ONE_ROW, p.alias(ONE, "c"), p.alias(text("x"), "s"))
