"""What a walk over one pickle comes upon."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planwire._commands.pickled.budget import Budget
    from planwire._commands.pickled.opcodes import Broken
    from planwire._commands.pickled.values import Named


@dataclass
class Walked:
    """The callables, strings and doubts of one pickle, with the offsets of their opcodes."""

    start: int
    end: int
    budget: Budget
    fault: Broken | None = None
    """Why there is no STOP to come to."""
    torn: list[int] = field(default_factory=list)
    """Where it goes on in another way if it is loaded from a file rather than from bytes."""
    callables: dict[Named, int] = field(default_factory=dict)
    """What is imported, or reached by `getattr`."""
    strings: list[tuple[int, bytes | bytearray | str, str]] = field(default_factory=list)
    """The bytes and texts, and whether a call made them."""
    doubts: dict[str, int] = field(default_factory=dict)
    """What cannot be told without loading the pickle."""
    times: Counter[str] = field(default_factory=Counter)
    """How often each of the doubts came up."""

    def reach(self, named: Named, offset: int) -> Named:
        """Note a callable."""
        if named not in self.callables and self.budget.name():
            self.callables[named] = offset
        return named

    def hold(self, value: bytes | bytearray | str, form: str, offset: int) -> None:
        """Note a string."""
        self.strings.append((offset, value, form))
        if isinstance(value, bytearray):
            # It can grow: it is looked at as it starts and as it ends.
            self.strings.append((offset, bytes(value), form))

    def doubt(self, what: str, offset: int) -> None:
        """Note something that cannot be told."""
        self.doubts.setdefault(what, offset)
        self.times[what] += 1
