"""Every setting of sender and receiver, by kind and route, with an outcome that a rule foretells.

The routes are those of an expression; the layers of logical and physical plans have their matrix
among the Rust tests.
"""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable

import planwire
import pytest
from planwire import errors, ipc

from support import kinds

pytestmark = pytest.mark.inline


MODES = ("inline", "refuse")
NAME = "matrix"
SENDERS, RECEIVERS = 10, 20  # what the function of each side adds

Route = Callable[[planwire.Expr, planwire.SessionContext, planwire.SessionContext], planwire.Expr]


def by_bytes(
    expr: planwire.Expr, sender: planwire.SessionContext, receiver: planwire.SessionContext
) -> planwire.Expr:
    return planwire.Expr.from_bytes(expr.to_bytes(sender), receiver)


def by_pickle(
    expr: planwire.Expr, sender: planwire.SessionContext, receiver: planwire.SessionContext
) -> planwire.Expr:
    with ipc.sender_ctx(sender):
        message = pickle.dumps(expr)
    with ipc.worker_ctx(receiver):
        decoded: planwire.Expr = pickle.loads(message)
    return decoded


def outcome(sender: str, receiver: str, registered: bool) -> int | type[errors.PlanwireError]:
    """Whose function runs, or why none does."""
    travels_inline = sender == "inline"
    if travels_inline and receiver == "refuse":
        return errors.InlineRefused
    if travels_inline:
        return SENDERS
    return RECEIVERS if registered else errors.UnknownFunction


@pytest.mark.unguarded
@pytest.mark.parametrize(
    ("sender", "receiver", "registered", "kind", "route"),
    list(itertools.product(MODES, MODES, (False, True), kinds.KINDS, (by_bytes, by_pickle))),
)
def test_toggle(sender: str, receiver: str, registered: bool, kind: str, route: Route) -> None:
    sending = planwire.SessionContext().with_family("python", sender)
    receiving = planwire.SessionContext().with_family("python", receiver)
    if registered:
        kinds.register(receiving, kind, kinds.make(kind, NAME, RECEIVERS))
    expr = kinds.call(kinds.make(kind, NAME, SENDERS))

    foretold = outcome(sender, receiver, registered)
    if isinstance(foretold, int):
        decoded = route(expr, sending, receiving)
        assert kinds.rows(kind, decoded) == kinds.expected(kind, foretold)
    else:
        with pytest.raises(foretold, match=NAME):
            route(expr, sending, receiving)
