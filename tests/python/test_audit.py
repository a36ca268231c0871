"""A strict session never unpickles: the interpreter's own audit events are the witness."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import planwire
import pytest
from planwire import errors

import kinds

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


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_strict_session_never_unpickles(kind: str, strict: planwire.SessionContext) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes()
    with listening() as events, pytest.raises(errors.InlineRefused):
        planwire.Expr.from_bytes(message, strict)
    assert events == []


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_inline_session_is_heard_unpickling(kind: str, inline: planwire.SessionContext) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes()
    with listening() as events:
        planwire.Expr.from_bytes(message, inline)
    assert "pickle.find_class" in events
    assert "code.__new__" in events
