"""What the interpreter's own audit events say about a block of code."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

_listeners: list[Callable[[str, tuple[object, ...]], None]] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    for listener in _listeners:
        listener(event, arguments)


# A hook cannot be removed, so there is one for the whole run.
sys.addaudithook(_hear)


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """Collects the names of the audit events of the block."""
    events: list[str] = []
    _listeners.append(lambda event, _: events.append(event))
    try:
        yield events
    finally:
        _listeners.pop()


@contextlib.contextmanager
def hearing(wanted: str) -> Iterator[list[tuple[object, ...]]]:
    """Collects the arguments of one sort of audit event of the block."""
    heard: list[tuple[object, ...]] = []
    _listeners.append(lambda event, arguments: heard.append(arguments) if event == wanted else None)
    try:
        yield heard
    finally:
        _listeners.pop()
