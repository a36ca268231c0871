"""The byte strings within a pickle, found by walking its opcodes: nothing is unpickled."""

from __future__ import annotations

import pickletools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What every pickle of protocol 2 and later starts with, before the number of the protocol.
_PROTO = 0x80
_PROTOCOLS = range(2, 6)

_OF_BYTES = frozenset({"SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"})


class Broken(Exception):
    """Report a pickle whose opcodes cannot be walked."""


def is_pickle(blob: bytes) -> bool:
    """Tell whether bytes start as a pickle does."""
    return len(blob) > 1 and blob[0] == _PROTO and blob[1] in _PROTOCOLS


def byte_strings(blob: bytes) -> Iterator[tuple[int, bytes]]:
    """List the byte strings of a pickle, each with the offset of its opcode."""
    try:
        for opcode, argument, offset in pickletools.genops(blob):
            if opcode.name in _OF_BYTES and isinstance(argument, (bytes, bytearray)):
                yield offset or 0, bytes(argument)
    # The bytes come from anywhere, and the walk has no list of what it raises over them.
    except Exception as error:
        raise Broken(str(error)) from error
