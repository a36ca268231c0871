"""The byte strings within a pickle, found by walking its opcodes: nothing is unpickled."""

from __future__ import annotations

import pickletools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What every pickle of protocol 2 and later starts with, before the number of the protocol.
_PROTO = 0x80
_PROTOCOLS = range(2, 6)

# What a sealed message opens with, and its version.
_SEAL = b"\x8fDFS\x01"

_OF_BYTES = frozenset({"SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"})


class Broken(Exception):
    """Report a pickle whose opcodes cannot be walked."""


def is_pickle(blob: bytes) -> bool:
    """Tell whether bytes start as a pickle does, or as a sealed one."""
    start = _start(blob)
    return len(blob) > start + 1 and blob[start] == _PROTO and blob[start + 1] in _PROTOCOLS


def _start(blob: bytes) -> int:
    """Find where the content of a sealed message starts, or of anything else."""
    return len(_SEAL) if blob.startswith(_SEAL) else 0


def byte_strings(blob: bytes) -> Iterator[tuple[int, bytes]]:
    """List the byte strings of a pickle, each with the offset of its opcode."""
    start = _start(blob)
    try:
        # The walk ends with the pickle, before the signature of a seal.
        for opcode, argument, offset in pickletools.genops(blob[start:]):
            if opcode.name in _OF_BYTES and isinstance(argument, (bytes, bytearray)):
                yield start + (offset or 0), bytes(argument)
    # The bytes come from anywhere, and the walk has no list of what it raises over them.
    except Exception as error:
        raise Broken(str(error)) from error
