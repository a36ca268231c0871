"""The name outside a payload and the one inside: what becomes of a message where they differ."""

from __future__ import annotations

import warnings

import planwire
import pytest
from planwire import Expr, InlineRefused, PlanwireWarning

from support import kinds

pytestmark = pytest.mark.inline


def renamed(kind: str) -> bytes:
    """A message whose plan has another name for the function than its payload."""
    message = kinds.call(kinds.make(kind, name="crossing")).to_bytes()
    outside = message.index(b"crossing")
    return message[:outside] + b"crosring" + message[outside + len(b"crossing") :]


@pytest.mark.unguarded
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_inline_session_warns_of_another_name(kind: str) -> None:
    with pytest.warns(PlanwireWarning, match="crosring.*crossing"):
        Expr.from_bytes(renamed(kind))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(PlanwireWarning):
            Expr.from_bytes(renamed(kind))


def test_message_of_one_name_gives_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Expr.from_bytes(kinds.call(kinds.make("scalar")).to_bytes())


def test_strict_session_refuses_whatever_the_name(strict: planwire.SessionContext) -> None:
    with pytest.raises(InlineRefused, match="crosring"):
        Expr.from_bytes(renamed("scalar"), strict)
