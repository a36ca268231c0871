"""Whatever bytes a strict session gets, nothing but an error of planwire comes out."""

from __future__ import annotations

import contextlib
import decimal
from functools import cache
from typing import Any

import planwire
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planwire import errors

from support import frames, kinds
from support.hostile.calling import messages, plans
from support.queries import shown

several = settings(max_examples=500, deadline=None)


@cache
def strict_session() -> planwire.SessionContext:
    return planwire.SessionContext().with_python_udf_inlining(enabled=False)


# Deferred, because the messages need a session, and collecting tests needs none.
sound = st.deferred(lambda: st.sampled_from(messages()))


@st.composite
def mutated(draw: st.DrawFn, originals: st.SearchStrategy[bytes]) -> bytes:
    """Bytes of which some are overwritten, taken out, or put in."""
    found = bytearray(draw(originals))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(found)))
        fresh = draw(st.binary(max_size=4))
        # Overwriting leaves lengths as they were, and so gets deeper.
        removed = draw(st.sampled_from([len(fresh), 0, 1]))
        found[at : at + removed] = fresh
    return bytes(found)


def only_own_errors(message: bytes) -> None:
    """Decodes; what hypothesis reports is any exception that is not planwire's."""
    with contextlib.suppress(errors.PlanwireError):
        planwire.Expr.from_bytes(message, strict_session())


@several
@given(mutated(sound))
def test_mutated_messages_raise_only_errors_of_planwire(message: bytes) -> None:
    only_own_errors(message)


@pytest.mark.inline
@several
@given(st.sampled_from(kinds.KINDS), st.data())
def test_mutated_frames_raise_only_errors_of_planwire(kind: str, data: st.DataObject) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes()
    # The start of the frame, where a change is seen before the pickle would be.
    opening = st.just(frames.frame(message)[: frames.STAMP + 4])
    only_own_errors(frames.change(message, lambda _: data.draw(mutated(opening))))


@pytest.mark.inline
@several
@given(st.sampled_from([planwire.LogicalPlan, planwire.ExecutionPlan]), st.data())
def test_mutated_plans_raise_only_errors_of_planwire(layer: Any, data: st.DataObject) -> None:
    message = data.draw(mutated(st.sampled_from(plans(layer))))
    with contextlib.suppress(errors.PlanwireError):
        shown(layer.from_bytes(strict_session(), message))


@several
@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_only_errors_of_planwire(message: bytes) -> None:
    only_own_errors(message)


@several
@given(sound, sound, st.integers(0), st.integers(0))
def test_spliced_messages_raise_only_errors_of_planwire(
    head: bytes, tail: bytes, end: int, start: int
) -> None:
    only_own_errors(head[: end % len(head)] + tail[start % len(tail) :])


def test_text_of_a_changed_literal_is_text_or_an_error_of_planwire() -> None:
    message = planwire.lit(decimal.Decimal("1.5")).to_bytes()
    codes = set()
    for place in range(len(message)):
        for value in range(256):
            changed = message[:place] + bytes([value]) + message[place + 1 :]
            try:
                expr = planwire.Expr.from_bytes(changed)
                assert repr(expr) == f"Expr({expr.canonical_name()})"
                assert isinstance(expr.schema_name(), str)
            except planwire.PlanwireError as error:
                codes.add(error.code)
    # DataFusion does panic over some of them, or this would prove nothing.
    assert "PW-D014" in codes
