"""Takes the frame out of a message, and puts another one in its place.

A message is protobuf: an expression node with one field, the function call, which has the frame as
one of its fields. Both are length-delimited, and nothing here looks further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

MAGICS = (b"DFPYUDF", b"DFPYUDA", b"DFPYUDW")

HEADER = 8  # magic and version
STAMP = HEADER + 2  # the sender's Python, major and minor


def change(message: bytes, edit: Callable[[bytes], bytes]) -> bytes:
    """The message with its frame edited, and every length around the frame made right again."""
    ((outer, call),) = _fields(message)
    inner = b"".join(
        _field(tag, edit(value) if value.startswith(MAGICS) else value)
        for tag, value in _fields(call)
    )
    return _field(outer, inner)


def replace(message: bytes, frame: bytes) -> bytes:
    """The message with another frame in the place of its own."""
    return change(message, lambda _: frame)


def frame(message: bytes) -> bytes:
    """The frame in a message."""
    ((_, call),) = _fields(message)
    (found,) = (value for _, value in _fields(call) if value.startswith(MAGICS))
    return found


def field(number: int, value: bytes) -> bytes:
    """A field of protobuf that has bytes, e.g. another message."""
    return _field(number << 3 | 2, value)


def _field(tag: int, value: bytes) -> bytes:
    return _varint(tag) + _varint(len(value)) + value


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a message, which are all it may have."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        assert tag & 7 == 2, "a message of the test has another type of field"
        length, at = _read_varint(message, at)
        yield tag, message[at : at + length]
        at += length


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at
