"""A strict session never unpickles: the interpreter's own audit events are the witness."""

from __future__ import annotations

import subprocess
import sys

import planwire
import pytest
from planwire import errors, ipc

from support import TESTS, frames, kinds
from support.audit import hearing, listening

pytestmark = pytest.mark.inline


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_strict_session_never_unpickles(kind: str, strict: planwire.SessionContext) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes()
    with listening() as events, pytest.raises(errors.InlineRefused):
        planwire.Expr.from_bytes(message, strict)
    assert events == ["planwire.refuse"]


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_inline_session_is_heard_unpickling(kind: str, inline: planwire.SessionContext) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes()
    with listening() as events:
        planwire.Expr.from_bytes(message, inline)
    assert "pickle.find_class" in events
    assert "code.__new__" in events


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_payload_is_announced_before_it_is_unpickled(
    kind: str, inline: planwire.SessionContext
) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes()
    with listening() as events:
        planwire.Expr.from_bytes(message, inline)
    assert events.index("planwire.decode") < events.index("pickle.find_class")


def test_refusal_encoding_and_policy_are_announced(strict: planwire.SessionContext) -> None:
    expr = kinds.call(kinds.make("scalar"))
    with listening() as events:
        message = expr.to_bytes()
    assert events.count("planwire.encode") == 1
    with listening() as events:
        expr.to_bytes(strict)
    assert events == []
    with listening() as events, pytest.raises(errors.InlineRefused):
        planwire.Expr.from_bytes(message, strict)
    assert events == ["planwire.refuse"]
    with listening() as events:
        strict.with_python_udf_inlining(enabled=True)
    assert events == ["planwire.policy"]


def test_names_in_events_are_escaped_and_cut() -> None:
    forged = "x\npython PW-D006 policy refused"
    long = "n" * 200
    for event in ("planwire.encode", "planwire.decode"):
        ipc.clear_decode_cache()
        with hearing(event) as heard:
            for name in (forged, long):
                planwire.Expr.from_bytes(kinds.call(kinds.make("scalar", name)).to_bytes())
        names = [arguments[2] for arguments in heard]
        assert names == [r"x\u{a}python PW-D006 policy refused", "n" * 80 + "…"]


def test_what_a_session_turns_down_for_its_name_family_or_size_is_announced() -> None:
    message = kinds.call(kinds.make("scalar")).to_bytes()
    strict = planwire.SessionContext().with_family("arrow", "refuse")
    unknown = frames.change(message, lambda _: b"DFNOONE\x01")
    small = planwire.SessionContext().with_limits(payload=10)
    for data, ctx, error in (
        (unknown, strict, errors.UnknownFamily),
        (message, small, errors.LimitExceeded),
    ):
        with listening() as events, pytest.raises(error):
            planwire.Expr.from_bytes(data, ctx)
        assert events == ["planwire.refuse"]


VETO = """
import sys, planwire
from support import kinds
message = kinds.call(kinds.make("scalar")).to_bytes()
unpickled = []
def veto(event, arguments):
    if event == "planwire.decode":
        raise PermissionError(f"not {arguments[2]}")
    if event == "pickle.find_class":
        unpickled.append(arguments)
sys.addaudithook(veto)
try:
    planwire.Expr.from_bytes(message)
except planwire.DecodeError as error:
    print(error.code, repr(error.__cause__), unpickled)
"""


def test_hook_vetoes_a_payload_before_it_is_unpickled() -> None:
    command = [sys.executable, "-c", VETO]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=50, check=False, cwd=TESTS
    )
    assert done.stdout == "PW-D010 PermissionError('not crossing') []\n", done.stderr
