"""The values on the stack of a pickle, as far as they are told without loading it.

Bytes, texts, numbers, lists and tuples stand for themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

# The length limit of a name, in characters.
_LONGEST_NAME = 512


class Untold(Enum):
    """A value of which only its origin is told."""

    DATA = auto()
    """Data of a sort that no message is made of, e.g. a number with a fraction."""
    OWN = auto()
    """What one of planwire's own callables gave."""
    MADE = auto()
    """What another callable gave, or the program that loads the pickle."""


@dataclass(frozen=True)
class Named:
    """Something that is imported by its name, or that an extension code stands for."""

    module: str | None
    name: str

    @classmethod
    def of(cls, module: str, name: str) -> Named:
        """Return it with names of bounded length, as they can be joined again and again."""
        return cls(module[:_LONGEST_NAME], name[:_LONGEST_NAME])

    def __str__(self) -> str:
        return self.name if self.module is None else f"{self.module}.{self.name}"


@dataclass(frozen=True)
class Bound:
    """A method of a value that is known."""

    value: bytes | bytearray | str
    name: str

    def unbound(self) -> Named:
        """Return the function that takes the value first."""
        sort = "str" if isinstance(self.value, str) else "bytes"
        return Named("builtins", f"{sort}.{self.name}")
