"""Pins: what was reviewed crosses as what it was reviewed as, and nothing else does."""

from __future__ import annotations

import hashlib
from pathlib import Path

import planwire
import pytest
from planwire import Expr, SessionContext, errors, guard

from support import frames, kinds
from test_guard import AUDIENCE, each_kind, pair, refusal, session


def digest(message: bytes) -> str:
    """The SHA-256 of the only frame of a message, header and payload."""
    return hashlib.sha256(frames.frame(message)).hexdigest()


def pin(message: bytes) -> str:
    """The only frame of a message as a list has it."""
    return f"frame-sha256:{digest(message)}"


@pytest.mark.inline
@pytest.mark.unguarded
@each_kind
def test_pinned_payload_crosses_and_no_other_does(kind: str, tmp_path: Path) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes()
    pins = tmp_path / "pins"
    pins.write_text(f"# reviewed\n{pin(message)}  python {kind} crossing\n")
    for pinned in (guard.pinned(pins), guard.pinned({pin(message)})):
        ctx = SessionContext().with_family("python", pinned)
        decoded = Expr.from_bytes(message, ctx)
        assert kinds.rows(kind, decoded) == kinds.expected(kind)
        # What is pinned goes on as it is.
        assert decoded.to_bytes(ctx) == message
        other = kinds.call(kinds.make(kind, amount=20))
        assert digest(other.to_bytes()) in refusal(other.to_bytes(), ctx)
        with pytest.raises(errors.EncodeError, match="is not pinned here"):
            other.to_bytes(ctx)


def scan(frame: bytes) -> bytes:
    """A logical plan that scans a table of its own, which the frame carries."""
    column = frames.field(1, frames.field(1, b"price") + frames.field(2, frames.field(10, b"")))
    return frames.field(
        25,
        frames.field(6, frames.field(1, frames.field(1, b"prices")))
        + frames.field(3, column)
        + frames.field(5, frame),
    )


@pytest.mark.inline
@pytest.mark.unguarded
def test_what_is_pinned_as_a_table_is_not_let_in_as_a_function(tmp_path: Path) -> None:
    message = kinds.call(kinds.make("scalar")).to_bytes()
    shown = scan(b"DFARROW\x01" + frames.frame(message)[frames.HEADER :])
    (reading,) = planwire.inspect(shown).readings
    (part,) = reading.parts
    assert (part.family, part.kind, part.admitted) == ("arrow", "table provider", True)
    assert part.pin is not None
    pinned = guard.pinned([part.pin])
    ctx = SessionContext().with_family("arrow", pinned).with_family("python", pinned)
    with pytest.raises(errors.MalformedFrame):  # let in, and no table
        planwire.LogicalPlan.from_bytes(ctx, shown)
    assert "is not pinned here" in refusal(message, ctx)
    for magic in (b"DFPYUDA", b"DFPYUDW"):
        (other,) = planwire.inspect(magic + frames.frame(message)[7:], ctx).readings[0].parts
        assert (other.code, other.frame_kind) == ("PW-D006", other.kind)


@pytest.mark.inline
@pytest.mark.unguarded
def test_both_guards_have_to_agree() -> None:
    signs, verifies = pair()
    call = kinds.call(kinds.make("scalar"))
    signed = call.to_bytes(session(signs))
    unsigned = Expr.from_bytes(signed).to_bytes(session(pair()[0]))
    pinned = guard.pinned([pin(call.to_bytes())])
    ctx = SessionContext().with_family("python", guard.signed(verifies, audience=AUDIENCE) & pinned)
    Expr.from_bytes(signed, ctx)
    refusal(unsigned, ctx)
    other = kinds.call(kinds.make("scalar", amount=20)).to_bytes(session(signs))
    assert "is not pinned here" in refusal(other, ctx)
