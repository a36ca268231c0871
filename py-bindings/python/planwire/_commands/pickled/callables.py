"""What a pickle imports and calls, told without importing or calling any of it."""

from __future__ import annotations

import _compat_pickle
from typing import TYPE_CHECKING, Any

from planwire._commands.pickled import calls
from planwire._commands.pickled.values import Bound, Named, Untold

if TYPE_CHECKING:
    from planwire._commands.pickled.walked import Walked

# The first protocol whose names are those of Python 3.
_PYTHON_3 = 3


class Callables:
    """A stack on which callables are put and called."""

    def __init__(self, walked: Walked) -> None:
        self.walked, self.at, self.protocol = walked, walked.start, 0
        self.stack: list[Any] = []
        self.marked: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def push(self, value: object) -> None:
        """Push a value."""
        self.stack.append(value)

    def take(self, count: int) -> list[Any]:
        """Pop so many values, the last pushed one last."""
        taken = [self.stack.pop() for _ in range(count)]
        taken.reverse()
        return taken

    def since_mark(self) -> list[Any]:
        """Pop all since the last mark."""
        before = self.marked.pop()
        items, self.stack = self.stack, before
        return items

    def doubt(self, what: str) -> None:
        """Note something that cannot be told."""
        self.walked.doubt(what, self.at)

    def doubt_deed(self, target: object, deed: str) -> None:
        """Note something that is done to a value, if that can run code."""
        if target is not Untold.DATA:
            self.doubt(f"what {deed} does to {self._described(target)}")

    def push_unknown(self, what: str) -> None:
        """Push a value that cannot be told."""
        self.doubt(what)
        self.stack.append(Untold.MADE)

    def named(self, argument: bytes) -> None:
        """Push what is imported by the two lines of an argument."""
        module, _, name = argument.decode("utf-8", "backslashreplace").partition("\n")
        self.stack.append(self._imported(module, name))

    def named_by_stack(self) -> None:
        """Push what is imported by two texts."""
        module, name = self.take(2)
        if isinstance(module, str) and isinstance(name, str):
            self.stack.append(self._imported(module, name))
        else:
            self.push_unknown("the name of something that is imported")

    def extension(self, code: int) -> None:
        """Push what the receiver has registered under a number."""
        self.stack.append(self.walked.reach(Named(None, f"extension code {code}"), self.at))

    def instance(self, argument: bytes) -> None:
        """Call what is imported by two lines."""
        arguments = self.since_mark()
        self.named(argument)
        self.call(self.stack.pop(), arguments)

    def instance_by_stack(self) -> None:
        """Call the first of all since a mark with the rest."""
        called, *arguments = self.since_mark()
        self.call(called, arguments)

    def call(self, called: object, arguments: Any, keywords: object = None) -> None:
        """Push what a call gives, as far as it is followed."""
        known = isinstance(arguments, (list, tuple)) and keywords is None
        made = calls.follow(called, arguments, self.walked.budget) if known else Untold.MADE
        if made is Untold.MADE:
            self.doubt(f"what {self._described(called)} does and gives")
        elif isinstance(made, Named):
            self.walked.reach(made, self.at)
        elif isinstance(made, Bound):
            self.walked.reach(made.unbound(), self.at)
        elif isinstance(made, (bytes, bytearray, str)):
            self.walked.hold(made, "made", self.at)
        self.stack.append(made)

    def build(self) -> None:
        """Set the state of what is on top, which can be by a method of its own."""
        self.take(1)
        if self.stack[-1] is not Untold.OWN:
            self.doubt(f"what setting a state does to {self._described(self.stack[-1])}")

    def _imported(self, module: str, name: str) -> Named:
        if self.protocol < _PYTHON_3:
            # As `pickle` does it with names of Python 2.
            module, name = _compat_pickle.NAME_MAPPING.get(
                (module, name), (_compat_pickle.IMPORT_MAPPING.get(module, module), name)
            )
        return self.walked.reach(Named.of(module, name), self.at)

    @staticmethod
    def _described(value: object) -> str:
        if isinstance(value, Named):
            return str(value)
        if isinstance(value, Bound):
            return f"the method {value.name}"
        return "something that is made by a call" if isinstance(value, Untold) else "data"
