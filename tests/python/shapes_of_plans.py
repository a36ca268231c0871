"""Shapes of logical plans: each kind of node within itself, wide, in pairs, and with numbers at their ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import proto as p
from proto import C, I64, ONE, ROW, S, SCAN, TABLE, TRUE, UTF8
from shapes_of_expressions import BOOLEAN, OPERATORS, TEXTUAL, Shape, deepest, nested

Wrap = Callable[[bytes], bytes]
COLUMN_SCHEMA = p.schema(p.field("c", I64), p.field("s", UTF8))
HUGE = [2**31 - 1, 2**40, 2**63 - 1, -1]

IS = p.unary(6, C)


def _wraps() -> dict[str, Wrap]:
    """A node of each kind around a plan, the columns `c` and `s` kept."""
    two = p.each(1, [p.f(1, "c"), p.f(1, "s")])
    return {
        "projection": lambda e: p.l_projection(e, C, S),
        "projection alias": lambda e: p.l_projection(e, p.alias(C, "c"), p.alias(S, "s")),
        "projection named": lambda e: p.l_projection(e, C, S, name="t"),
        "projection plus": lambda e: p.l_projection(e, p.alias(p.binary("Plus", C, ONE), "c"), S),
        "projection twice": lambda e: p.l_projection(e, p.alias(p.binary("Plus", C, C), "c"), S),
        "projection volatile": lambda e: p.l_projection(
            e, p.alias(p.binary("Plus", C, p.call("random")), "c"), S
        ),
        "projection case": lambda e: p.l_projection(
            e, p.alias(p.case(None, [(p.binary("Gt", C, ONE), C)], ONE), "c"), S
        ),
        "projection coalesce": lambda e: p.l_projection(
            e, p.alias(p.call("coalesce", C, C), "c"), S
        ),
        "projection struct": lambda e: p.l_projection(
            e, p.alias(p.call("struct", C, C), "c"), S
        ),
        "projection array": lambda e: p.l_projection(
            e, p.alias(p.call("make_array", C, C), "c"), S
        ),
        "projection concat": lambda e: p.l_projection(
            e, p.alias(p.binary("StringConcat", S, S), "s"), C
        ),
        "projection subquery": lambda e: p.l_projection(
            p.ONE_ROW, p.alias(p.subquery(p.l_projection(e, C)), "c"), p.alias(p.text("x"), "s")
        ),
        "filter": lambda e: p.l_filter(e, p.binary("Gt", C, ONE)),
        "filter case": lambda e: p.l_filter(e, p.case(None, [(IS, TRUE)], TRUE)),
        "filter subquery": lambda e: p.l_filter(
            SCAN, p.binary("Eq", C, p.subquery(p.l_projection(e, C)))
        ),
        "limit": lambda e: p.l_limit(e, 1, 5),
        "aggregate": lambda e: p.l_aggregate(e, [C, S], []),
        "aggregate sum": lambda e: p.l_aggregate(e, [S], [p.alias(p.aggregate("sum", C), "c")]),
        "aggregate rollup": lambda e: p.l_projection(
            p.l_aggregate(e, [p.f(24, p.each(1, [C, S]))], []), C, S
        ),
        "aggregate distinct": lambda e: p.l_aggregate(
            e, [S], [p.alias(p.aggregate("sum", C, distinct=1), "c")]
        ),
        "sort": lambda e: p.l_sort(e, C),
        "sort fetch": lambda e: p.l_sort(e, C, fetch=5),
        "round robin": lambda e: p.l_robin(e, 7),
        "hash": lambda e: p.l_hash(e, 7, C),
        "explain": lambda e: p.l_explain(e),
        "explain graphviz": lambda e: p.l_explain(e, 3, 1),
        "window": lambda e: p.l_projection(p.l_window(e, p.window("sum", C)), C, S),
        "window kept": lambda e: p.l_window(e, p.window("sum", C)),
        "window projected": lambda e: p.l_projection(e, p.alias(p.window("sum", C), "c"), S),
        "analyze": p.l_analyze,
        "distinct": p.l_distinct,
        "distinct on": lambda e: p.l_distinct_on(e, [C], [C, S]),
        "alias": lambda e: p.l_alias(e, "t"),
        "view": p.l_view,
        "view scan": lambda e: p.l_view_scan(e, "v", COLUMN_SCHEMA),
        "prepare": lambda e: p.l_prepare(e, I64),
        "unnest": lambda e: p.l_unnest(p.l_projection(e, p.alias(p.call("make_array", C), "c"), S), "c"),
        "union": lambda e: p.l_union(e, ROW),
        "union right": lambda e: p.l_union(ROW, e),
        "recursive static": lambda e: p.l_recursive(e, p.l_work(COLUMN_SCHEMA)),
        "recursive": lambda e: p.l_recursive(ROW, e),
        "cross": lambda e: p.l_cross(p.l_alias(e, "a"), p.l_alias(p.NO_ROWS, "b")),
        "cross right": lambda e: p.l_cross(p.l_alias(p.NO_ROWS, "a"), p.l_alias(e, "b")),
        "semi": lambda e: p.l_join(p.l_alias(e, "a"), p.l_alias(SCAN, "b"), [(C, C)], 4),
        "anti": lambda e: p.l_join(p.l_alias(e, "a"), p.l_alias(SCAN, "b"), [(C, C)], 5),
        "mark": lambda e: p.l_projection(
            p.l_join(p.l_alias(e, "a"), p.l_alias(SCAN, "b"), [(C, C)], 8), C, S
        ),
        "left join": lambda e: p.l_projection(
            p.l_join(
                p.l_alias(e, "a"), p.l_alias(p.l_projection(ROW, p.alias(C, "d")), "b"),
                [(C, p.column("d"))], 1,
            ), C, S,
        ),
        "full join": lambda e: p.l_projection(
            p.l_join(
                p.l_alias(e, "a"), p.l_alias(p.l_projection(ROW, p.alias(C, "d")), "b"),
                [(C, p.column("d"))], 3,
            ), C, S,
        ),
        "insert": lambda e: p.l_dml(e, SCAN),
        "copy": lambda e: p.f(29, p.f(1, e) + p.f(2, "/tmp/none") + p.f(3, p.f(1, 1))),
        "merge": lambda e: p.l_dml(e, SCAN, 7, p.f(6, p.f(1, TRUE))),
        "view schema": lambda e: p.l_alias(e, "a" * 50),
        "two columns": lambda e: p.f(30, p.f(1, e) + two[:0] + p.f(7, b"")),
    }  # fmt: skip


WRAPS = _wraps()


def deep() -> Iterator[Shape]:
    """Each kind of node in itself, as deep as it is taken."""
    for name, wrap in WRAPS.items():
        for which, plan in enumerate([ROW, SCAN]):
            levels, message = deepest(wrap, plan, "L")
            yield f"plan {name} {levels} {which}", "L", message


def pairs() -> Iterator[Shape]:
    """Two kinds of node in turn."""
    some = [
        "projection twice", "projection case", "filter", "limit", "aggregate sum", "sort", "hash",
        "window projected", "distinct", "alias", "view scan", "union", "semi", "left join", "unnest",
        "filter subquery",
    ]  # fmt: skip
    for one in some:
        for other in some:
            if one < other:
                wrap: Wrap = lambda e, a=WRAPS[one], b=WRAPS[other]: a(b(e))  # noqa: E731
                yield f"plan pair {one} {other}", "L", deepest(wrap, ROW, "L")[1]


def twice() -> Iterator[Shape]:
    """Each node has the plan below twice, as far as the nodes go."""
    doubles: dict[str, Wrap] = {
        "union": lambda e: p.l_union(e, e),
        "cross": lambda e: p.l_cross(p.l_alias(e, "a"), p.l_alias(p.l_projection(e, p.alias(C, "d")), "b")),
        "join": lambda e: p.l_projection(
            p.l_join(p.l_alias(e, "a"), p.l_alias(e, "b"), [(p.f(1, p.f(1, "c") + p.f(2, p.f(1, "a"))),
                     p.f(1, p.f(1, "c") + p.f(2, p.f(1, "b"))))]),
            p.alias(p.f(1, p.f(1, "c") + p.f(2, p.f(1, "a"))), "c"), p.alias(p.text("x"), "s"),
        ),
        "semi": lambda e: p.l_join(p.l_alias(e, "a"), p.l_alias(e, "b"), [(C, C)], 4),
        "recursive": lambda e: p.l_recursive(e, e),
        "recursive named": lambda e: p.l_recursive(e, p.l_filter(e, IS)),
    }  # fmt: skip
    for name, wrap in doubles.items():
        for levels in (6, 9, 11):
            for which, plan in enumerate([ROW, SCAN]):
                yield f"plan twice {name} {levels} {which}", "L", nested(wrap, plan, levels)


def wide() -> Iterator[Shape]:
    """Thousands of parts."""
    for count in (500, 5000):
        few = min(count, 4000)
        yield f"plan union of {count}", "L", p.l_union(*[p.ONE_ROW] * count)
        yield f"plan union of scans {count}", "L", p.l_union(*[SCAN] * (count // 4))
        exprs = [p.alias(p.number(i), f"c{i}") for i in range(count)]
        yield f"plan projection of {count}", "L", p.l_projection(p.ONE_ROW, *exprs)
        wide = p.schema(*[p.field(f"c{i}", I64) for i in range(few)])
        columns = [p.column(f"c{i}") for i in range(few)]
        scan = p.l_scan(wide)
        yield f"plan scan of {count}", "L", scan
        yield f"plan columns of {count}", "L", p.l_projection(scan, *columns)
        stack = scan
        for _ in range(10):
            stack = p.l_projection(stack, *columns)
        yield f"plan ten projections of {count}", "L", stack
        for _ in range(20):
            stack = p.l_filter(stack, p.unary(6, columns[0]))
        yield f"plan filters over {count}", "L", stack
        stack = scan
        for i in range(40):
            stack = p.l_alias(stack, f"a{i}")
        yield f"plan aliases over {count}", "L", stack
        stack = scan
        for _ in range(40):
            stack = p.l_window(stack, p.window("sum", columns[0]))
        yield f"plan windows over {count}", "L", stack
        stack = p.l_alias(scan, "a0")
        for i in range(20):
            stack = p.l_cross(stack, p.l_alias(p.l_scan(wide if few < 1000 else COLUMN_SCHEMA), f"b{i}"))
        yield f"plan crosses over {count}", "L", stack
        yield f"plan wildcard of {count}", "L", p.l_projection(scan, *[p.f(15, b"")] * 20)
        yield f"plan values {count}", "L", p.l_values(1, *[p.number(i) for i in range(count)])
        yield f"plan values wide {count}", "L", p.l_values(count, *[p.number(i) for i in range(count)])
        yield f"plan values mixed {count}", "L", p.l_values(
            2, *[p.null(p.NULL) if i % 3 else p.number(i) for i in range(count // 2 * 2)]
        )
        yield f"plan sort of {count}", "L", p.l_sort(scan, *columns)
        yield f"plan group of {count}", "L", p.l_aggregate(scan, columns, [])
        yield f"plan sums of {count}", "L", p.l_aggregate(
            scan, [], [p.aggregate("sum", one) for one in columns]
        )
        yield f"plan windows of {count}", "L", p.l_window(
            scan, *[p.window("sum", one, by=[one]) for one in columns]
        )
        yield f"plan hash of {count}", "L", p.l_hash(scan, 4, *columns)
        yield f"plan join on {count}", "L", p.l_join(
            p.l_alias(scan, "a"), p.l_alias(scan, "b"), [(one, one) for one in columns], 4
        )
        yield f"plan filter and {count}", "L", p.l_filter(
            scan, p.binary("And", *[p.binary("Gt", one, ONE) for one in columns])
        )
        yield f"plan filter or {count}", "L", p.l_filter(
            scan, p.binary("Or", *[p.binary("Gt", one, ONE) for one in columns])
        )
        yield f"plan filter or of and {count}", "L", p.l_filter(
            scan,
            p.binary("Or", *[p.binary("And", p.binary("Gt", one, ONE), p.binary("Lt", one, p.number(9)))
                             for one in columns]),
        )
        yield f"plan filter and of or {count}", "L", p.l_filter(
            scan,
            p.binary("And", *[p.binary("Or", p.binary("Gt", one, ONE), p.binary("Lt", one, p.number(9)))
                              for one in columns]),
        )
        yield f"plan scan filters {count}", "L", p.l_scan(
            wide, filters=[p.binary("Gt", one, ONE) for one in columns]
        )
        yield f"plan unnest {count}", "L", p.l_unnest(
            p.l_projection(p.ONE_ROW, *[p.alias(p.call("make_array", p.number(i)), f"c{i}") for i in range(few)]),
            *[f"c{i}" for i in range(few)],
        )
        yield f"plan files {count}", "L", p.l_files(COLUMN_SCHEMA, *[f"file:///none/{i}.csv" for i in range(count)])
        yield f"plan partitioned {count}", "L", p.l_files(
            COLUMN_SCHEMA, "file:///none/", more=p.each(7, [p.f(1, f"p{i}") + p.f(2, I64) for i in range(few)])
        )
        yield f"plan subqueries {count}", "L", p.l_projection(
            p.ONE_ROW, *[p.alias(p.subquery(p.l_projection(p.ONE_ROW, ONE)), f"c{i}") for i in range(count // 10)]
        )
        yield f"plan exists {count}", "L", p.l_filter(
            SCAN, p.binary("And", *[p.binary("Eq", C, p.subquery(p.l_projection(SCAN, C))) for _ in range(count // 20)])
        )
        yield f"plan names {count}", "L", p.l_projection(p.ONE_ROW, *[p.alias(ONE, f"{'n' * 200}{i}") for i in range(count)])
        yield f"plan cse {count}", "L", p.l_projection(
            SCAN, *[p.alias(p.binary("Plus", p.binary("Multiply", C, p.number(7)), p.number(i)), f"c{i}") for i in range(few)]
        )


def chains() -> Iterator[Shape]:
    """Chains of one operator, which a plan alone brings into a process."""
    for op in OPERATORS:
        for count in (100, 500, 1500, 4000):
            one = IS if op in BOOLEAN else S if op in TEXTUAL else C
            chain = p.binary(op, *[one] * count)
            yield f"plan chain {op} {count}", "L", p.l_projection(SCAN, p.alias(chain, "x"))
        filtered = p.binary(op, *[one] * 500)
        yield f"plan chain filter {op}", "L", p.l_filter(SCAN, p.unary(6, filtered))


def grouping() -> Iterator[Shape]:
    """Sets of groups."""
    for count in (8, 12, 16, 20, 30, 50, 65, 1000):
        wide = p.schema(*[p.field(f"c{i}", I64) for i in range(count)])
        columns = [p.column(f"c{i}") for i in range(count)]
        scan = p.l_scan(wide)
        for kind, name in ((23, "cube"), (24, "rollup")):
            yield f"grouping {name} {count}", "L", p.l_aggregate(scan, [p.f(kind, p.each(1, columns))], [])
        sets = p.f(22, p.each(1, [p.each(1, columns)] * count))
        yield f"grouping sets {count}", "L", p.l_aggregate(scan, [sets], [])
        for other, name in ((23, "cubes"), (24, "rollups")):
            some = [p.f(other, p.each(1, columns[: min(count, 6)])) for _ in range(min(6, count))]
            yield f"grouping {name} product {count}", "L", p.l_aggregate(scan, some, [])
        pairs = [p.f(22, p.each(1, [p.f(1, one), p.f(1, one)])) for one in columns]
        yield f"grouping product of sets {count}", "L", p.l_aggregate(scan, pairs, [])
        nest = columns[0]
        for _ in range(min(count, 20)):
            nest = p.f(23, p.each(1, [nest, nest][: 1 + (count < 12)]))
        yield f"grouping cube in cube {count}", "L", p.l_aggregate(scan, [nest], [])


def numbers() -> Iterator[Shape]:
    """Numbers at their ends."""
    for n in (0, *HUGE):
        yield f"number limit {n}", "L", p.l_limit(SCAN, n, n)
        yield f"number limit row {n}", "L", p.l_limit(ROW, n, n)
        yield f"number limits {n}", "L", p.l_limit(p.l_limit(p.l_sort(SCAN, C), n, n), n, n)
        yield f"number sort fetch {n}", "L", p.l_sort(SCAN, C, fetch=n)
        yield f"number sort fetch limit {n}", "L", p.l_limit(p.l_sort(ROW, C, fetch=n), n, n)
        yield f"number round robin {n}", "L", p.l_robin(SCAN, n)
        yield f"number round robin row {n}", "L", p.l_robin(ROW, n)
        yield f"number hash {n}", "L", p.l_hash(ROW, n, C)
        yield f"number hash sorted {n}", "L", p.l_sort(p.l_hash(ROW, n, C), C)
        yield f"number hash grouped {n}", "L", p.l_aggregate(p.l_hash(ROW, n, C), [C], [])
        yield f"number values {n}", "L", p.l_values(n, ONE, ONE)
        yield f"number unnest depth {n}", "L", p.l_unnest(SCAN, "l", depths=[("l", "l", n)])
        yield f"number csv infer {n}", "L", p.l_files(
            COLUMN_SCHEMA, "file:///none/a.csv", style=(10, p.f(5, p.f(6, n) + p.f(19, n)))
        )
        sized = p.f(7, n) + p.f(8, n) + p.f(4, n) + p.f(12, n) + p.f(15, n) + p.f(18, n) + p.f(24, n) + p.f(25, n)
        yield f"number parquet {n}", "L", p.l_files(
            COLUMN_SCHEMA, "file:///none/a.parquet", style=(11, p.f(2, p.f(1, sized + p.f(22, n) + p.f(17, n))))
        )
        yield f"number json {n}", "L", p.l_files(
            COLUMN_SCHEMA, "file:///none/a.json", style=(15, p.f(1, p.f(2, n)))
        )
        for units in (0, 1, 2):
            for value in (p.f(7, n), p.f(11, n), p.f(2, "9" * 40), p.f(31, p.f(1, n) + p.f(2, n) + p.f(3, n))):
                frame = p.f(1, units) + p.f(2, p.bound(1, value)) + p.f(3, p.bound(2, value))
                yield f"number frame {units} {n} {value[:1].hex()}", "L", p.l_window(
                    ROW, p.window("sum", C, by=[C], frame=frame)
                )
    zone = p.f(20, p.f(1, 3) + p.f(2, "Europe/Paris"))
    for n in (2**31 - 1, -(2**31)):
        for kind, name in ((14, "date32"), (24, "interval ym")):
            yield f"number {name} {n}", "E", p.binary("Plus", p.lit(p.f(14, n)), p.lit(p.f(kind, n)))
        month = p.lit(p.f(31, p.f(1, n) + p.f(2, n) + p.f(3, n)))
        for op in ("Plus", "Minus"):
            yield f"number date {op} month {n}", "E", p.binary(op, p.lit(p.f(14, n)), month)
            stamp = p.lit(p.f(26, p.f(2, 2**63 - 1) + p.f(5, "Europe/Paris")))
            yield f"number stamp {op} month {n}", "E", p.binary(op, stamp, month)
        yield f"number date to stamp {n}", "E", p.cast(p.lit(p.f(14, n)), zone)
        yield f"number date_trunc {n}", "E", p.call("date_trunc", p.text("month"), p.lit(p.f(26, p.f(3, 2**63 - 1))))
        yield f"number date_bin {n}", "E", p.call("date_bin", month, p.lit(p.f(26, p.f(2, n))))
        yield f"number to_char {n}", "E", p.call("to_char", p.lit(p.f(14, n)), p.text("%Y" * 2000))
        yield f"number make_date {n}", "E", p.call("make_date", p.number(n), p.number(n), p.number(n))
        yield f"number power {n}", "E", p.call("power", p.number(n), p.number(n))
        yield f"number factorial {n}", "E", p.call("factorial", p.number(n))
        yield f"number gcd {n}", "E", p.call("gcd", p.number(-(2**63)), p.number(-(2**63)))
        yield f"number lcm {n}", "E", p.call("lcm", p.number(-(2**63)), p.number(-1))
        yield f"number shift {n}", "E", p.binary("BitwiseShiftLeft", p.number(n), p.number(n))
        yield f"number div {n}", "E", p.binary("Divide", p.number(-(2**63)), p.number(-1))
        yield f"number mod {n}", "E", p.binary("Modulo", p.number(-(2**63)), p.number(-1))
        yield f"number neg {n}", "E", p.unary(13, p.number(-(2**63)))
        yield f"number abs {n}", "E", p.call("abs", p.number(-(2**63)))
        yield f"number round {n}", "E", p.call("round", p.lit(p.f(20, p.f(1, b"\x7f" * 16) + p.f(2, 38))), p.number(n))


def allocating() -> Iterator[Shape]:
    """Functions over literals, which the optimiser works out, that make much of little."""
    for n in (10**6, 2**30, 2**31 - 1, 2**40, 2**62, -1, -(2**63)):
        big, zero = p.number(n), p.number(0)
        texts = {
            "repeat": (p.text("x"), big), "lpad": (p.text("x"), big), "rpad": (p.text("x"), big, p.text("ab")),
            "range": (zero, big), "range down": (big, zero, p.number(-1)), "generate_series": (zero, big),
            "range of one": (big,), "array_repeat": (ONE, big), "array_resize": (p.call("make_array", ONE), big, zero),
            "left": (p.text("x"), big), "right": (p.text("x"), big), "substr": (p.text("x"), big, big),
            "chr": (big,), "to_hex": (big,), "split_part": (p.text("x"), p.text("y"), big),
            "array_element": (p.call("make_array", ONE), big), "array_slice": (p.call("make_array", ONE), big, big),
            "overlay": (p.text("x"), p.text("y"), big, big), "strpos": (p.text("x"), p.text("y")),
            "array_remove_n": (p.call("make_array", ONE), ONE, big), "array_replace_n": (p.call("make_array", ONE), ONE, ONE, big),
            "nullif": (big, big), "log": (big, big), "trunc": (p.lit(p.f(13, 0)[:0] + p.f(7, 1)), big),
            "from_unixtime": (big,), "to_timestamp": (big,), "to_timestamp_seconds": (big,), "date_part": (p.text("year"), p.cast(big, p.f(20, p.f(1, 0)))),
        }  # fmt: skip
        for name, arguments in texts.items():
            called = p.call(name.split(" ")[0], *arguments)
            yield f"allocate {name} {n}", "E", called
            if name in ("repeat", "lpad", "range", "array_repeat"):
                yield f"allocate plan {name} {n}", "L", p.l_projection(p.ONE_ROW, called)
    grow: dict[str, Wrap] = {
        "repeat": lambda e: p.call("repeat", e, p.number(100)),
        "replace": lambda e: p.call("replace", e, p.text("x"), p.text("xxxxxxxxxxxxxxxx")),
        "regexp_replace": lambda e: p.call("regexp_replace", e, p.text("x"), p.text("xxxxxxxxxxxxxxxx"), p.text("g")),
        "translate": lambda e: p.call("translate", e, p.text("x"), p.text("y")),
        "concat": lambda e: p.call("concat", *[e] * 8),
        "lpad": lambda e: p.call("lpad", e, p.number(2**30)),
        "array_repeat": lambda e: p.call("array_repeat", e, p.number(100)),
        "make_array": lambda e: p.call("make_array", *[e] * 8),
        "encode": lambda e: p.call("encode", p.cast(e, p.f(15, b"")), p.text("hex")),
        "to_char": lambda e: p.call("concat", e, e),
        "array_concat": lambda e: p.call("array_concat", *[e] * 8),
        "flatten": lambda e: p.call("flatten", p.call("array_repeat", e, p.number(100))),
        "list_to_string": lambda e: p.call("array_to_string", p.call("array_repeat", e, p.number(100)), p.text(",")),
    }  # fmt: skip
    for name, wrap in grow.items():
        seed = p.call("make_array", ONE) if name in ("array_concat", "flatten") else p.text("x")
        for levels in (4, 5):
            yield f"grow {name} {levels}", "E", nested(wrap, seed, levels)
    for pattern in ("(" * 2000, "(a*)*" * 200, "a{1000}{1000}", "(a{100}){100}{100}", "\\p{L}{2000}", "(?:\\w{50}){50}", "%_" * 5000):
        for op in ("RegexMatch", "RegexIMatch", "LikeMatch", "ILikeMatch"):
            yield f"pattern {op} {pattern[:12]} {len(pattern)}", "E", p.binary(op, S, p.text(pattern))
            yield f"pattern literal {op} {pattern[:12]} {len(pattern)}", "E", p.binary(op, p.text("a" * 5000), p.text(pattern))
        for name in ("regexp_like", "regexp_match", "regexp_count", "regexp_instr"):
            yield f"pattern {name} {pattern[:12]} {len(pattern)}", "E", p.call(name, p.text("a" * 3000), p.text(pattern))
        yield f"pattern like {pattern[:12]}", "E", p.like(p.text("a" * 5000), p.text(pattern))
        yield f"pattern similar {pattern[:12]}", "E", p.like(p.text("a" * 5000), p.text(pattern), 33)


GROUPS = (deep, chains, twice, pairs, grouping, numbers, wide, allocating)
