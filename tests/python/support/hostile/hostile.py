"""Messages that are small and sound, and cost far more than their size to be used."""

from __future__ import annotations

from functools import reduce

from planwire import Expr, SessionContext, functions, lit


def query(text: str) -> bytes:
    """The logical plan of a query that has not been planned further."""
    return SessionContext().sql(text).logical_plan().to_bytes()


# Text that a plan holds once its constants are computed. Its length stands nowhere in the message.
LARGE = query("SELECT repeat('x', CAST(power(2, 31) - 1 AS BIGINT)) AS large")

# Constants that are small, and take hours to be computed.
SLOW = query("SELECT levenshtein(repeat('a', 200000), repeat('b', 200000)) AS slow")


def doubling(levels: int) -> Expr:
    """A text that is twice as long with each level of the expression."""
    digits = lit("hex")
    return reduce(lambda text, _: functions.encode(text, digits), range(levels), lit("x"))


def field(number: int, value: int | str | bytes) -> bytes:
    """A field of a protobuf message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(number: int) -> bytes:
    """A number of a protobuf message."""
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


INT64 = field(10, b"")


def sorted_by_what_sorts(count: int) -> bytes:
    """A physical plan, sorted by expressions each of which holds the one before."""
    schema = field(1, field(1, "c") + field(2, INT64))
    empty = field(3, field(1, schema))
    nested = [field(1, field(1, "c"))]
    for _ in range(count):
        nested.append(field(11, field(1, nested[-1])))
    keys = b"".join(field(2, field(10, field(1, key) + field(2, 1))) for key in nested[1:])
    sort = field(10, field(1, empty) + keys + field(3, 2**64 - 1))
    columns = b"".join(field(2, key) for key in nested[1:])
    names = b"".join(field(3, f"p{at}") for at in range(count))
    return field(4, field(1, sort) + columns + names)


def aliases(count: int) -> bytes:
    """A logical plan of one column, which is an alias of an alias of an alias."""
    column = field(3, field(7, 1))
    for _ in range(count):
        column = field(2, field(1, column) + field(2, "n"))
    return field(3, field(1, field(10, field(1, 1))) + field(2, column))


def list_of_lists(size: int) -> bytes:
    """An expression that is a null of a type with `size * size` numbers in each value."""

    def lists(of: bytes) -> bytes:
        return field(27, field(1, field(2, of)) + field(2, size))

    return field(3, field(33, lists(lists(INT64))))
