"""Shapes of calls of functions: of each in itself, and of those that make much of little."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import planwire

from support.shapes import logical_nodes as lp
from support.shapes import proto as p
from support.shapes.expressions import Shape, Wrap, nested
from support.shapes.proto import ONE, C, S


def _argument(name: str, at: int, count: int, expr: bytes) -> bytes:
    return p.call(name, *[expr if index == at else ONE for index in range(count)])


def functions() -> Iterator[Shape]:
    """Each function in each of its arguments, and with very many of them."""
    for name in sorted(planwire._internal.builtin_names()):
        for count in (1, 2, 3):
            for at in range(count):
                wrap = partial(_argument, name, at, count)
                yield f"function {name} {at} of {count}", "E", nested(wrap, C, 40)
        yield f"function {name} of 4000", "E", p.call(name, *[C] * 4000)


def allocating() -> Iterator[Shape]:
    """Functions over literals, which the optimiser works out, that make much of little."""
    for n in (10**6, 2**30, 2**31 - 1, 2**40, 2**62, -1, -(2**63)):
        big, zero = p.number(n), p.number(0)
        texts = {
            "repeat": (p.text("x"), big),
            "lpad": (p.text("x"), big),
            "rpad": (p.text("x"), big, p.text("ab")),
            "range": (zero, big),
            "range down": (big, zero, p.number(-1)),
            "generate_series": (zero, big),
            "range of one": (big,),
            "array_repeat": (ONE, big),
            "array_resize": (p.call("make_array", ONE), big, zero),
            "left": (p.text("x"), big),
            "right": (p.text("x"), big),
            "substr": (p.text("x"), big, big),
            "chr": (big,),
            "to_hex": (big,),
            "split_part": (p.text("x"), p.text("y"), big),
            "array_element": (p.call("make_array", ONE), big),
            "array_slice": (p.call("make_array", ONE), big, big),
            "overlay": (p.text("x"), p.text("y"), big, big),
            "strpos": (p.text("x"), p.text("y")),
            "array_remove_n": (p.call("make_array", ONE), ONE, big),
            "array_replace_n": (p.call("make_array", ONE), ONE, ONE, big),
            "nullif": (big, big),
            "log": (big, big),
            "trunc": (p.lit(p.f(13, 0)[:0] + p.f(7, 1)), big),
            "from_unixtime": (big,),
            "to_timestamp": (big,),
            "to_timestamp_seconds": (big,),
            "date_part": (p.text("year"), p.cast(big, p.f(20, p.f(1, 0)))),
        }
        for name, arguments in texts.items():
            called = p.call(name.split(" ")[0], *arguments)
            yield f"allocate {name} {n}", "E", called
            if name in ("repeat", "lpad", "range", "array_repeat"):
                yield f"allocate plan {name} {n}", "L", lp.projection(lp.ONE_ROW, called)
    grow: dict[str, Wrap] = {
        "repeat": lambda e: p.call("repeat", e, p.number(100)),
        "replace": lambda e: p.call("replace", e, p.text("x"), p.text("xxxxxxxxxxxxxxxx")),
        "regexp_replace": lambda e: p.call(
            "regexp_replace", e, p.text("x"), p.text("xxxxxxxxxxxxxxxx"), p.text("g")
        ),
        "translate": lambda e: p.call("translate", e, p.text("x"), p.text("y")),
        "concat": lambda e: p.call("concat", *[e] * 8),
        "lpad": lambda e: p.call("lpad", e, p.number(2**30)),
        "array_repeat": lambda e: p.call("array_repeat", e, p.number(100)),
        "make_array": lambda e: p.call("make_array", *[e] * 8),
        "encode": lambda e: p.call("encode", p.cast(e, p.f(15, b"")), p.text("hex")),
        "to_char": lambda e: p.call("concat", e, e),
        "array_concat": lambda e: p.call("array_concat", *[e] * 8),
        "flatten": lambda e: p.call("flatten", p.call("array_repeat", e, p.number(100))),
        "list_to_string": lambda e: p.call(
            "array_to_string", p.call("array_repeat", e, p.number(100)), p.text(",")
        ),
    }
    for name, wrap in grow.items():
        seed = p.call("make_array", ONE) if name in ("array_concat", "flatten") else p.text("x")
        for levels in (4, 5):
            yield f"grow {name} {levels}", "E", nested(wrap, seed, levels)
    for pattern in (
        "(" * 2000,
        "(a*)*" * 200,
        "a{1000}{1000}",
        "(a{100}){100}{100}",
        "\\p{L}{2000}",
        "(?:\\w{50}){50}",
        "%_" * 5000,
    ):
        for op in ("RegexMatch", "RegexIMatch", "LikeMatch", "ILikeMatch"):
            yield (
                f"pattern {op} {pattern[:12]} {len(pattern)}",
                "E",
                p.binary(op, S, p.text(pattern)),
            )
            yield (
                f"pattern literal {op} {pattern[:12]} {len(pattern)}",
                "E",
                p.binary(op, p.text("a" * 5000), p.text(pattern)),
            )
        for name in ("regexp_like", "regexp_match", "regexp_count", "regexp_instr"):
            yield (
                f"pattern {name} {pattern[:12]} {len(pattern)}",
                "E",
                p.call(name, p.text("a" * 3000), p.text(pattern)),
            )
        yield f"pattern like {pattern[:12]}", "E", p.like(p.text("a" * 5000), p.text(pattern))
        yield (
            f"pattern similar {pattern[:12]}",
            "E",
            p.like(p.text("a" * 5000), p.text(pattern), 33),
        )


GROUPS = (functions, allocating)
