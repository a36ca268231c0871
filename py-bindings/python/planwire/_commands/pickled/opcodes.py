"""The opcodes of a pickle, each with its argument as it stands in the bytes."""

from __future__ import annotations

import pickletools
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    # Name, argument, where it starts, where the next one starts.
    Opcode: TypeAlias = tuple[str, bytes, int, int]

# How long arguments are: a number of bytes, lines, or what a length before them says.
_LINE, _TWO_LINES = -1, -2
_COUNTED = {
    pickletools.TAKEN_FROM_ARGUMENT1: (1, False),
    pickletools.TAKEN_FROM_ARGUMENT4: (4, True),
    pickletools.TAKEN_FROM_ARGUMENT4U: (4, False),
    pickletools.TAKEN_FROM_ARGUMENT8U: (8, False),
}


class Broken(Exception):
    """Report a pickle that cannot be loaded, nor walked, beyond some byte."""

    def __init__(self, offset: int, why: str) -> None:
        super().__init__(why)
        self.offset = offset


def _length(opcode: pickletools.OpcodeInfo) -> int | tuple[int, bool]:
    argument = opcode.arg
    if argument is None:
        return 0
    if argument.n == pickletools.UP_TO_NEWLINE:
        return _TWO_LINES if argument.name == "stringnl_noescape_pair" else _LINE
    return _COUNTED.get(argument.n, argument.n)


_OPCODES = {ord(opcode.code): (opcode.name, _length(opcode)) for opcode in pickletools.opcodes}


def walk(blob: bytes, start: int, torn: list[int]) -> Iterator[Opcode]:
    """List the opcodes up to STOP, and note in `torn` where they go beyond their frame.

    CPython loses the rest of such a frame if it loads from a file, and does not if it loads from
    bytes, as is done here: the pickle is two.

    Arguments are cut out and not read: `pickletools.genops` makes numbers of the digits in them,
    for which it takes more time than there are digits, and stops at digits that `pickle` takes.

    Raises:
        Broken: There is no STOP to come to.
    """
    at, size, frame = start, len(blob), start
    while at < size:
        if blob[at] not in _OPCODES:
            raise Broken(at, f"no opcode is {blob[at]:#04x}")
        name, length = _OPCODES[blob[at]]
        first = at + 1
        argument, end = _argument(blob, first, length) if length else (b"", first)
        if at < frame and (end > frame or name == "FRAME"):
            torn.append(at)
        if name == "FRAME":
            frame = end + int.from_bytes(argument, "little")
        yield name, argument, at, end
        if name == "STOP":
            return
        at = end
    raise Broken(at, "it ends before its STOP")


def _argument(blob: bytes, first: int, length: int | tuple[int, bool]) -> tuple[bytes, int]:
    if length == _LINE:
        return _line(blob, first)
    if length == _TWO_LINES:
        module, middle = _line(blob, first)
        name, end = _line(blob, middle)
        return module + b"\n" + name, end
    if isinstance(length, tuple):
        width, signed = length
        count = int.from_bytes(_slice(blob, first, width), "little", signed=signed)
        if count < 0:
            raise Broken(first, f"a length is {count}")
        first, length = first + width, count
    return _slice(blob, first, length), first + length


def _slice(blob: bytes, first: int, length: int) -> bytes:
    if length > len(blob) - first:
        raise Broken(first, f"it ends within an argument of {length} bytes")
    return blob[first : first + length]


def _line(blob: bytes, first: int) -> tuple[bytes, int]:
    if first >= len(blob):
        raise Broken(first, "it ends where a line is to start")
    end = blob.find(b"\n", first)
    # As in CPython: a last line without an end loses its last byte, and counts.
    return (blob[first:-1], len(blob)) if end < 0 else (blob[first:end], end + 1)
