"""Just enough of protobuf to write a message by hand, and to change the frame in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

MAGICS = (b"DFPYUDF", b"DFPYUDA", b"DFPYUDW")
# Where a frame has its version and its stamp.
VERSION, MAJOR, MINOR = 7, 8, 9

# The fields of an expression node.
COLUMN, BINARY, CALL = 1, 4, 20


def column(name: str) -> bytes:
    """A column."""
    return field(COLUMN, field(1, name.encode()))


def operands(operator: str, parts: list[bytes]) -> bytes:
    """A chain of one binary operator, which DataFusion writes as a list."""
    return field(BINARY, b"".join(field(1, part) for part in parts) + field(3, operator.encode()))


def call(name: str, *arguments: bytes, frame: bytes = b"") -> bytes:
    """A call of a function, by name unless there is a frame."""
    definition = field(3, frame) if frame else b""
    parts = b"".join(field(2, argument) for argument in arguments)
    return field(CALL, field(1, name.encode()) + parts + definition)


def frame(message: bytes) -> bytes:
    """The frame in a call."""
    ((_, inside),) = fields(message)
    (found,) = (value for _, value in fields(inside) if value.startswith(MAGICS))
    return found


def change(message: bytes, edit: Callable[[bytes], bytes]) -> bytes:
    """A call with another frame."""
    ((number, inside),) = fields(message)
    parts = fields(inside)
    return field(
        number,
        b"".join(
            field(part, edit(value) if value.startswith(MAGICS) else value) for part, value in parts
        ),
    )


def replaced(at: int, value: int) -> Callable[[bytes], bytes]:
    """An edit of one byte."""
    return lambda found: found[:at] + bytes([value]) + found[at + 1 :]


def field(number: int, value: bytes) -> bytes:
    """A field that has a length."""
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a message that has no others."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        length, at = _read_varint(message, at)
        yield tag >> 3, message[at : at + length]
        at += length


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at
