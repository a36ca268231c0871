"""The processes of one quarantine, which its threads share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planwire._quarantine.child import Child


class Processes:
    """The processes of a quarantine: waiting ones, and those that are trying a message."""

    def __init__(self) -> None:
        self.closed = False
        self.idle: list[Child] = []
        self.busy: set[Child] = set()

    def require_open(self) -> None:
        """Raise if they are ended."""
        if self.closed:
            raise ValueError("the quarantine is closed")

    def take(self) -> Child | None:
        """Take one that is waiting, and clean up those that have ended."""
        self.require_open()
        while self.idle:
            child = self.idle.pop()
            if child.is_quiet:
                return child
            child.end()
        return None

    def keep(self, child: Child) -> None:
        """Let one wait for the next message, or end it after its last."""
        if child.is_spent:
            child.end()
            return
        self.idle.append(child)
        # Another thread may have ended them all meanwhile, without this one.
        if self.closed:
            self.end()

    def end(self) -> None:
        """End them all, for good."""
        self.closed = True
        while self.idle:
            self.idle.pop().end()
        # The thread that waits for its answer ends it.
        for child in list(self.busy):
            child.kill()

    def abandon(self) -> bool:
        """Let go of them in a forked child, and tell whether they were ended."""
        for child in (*self.idle, *self.busy):
            child.abandon()
        return self.closed
