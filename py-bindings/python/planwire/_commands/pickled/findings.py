"""What was found in a file with pickles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from planwire._commands.pickled.budget import Budget

if TYPE_CHECKING:
    import planwire
    from planwire._commands.pickled.values import Named

    # Where an opcode stands: in the file, then in each pickle that the one before holds.
    Place: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """A message in a file, where it is, and as what it stands there."""

    place: Place
    form: str
    contents: planwire.Contents


@dataclass
class Doubt:
    """Something that cannot be told without loading a pickle."""

    place: Place
    what: str
    times: int = 1


@dataclass
class Findings:
    """All messages and callables of the pickles in a file, and what cannot be told of it."""

    messages: list[Found] = field(default_factory=list)
    callables: dict[Named, Place] = field(default_factory=dict)
    doubts: dict[str, Doubt] = field(default_factory=dict)
    fault: str | None = None
    """Why the file was not looked at to its end."""
    budget: Budget = field(default_factory=Budget)

    def doubt(self, place: Place, what: str, times: int = 1) -> None:
        """Note something that cannot be told."""
        if what in self.doubts:
            self.doubts[what].times += times
        else:
            self.doubts[what] = Doubt(place, what, times)

    @property
    def incomplete(self) -> str | None:
        """Why not all was looked at."""
        return self.budget.short or self.fault

    @property
    def refused(self) -> bool:
        """Whether a message in it would be refused."""
        return not all(found.contents.admitted for found in self.messages)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell of it."""
        return not (self.messages or self.callables or self.doubts)
