"""Texts that are meant to deceive, and messages that hold such texts in all sorts of places."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from support.hostile.protobuf import field

# What a log would be made to say.
FORGED = "2026-11-27 INFO worker: all is well"

CHARACTERS = {
    "line feed": "\n",
    "carriage return": "\r",
    "both": "\r\n",
    "tab": "\t",
    "vertical tab": "\v",
    "form feed": "\f",
    "file separator": "\x1c",
    "backspace": "\b",
    "bell": "\a",
    "escape": "\x1b[2K\x1b]0;owned\a",
    "delete": "\x7f",
    "C1 sequence": "\x9b2K",
    "next line": "\x85",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "marks of direction": "\u200e\u200f\u061c",
    "embeddings": "\u202a\u202b\u202c",
    "overrides": "\u202d\u202e",
    "isolates": "\u2066\u2067\u2068\u2069",
    "zero width": "\u200b\u2060\u2061\u00ad",
    "joiners": "\u200c\u200d",
    "byte order mark": "\ufeff",
    "annotation": "\ufff9\ufffb",
    "tags": "\U000e0041\U000e007f",
    "selectors": "\ufe00\ufe0f\U000e0100",
    "fillers": "\u3164\uffa0\u115f\u034f",
    "private use": "\ue000\U000f0000\U0010fffd",
    "no character": "\ufffe\uffff\ufdd0\U0001ffff",
    "not assigned": "\u0378",
}

# Does not harm anyone, in whatever script.
HARMLESS = "naïve «größe» o\u0308 'q' \"d\" \\ имя 名前 اسم नाम हिन्दी שם ชื่อ 😀 ½ … a\u00a0b"

_INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_FILLERS = set("\u034f\u115f\u1160\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}
_JOINERS = {"\u200c", "\u200d"} | {chr(code) for code in range(0xFE00, 0xFE10)}


def faults(text: str, *, data: bool = False) -> Iterator[str]:
    """What is wrong with a text that somebody may print; in `data`, joiners are sound."""
    for line in text.split("\n"):
        if line.lstrip().startswith(FORGED):
            yield f"a forged line: {line[:80]!r}"
        for character in set(line):
            if data and character in _JOINERS:
                continue
            hidden = character in _FILLERS or 0xE0100 <= ord(character) <= 0xE01EF
            if hidden or unicodedata.category(character) in _INVISIBLE:
                yield f"{character!r} as it is: {line[:80]!r}"


_INT64 = field(10, b"")
_COLUMN = field(1, field(1, "c"))
_SCHEMA = field(1, field(1, "c") + field(2, _INT64))
_LITERAL = field(3, field(7, 1))
_ROW = field(
    3, field(1, field(10, field(1, 1))) + field(2, field(2, field(1, _LITERAL) + field(2, "c")))
)
_EMPTY = field(3, field(1, _SCHEMA))


def _projection(expr: bytes, *others: bytes) -> bytes:
    exprs = b"".join(field(2, one) for one in (expr, *others))
    return field(3, field(1, _ROW) + exprs)


def _physical(expr: bytes) -> bytes:
    return field(4, field(1, _EMPTY) + field(2, expr) + field(3, "n"))


def messages(text: str) -> Iterator[tuple[str, str, bytes]]:
    """Messages of each sort with a text in one of its places: what it is, the sort, the message."""
    name = text[:200]
    alias = field(2, field(1, _COLUMN) + field(2, text))
    time = field(3, field(26, field(3, 1) + field(5, text)))
    scan = (
        field(5, _SCHEMA) + field(3, ".csv") + field(10, b"") + field(14, field(1, field(1, "t")))
    )
    envelope = b"DFPYCHN\x01" + len(text.encode()).to_bytes(4, "little") + text.encode()
    column = field(1, field(1, "c"))
    called = [
        ("operator", field(4, field(1, _COLUMN) * 2 + field(3, text))),
        ("function by name", field(20, field(1, name) + field(2, _COLUMN))),
        ("id of an envelope", field(20, field(1, "u") + field(2, _COLUMN) + field(3, envelope))),
        ("time zone", time),
        ("column", field(1, field(1, text))),
        ("relation", field(1, field(1, "c") + field(2, field(1, text)))),
        ("text", field(3, field(2, text))),
        ("alias", alias),
        ("placeholder", field(34, field(1, text))),
    ]
    for label, expr in called:
        yield label, "Expr", expr
        yield f"{label} in a plan", "LogicalPlan", _projection(expr)
    arrow_cast = field(1, "arrow_cast") + field(2, _COLUMN) + field(2, field(3, field(2, text)))
    date_part = field(1, "date_part") + field(2, field(3, field(2, text))) + field(2, _COLUMN)
    custom = field(6, field(1, field(1, name))) + field(3, _SCHEMA)
    yield "names twice", "LogicalPlan", _projection(alias, alias)
    yield "name of a type", "LogicalPlan", _projection(field(20, arrow_cast))
    yield "part of a date", "LogicalPlan", _projection(field(20, date_part))
    yield "path", "LogicalPlan", field(1, field(2, text) + scan)
    yield "address", "LogicalPlan", field(1, field(2, f"http://{text}") + scan)
    yield "table of a codec", "LogicalPlan", field(25, custom + field(5, b"zz"))
    yield "table of a family", "LogicalPlan", field(25, custom + field(5, b"DFXXXXX\x01"))
    yield "common table", "LogicalPlan", field(32, field(1, text) + field(2, _SCHEMA))
    yield "physical column", "ExecutionPlan", _physical(field(1, field(1, text) + field(2, 5)))
    yield (
        "physical function",
        "ExecutionPlan",
        _physical(field(16, field(1, name) + field(4, _INT64))),
    )
    yield "physical literal", "ExecutionPlan", _physical(field(2, field(2, text)))
    operands = field(1, column) + field(2, column) + field(3, text)
    yield "physical operator", "ExecutionPlan", _physical(field(3, operands))
    yield (
        "physical alias",
        "ExecutionPlan",
        field(4, field(1, _EMPTY) + field(2, column) + field(3, text)),
    )
