"""How much of a file is looked at, whatever it holds."""

from __future__ import annotations

from dataclasses import dataclass


class Exhausted(Exception):
    """Report that a file asks for more than is spent on one."""


@dataclass
class Budget:
    """What is left for a file, with all the pickles in it."""

    opcodes: int = 4_000_000
    """Opcodes that are walked."""
    strings: int = 100_000
    """Different byte strings and texts that are taken for messages."""
    names: int = 10_000
    """Different names that are imported or reached."""
    made: int = 128 * 2**20
    """Bytes that calls take and give."""
    short: str | None = None
    """What there was too much of, if there was."""

    def step(self) -> None:
        """Spend an opcode.

        Raises:
            Exhausted: There is none left.
        """
        self.opcodes -= 1
        if self.opcodes < 0:
            self.short = "there are more opcodes than are walked"
            raise Exhausted(self.short)

    def start(self) -> None:
        """Spend the opcodes that the start of a walk is worth."""
        self.opcodes -= 20

    def look(self) -> bool:
        """Spend a string, and tell whether there was one left."""
        self.strings -= 1
        if self.strings < 0:
            self.short = "there are more byte strings and texts than are looked at"
        return self.strings >= 0

    def name(self) -> bool:
        """Spend a name, and tell whether there was one left."""
        self.names -= 1
        if self.names < 0:
            self.short = "there are more names than are listed"
        return self.names >= 0

    def spend(self, size: int) -> bool:
        """Spend bytes of a call, and tell whether there were enough left."""
        if size > self.made:
            return False
        self.made -= size
        return True
