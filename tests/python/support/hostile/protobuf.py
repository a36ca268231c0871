"""Writes protobuf by hand, for messages that no sender of ours would write."""

from __future__ import annotations


def varint(number: int) -> bytes:
    """A number, seven bits to a byte."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, value: int | str | bytes) -> bytes:
    """A field of a message: a number, a text, or the bytes of a message within."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value
