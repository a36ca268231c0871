"""Messages that are changed: wildly, at any byte, or gently, in one field with all lengths right.

What is changed wildly is seldom a message still. What is changed gently mostly is, so that it gets
to whatever comes after protobuf's decoder, and often decodes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from support.hostile.protobuf import varint

# The highest number of a field in DataFusion's messages is below.
NUMBERS = range(1, 64)
NUMBER, EIGHT, BYTES, FOUR = 0, 1, 2, 5
SIZES = {EIGHT: 8, FOUR: 4}
# Where numbers end.
ENDS = (0, 1, 2, 9, 64, 127, 128, 1 << 16, (1 << 31) - 1, 1 << 31, (1 << 63) - 1, (1 << 64) - 1)


@dataclass
class Field:
    """A field of a message: a number, bytes, or the fields of a message in it."""

    number: int
    wire: int
    value: int | bytes | list[Field]

    def written(self) -> bytes:
        """The field as it stands in a message."""
        tag = varint(self.number << 3 | self.wire)
        if isinstance(self.value, int):
            return tag + varint(self.value)
        value = self.value if isinstance(self.value, bytes) else written(self.value)
        return tag + (varint(len(value)) if self.wire == BYTES else b"") + value


def written(fields: list[Field]) -> bytes:
    """The message of these fields."""
    return b"".join(field.written() for field in fields)


def number_at(message: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    end = at
    while message[end] > 0x7F:
        end += 1
    groups = (message[place] & 0x7F for place in range(end, at - 1, -1))
    number = 0
    for group in groups:
        number = number << 7 | group
    return number, end + 1


def fields_of(message: bytes) -> list[Field]:
    """The fields of a message.

    Raises:
        ValueError: If it is none, or one that comes out otherwise.
    """
    fields, at = [], 0
    try:
        while at < len(message):
            tag, at = number_at(message, at)
            number, wire = tag >> 3, tag & 7
            if number not in NUMBERS:
                raise ValueError("no field of DataFusion's")
            value: int | bytes | list[Field]
            if wire == NUMBER:
                value, at = number_at(message, at)
            else:
                size, at = number_at(message, at) if wire == BYTES else (SIZES[wire], at)
                value, at = message[at : at + size], at + size
                if wire == BYTES and value:
                    value = parts_of(value)
            fields.append(Field(number, wire, value))
    except LookupError as error:
        raise ValueError("no message") from error
    if written(fields) != message:
        raise ValueError("no message as we would write it")
    return fields


def parts_of(value: bytes) -> bytes | list[Field]:
    """The fields of a message in another one, or what is no message as it is."""
    try:
        return fields_of(value)
    except ValueError:
        return value


def places(fields: list[Field]) -> Iterator[tuple[list[Field], int]]:
    """Where each field stands, those in other fields as well."""
    for at, field in enumerate(fields):
        yield fields, at
        if isinstance(field.value, list):
            yield from places(field.value)


def gentle(chance: random.Random, messages: list[bytes]) -> bytes:
    """One message, changed in one field."""
    fields = fields_of(chance.choice(messages))
    others = fields_of(chance.choice(messages))
    parent, at = chance.choice([*places(fields)])
    field = parent[at]
    alike = [
        within[other]
        for within, other in places(others)
        if (within[other].number, within[other].wire) == (field.number, field.wire)
    ]
    match field.value:
        case int(number):
            near = [number + 1, max(number - 1, 0), chance.randrange(64)]
            field.value = chance.choice([*near, *near, *ENDS])
        case bytes(value) if not value or chance.random() < 0.2:
            field.value = chance.choice([*(each.value for each in alike), value])
        case bytes(value):
            field.value = touched(chance, value, grows=field.wire == BYTES)
        case _ if alike and chance.random() < 0.5:
            field.value = chance.choice(alike).value
        case _ if chance.random() < 0.5:
            parent.insert(at, field)
        case _:
            del parent[at]
    return written(fields)


def touched(chance: random.Random, value: bytes, *, grows: bool) -> bytes:
    """Bytes of which one is another, or one more or less."""
    at = chance.randrange(len(value))
    fresh = bytes([chance.choice([value[at] ^ 1 << chance.randrange(7), chance.randrange(128)])])
    removed = chance.choice([1, 1, 0]) if grows else 1
    taken = b"" if grows and chance.random() < 0.1 else fresh
    return value[:at] + taken + value[at + removed :]


def wild(chance: random.Random, messages: list[bytes]) -> bytes:
    """One message, changed in up to eight places."""
    found = bytearray(chance.choice(messages))
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(found))
        other = chance.choice(messages)
        start = chance.randint(0, len(other))
        fresh = chance.choice(
            [
                chance.randbytes(chance.randint(0, 4)),
                bytes([chance.choice([0, 1, 0x7F, 0x80, 0xFF])]),
                other[start : start + chance.randint(1, 40)],
            ]
        )
        removed = chance.choice([len(fresh), len(fresh), 0, 1])
        found[at : at + removed] = fresh
    return bytes(found)
