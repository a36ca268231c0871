"""What the interpreter's own audit events say about a block of code."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

_listeners: list[list[str]] = []


def _hear(event: str, _arguments: tuple[object, ...]) -> None:
    for events in _listeners:
        events.append(event)


# A hook cannot be removed, so there is one for the whole run.
sys.addaudithook(_hear)


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """Collects the names of the audit events of the block."""
    events: list[str] = []
    _listeners.append(events)
    try:
        yield events
    finally:
        _listeners.pop()
