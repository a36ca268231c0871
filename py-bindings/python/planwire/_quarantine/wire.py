"""The protocol between a quarantine and its processes: lengths first, answers of nine bytes.

A process that tried a hostile message is not trusted: the parent accepts these few bytes only, and
never makes an object from anything else.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SORTS = ("expression", "logical plan", "physical plan")

# The sort of message, the length of the schema, the length of the message.
HEAD = struct.Struct("<BIQ")

TRIED, UNTRIED, OUT_OF_MEMORY = b"t", b"u", b"m"
_STAYS, _ENDS = b"s", b"e"
_ANSWER = struct.Struct("<c7sc")
ANSWER_SIZE = _ANSWER.size

_NO_CODE = b"PW-0000"
_CODE = re.compile(rb"PW-[A-Z0-9][0-9]{3}")

# What a process says once, before it is given a message: how long a text follows, which is empty if
# it is ready.
GREETING = struct.Struct("<H")
LONGEST_GREETING = 4096


@dataclass(frozen=True)
class Order:
    """The order for a process of a quarantine when it starts."""

    memory: int
    seconds: float
    wall_seconds: float
    messages: int
    setup: str | None

    def to_text(self) -> str:
        """Return the order as one argument of a command."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_text(text: str) -> Order:
        """Return the order that an argument holds."""
        return Order(**json.loads(text))


@dataclass(frozen=True)
class Answer:
    """The outcome of one message, and whether the process takes another one."""

    outcome: bytes
    code: str
    stays: bool

    def to_bytes(self) -> bytes:
        """Return the answer as it is sent."""
        code = self.code.encode()
        written = code if _CODE.fullmatch(code) else _NO_CODE
        return _ANSWER.pack(self.outcome, written, _STAYS if self.stays else _ENDS)

    @staticmethod
    def from_bytes(data: bytes) -> Answer | None:
        """Return the answer, if it is valid."""
        outcome, code, stays = _ANSWER.unpack(data)
        sound = outcome in (TRIED, UNTRIED, OUT_OF_MEMORY) and stays in (_STAYS, _ENDS)
        if not sound or not _CODE.fullmatch(code):
            return None
        return Answer(outcome, code.decode(), stays == _STAYS)


def exactly(size: int, receive: Callable[[memoryview], int]) -> bytearray:
    """Return the requested number of bytes.

    Raises:
        EOFError: The other side is closed.
    """
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        taken = receive(rest)
        if not taken:
            raise EOFError
        rest = rest[taken:]
    return data
