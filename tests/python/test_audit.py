"""A strict session never unpickles: the interpreter's own audit events are the witness."""

from __future__ import annotations

import planwire
import pytest
from planwire import errors

import kinds
from audit import listening


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
