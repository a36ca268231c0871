"""Writes DataFusion's messages by hand, with the numbers of its `datafusion.proto`.

Expressions are functions in lower case, logical plans those that begin with `l_`, physical plans
those that begin with `p_` and physical expressions those that begin with `x_`.
"""

from __future__ import annotations

from collections.abc import Sequence

from message import field as _lengthy

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


# Logical plans.

NO_ROWS, ONE_ROW = f(10, b""), f(10, f(1, 1))


def named(table: str) -> bytes:
    """The name of a table."""
    return f(1, f(1, table))


def l_projection(plan: bytes, *exprs: bytes, name: str = "") -> bytes:
    """SELECT."""
    return f(3, f(1, plan) + each(2, exprs) + (f(3, name) if name else b""))


def l_filter(plan: bytes, expr: bytes) -> bytes:
    """WHERE."""
    return f(4, f(1, plan) + f(2, expr))


def l_limit(plan: bytes, skip: int, fetch: int) -> bytes:
    """LIMIT."""
    return f(5, f(1, plan) + f(2, skip) + f(3, fetch))


def l_aggregate(plan: bytes, groups: Sequence[bytes], functions: Sequence[bytes]) -> bytes:
    """GROUP BY."""
    return f(6, f(1, plan) + each(2, groups) + each(3, functions))


def l_join(
    left: bytes,
    right: bytes,
    on: Sequence[tuple[bytes, bytes]] = (),
    kind: int = 0,
    where: bytes = b"",
) -> bytes:
    """JOIN."""
    keys = each(5, [one for one, _ in on]) + each(6, [other for _, other in on])
    return f(7, f(1, left) + f(2, right) + f(3, kind) + keys + (f(8, where) if where else b""))


def l_sort(plan: bytes, *exprs: bytes, fetch: int = -1) -> bytes:
    """ORDER BY."""
    return f(8, f(1, plan) + each(2, [f(1, expr) + f(2, 1) for expr in exprs]) + f(3, fetch))


def l_robin(plan: bytes, count: int) -> bytes:
    """Repartitions in turn."""
    return f(9, f(1, plan) + f(2, count))


def l_hash(plan: bytes, count: int, *exprs: bytes) -> bytes:
    """Repartitions by a hash."""
    return f(9, f(1, plan) + f(3, each(1, exprs) + f(2, count)))


def l_explain(plan: bytes, style: int = 0, verbose: int = 0) -> bytes:
    """EXPLAIN."""
    return f(12, f(1, plan) + f(2, verbose) + f(3, style))


def l_window(plan: bytes, *exprs: bytes) -> bytes:
    """OVER."""
    return f(13, f(1, plan) + each(2, exprs))


def l_analyze(plan: bytes) -> bytes:
    """EXPLAIN ANALYZE."""
    return f(14, f(1, plan))


def l_cross(left: bytes, right: bytes) -> bytes:
    """CROSS JOIN."""
    return f(15, f(1, left) + f(2, right))


def l_values(width: int, *exprs: bytes) -> bytes:
    """VALUES."""
    return f(16, f(1, width) + each(2, exprs))


def l_union(*plans: bytes) -> bytes:
    """UNION ALL."""
    return f(19, each(1, plans))


def l_alias(plan: bytes, name: str) -> bytes:
    """A query under a name."""
    return f(21, f(1, plan) + f(3, named(name)))


def l_view(plan: bytes, definition: str = "") -> bytes:
    """CREATE VIEW."""
    return f(22, f(5, named("v")) + f(2, plan) + f(4, definition))


def l_distinct(plan: bytes) -> bytes:
    """DISTINCT."""
    return f(23, f(1, plan))


def l_distinct_on(
    plan: bytes, on: Sequence[bytes], select: Sequence[bytes], by: Sequence[bytes] = ()
) -> bytes:
    """DISTINCT ON."""
    return f(28, each(1, on) + each(2, select) + each(3, [f(1, one) for one in by]) + f(4, plan))


def l_view_scan(plan: bytes, name: str, table: bytes) -> bytes:
    """A view that is read."""
    return f(24, f(6, named(name)) + f(2, plan) + f(3, table))


def l_prepare(plan: bytes, *types: bytes) -> bytes:
    """PREPARE."""
    return f(26, f(1, "p") + f(3, plan) + each(2, types))


def l_unnest(plan: bytes, *columns: str, depths: Sequence[tuple[str, str, int]] = ()) -> bytes:
    """UNNEST of columns."""
    recursions = each(
        2, [f(1, f(1, out)) + f(2, f(1, into)) + f(3, depth) for out, into, depth in depths]
    )
    return f(30, f(1, plan) + each(2, [f(1, name) for name in columns]) + f(7, recursions))


def l_recursive(static: bytes, recursive: bytes, name: str = "r") -> bytes:
    """WITH RECURSIVE."""
    return f(31, f(1, name) + f(2, static) + f(3, recursive))


def l_work(table: bytes, name: str = "r") -> bytes:
    """The table that a recursive query works on."""
    return f(32, f(1, name) + f(2, table))


def l_scan(table: bytes, name: str = "t", filters: Sequence[bytes] = ()) -> bytes:
    """A scan of a table without rows."""
    return f(34, f(1, named(name)) + f(2, table) + each(4, filters))


def l_files(table: bytes, *paths: str, style: tuple[int, bytes] = (10, b""), more: bytes = b"") -> bytes:
    """A scan of files."""
    return f(1, f(14, named("t")) + each(2, paths) + f(3, ".csv") + f(5, table) + f(*style) + more)


def l_dml(plan: bytes, target: bytes, kind: int = 3, merge: bytes = b"") -> bytes:
    """INSERT and the like."""
    return f(33, f(1, kind) + f(2, plan) + f(3, named("t")) + f(5, target) + merge)


TABLE = schema(field("c", I64), field("s", UTF8), field("l", list_of(I64)))
SCAN = l_scan(TABLE)
ROW = l_projection(ONE_ROW, alias(ONE, "c"), alias(text("x"), "s"))


# Physical expressions.


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


def p_empty(table: bytes = P_TABLE, partitions: int = 0) -> bytes:
    """No rows."""
    return f(3, f(1, table) + f(2, partitions))


def p_row(table: bytes = P_TABLE, partitions: int = 0) -> bytes:
    """A row that stands for one."""
    return f(27, f(1, table) + f(2, partitions))


def p_projection(plan: bytes, *exprs: bytes, names: Sequence[str] = ()) -> bytes:
    """A projection."""
    names = names or [f"c{i}" for i in range(len(exprs))]
    return f(4, f(1, plan) + each(2, exprs) + each(3, names))


def p_limit(plan: bytes, skip: int, fetch: int) -> bytes:
    """A limit."""
    return f(6, f(1, plan) + f(2, skip) + f(3, fetch))


def p_filter(plan: bytes, expr: bytes, more: bytes = b"", width: int = 2) -> bytes:
    """A filter that keeps as many columns, without which none would be left."""
    kept = f(9, b"".join(varint(index) for index in range(width)))
    return f(12, f(1, plan) + f(2, expr) + f(3, 20) + kept + more)


def p_sort(plan: bytes, *exprs: bytes, fetch: int = -1, more: bytes = b"") -> bytes:
    """A sort."""
    return f(10, f(1, plan) + each(2, [x_sort(expr) for expr in exprs]) + f(3, fetch) + more)


def p_merge(plan: bytes, *exprs: bytes, fetch: int = -1) -> bytes:
    """A merge of sorted partitions."""
    return f(21, f(1, plan) + each(2, [x_sort(expr) for expr in exprs]) + f(3, fetch))


def p_repartition(plan: bytes, count: int, *exprs: bytes, ordered: int = 0) -> bytes:
    """A repartition, by a hash where there are expressions."""
    scheme = f(2, each(1, exprs) + f(2, count)) if exprs else f(1, count)
    return f(14, f(1, plan) + f(5, scheme) + f(6, ordered))


def p_union(*plans: bytes, kind: int = 19) -> bytes:
    """A union, or by 26 an interleave."""
    return f(kind, each(1, plans))


def p_cross(left: bytes, right: bytes) -> bytes:
    """A cross join."""
    return f(16, f(1, left) + f(2, right))


def p_hash_join(
    left: bytes, right: bytes, on: Sequence[tuple[bytes, bytes]], mode: int = 0, more: bytes = b""
) -> bytes:
    """A hash join."""
    keys = each(3, [f(1, one) + f(2, other) for one, other in on])
    return f(9, f(1, left) + f(2, right) + keys + f(6, mode) + more)


def p_loop_join(left: bytes, right: bytes, kind: int = 0, more: bytes = b"") -> bytes:
    """A nested loop join."""
    return f(22, f(1, left) + f(2, right) + f(3, kind) + more)


def p_merge_join(left: bytes, right: bytes, on: Sequence[tuple[bytes, bytes]]) -> bytes:
    """A sort merge join."""
    keys = each(3, [f(1, one) + f(2, other) for one, other in on])
    options = each(6, [f(2, 1)] * len(on))
    return f(34, f(1, left) + f(2, right) + keys + options)


def p_aggregate(
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


def p_window(plan: bytes, *exprs: bytes, keys: Sequence[bytes] = ()) -> bytes:
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


def p_one(kind: int, plan: bytes, more: bytes = b"") -> bytes:
    """A node with one input and nothing else that it needs."""
    return f(kind, f(1, plan) + more)


EMPTY = p_empty()
