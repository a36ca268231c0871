"""Looking into bytes says what they hold, and runs nothing of it."""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import planwire
import pytest
from planwire import errors, guard, inspect

from support import frames, kinds
from support.audit import listening
from support.corpus import MANIFEST, read

# What would give away that bytes were run or unpickled; `import` is among them.
TELLTALE = ("pickle.find_class", "import", "exec", "compile", "code.__new__", "open")


def only(message: bytes, ctx: planwire.SessionContext | None = None) -> planwire.Part:
    """The one part of a message that is an expression."""
    (reading,) = inspect(message, ctx, what="expression").readings
    (part,) = reading.parts
    return part


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_part_says_what_the_frame_is(kind: str, inline: planwire.SessionContext) -> None:
    message = kinds.call(kinds.make(kind)).to_bytes()
    part = only(message, inline)
    payload = frames.frame(message)[frames.HEADER :]
    assert (part.name, part.kind, part.family) == ("crossing", f"{kind} UDF", "python")
    assert (part.version, part.size, part.admitted) == (1, len(payload), True)
    assert part.stamp == "CPython {}.{}".format(*sys.version_info[:2])
    assert part.fate == "admitted"
    assert part.code is part.reason is None


@pytest.mark.inline
@pytest.mark.unguarded
def test_digest_is_that_of_header_and_payload_and_so_is_the_pin() -> None:
    message = kinds.call(kinds.make("scalar")).to_bytes()
    frame = frames.frame(message)
    part = only(message)
    assert part.sha256 == hashlib.sha256(frame).hexdigest()
    assert part.pin == f"frame-sha256:{part.sha256}"
    assert part.sha256 in str(inspect(message))
    # Of a family that only others know, as they see it; without a family there is nothing to pin.
    for other in (b"DFNOONE\x01" + frame[frames.HEADER :], b"in no frame"):
        part = only(frames.replace(message, other))
        assert (part.sha256, part.pin) == (hashlib.sha256(other).hexdigest(), None)


@pytest.mark.parametrize("case", MANIFEST, ids=lambda case: case["file"].removesuffix(".bin"))
def test_messages_of_the_wheel_are_looked_into(case: dict[str, Any]) -> None:
    (reading,) = inspect(read(case)).readings
    assert reading.what == "expression"
    parts = [*reading.parts, *(child for part in reading.parts for child in part.children)]
    inside = [part for part in parts if part.content != "name"]
    assert len(inside) == case.get("inline", 1)
    assert {part.kind for part in parts} == {f"{case['kind']} UDF"}
    for part in inside:
        assert part.stamp == "CPython {}.{}".format(*case["python"])
        assert part.envelopes == ([case["codec_id"]] if "codec_id" in case else [])
    if "by_name" in case:
        assert [part.name for part in parts] == [case["by_name"]]


HOSTILE = b"cbuiltins\nexec\n(S'open(%r, \"w\")'\ntR."


def edited(blob: bytes) -> bytes:
    """A message whose pickle is another."""
    message = kinds.call(kinds.make("scalar")).to_bytes()
    return frames.change(message, lambda frame: frame[: frames.STAMP] + blob)


@pytest.mark.inline
@pytest.mark.unguarded
def test_hostile_payload_is_looked_at_and_never_run(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    message = edited(HOSTILE.replace(b"%r", repr(str(trap)).encode()))
    for ctx in (
        planwire.SessionContext(),
        planwire.SessionContext().with_family("python", "refuse"),
    ):
        inspect(message, ctx)
        with listening() as events:
            contents = inspect(message, ctx)
            assert str(contents)
            assert contents.to_dict()
        assert [event for event in events if event.startswith(TELLTALE)] == []
        assert [event for event in events if event.startswith("planwire")] == []
        assert not trap.exists()
    # The trap is set: a decode springs it.
    with pytest.raises(errors.DecodeError):
        planwire.Expr.from_bytes(message, planwire.SessionContext())
    assert trap.exists()


def test_looking_is_not_counted(inline: planwire.SessionContext) -> None:
    def counts() -> list[tuple[int, int]]:
        return [(family.decoded, family.refused) for family in inline.families()]

    message = kinds.call(kinds.make("scalar")).to_bytes()
    before = counts()
    inspect(message, inline)
    inspect(message, inline.with_family("python", "refuse"))
    assert counts() == before


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda frame: frame,
    "other version": lambda frame: frame[:7] + b"\x09" + frame[8:],
    "other python": lambda frame: frame[:9] + b"\x02" + frame[10:],
    "other kind": lambda frame: b"DFPYUDZ" + frame[7:],
    "cut in the stamp": lambda frame: frame[:9],
    "cut in the version": lambda frame: frame[:7],
    "cut in the magic": lambda frame: frame[:5],
    "empty envelope": lambda _: b"DFPYCHN",
    "own envelope": lambda frame: b"DFPYCHN\x01\x08\x00\x00\x00planwire" + frame,
    "other envelope": lambda frame: b"DFPYCHN\x01\x05\x00\x00\x00other" + frame,
}


@pytest.mark.inline
@pytest.mark.parametrize("kind", kinds.KINDS)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("mode", ["inline", "refuse"])
def test_what_is_admitted_is_what_decodes(kind: str, change: str, mode: str) -> None:
    ctx = planwire.SessionContext().with_family("python", mode)
    message = frames.change(kinds.call(kinds.make(kind)).to_bytes(), CHANGES[change])
    part = only(message, ctx)
    if part.admitted:
        planwire.Expr.from_bytes(message, ctx)
        return
    with pytest.raises(errors.DecodeError) as raised:
        planwire.Expr.from_bytes(message, ctx)
    if part.code is None:
        # The gate leaves it to the terminal codec, which knows no more families than we do.
        assert (part.content, raised.value.code) == ("unknown family", "PW-D007")
    else:
        assert (part.code, part.reason) == (
            raised.value.code,
            str(raised.value).rsplit(" (planwire", 1)[0],
        )


@pytest.mark.inline
def test_worker_context_is_asked_where_no_session_is_named(
    strict: planwire.SessionContext,
) -> None:
    message = kinds.call(kinds.make("scalar")).to_bytes()
    assert only(message).admitted
    with planwire.ipc.worker_ctx(strict):
        assert not only(message).admitted
    assert only(message).admitted


@pytest.mark.inline
def test_plans_and_their_tables_are_looked_into() -> None:
    ctx = planwire.SessionContext()
    table = ctx.from_pydict({"a": [1, 2, 3]}, name="numbers")
    frame = table.select(kinds.call(kinds.make("scalar")).alias("b"))
    (reading,) = inspect(frame.logical_plan().to_bytes()).readings
    assert reading.what == "logical plan"
    assert {(part.family, part.kind) for part in reading.parts} == {
        ("arrow", "table provider"),
        ("python", "scalar UDF"),
    }
    plan = ctx.sql("select 1 as a union select 2").select(kinds.call(kinds.make("scalar")))
    (reading,) = inspect(plan.execution_plan().to_bytes()).readings
    assert (reading.what, [part.name for part in reading.parts]) == ("physical plan", ["crossing"])


def test_bytes_that_are_nothing_are_an_error_of_planwire() -> None:
    for blob in (b"", b"hello", b"\xff" * 40):
        with pytest.raises(errors.MalformedFrame, match="neither an encoded expression") as raised:
            inspect(blob)
        assert raised.value.code == "PW-D019"
    message = planwire.col("a").to_bytes()
    with pytest.raises(errors.MalformedFrame, match="not an encoded physical plan"):
        inspect(message, what="physical plan")
    with pytest.raises(ValueError, match="known are"):
        inspect(message, what="plan")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        inspect("text")  # type: ignore[arg-type]


def test_pickle_is_named_and_not_unpickled(tmp_path: Path) -> None:
    class Springs:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(tmp_path / "sprung"), "w"))

    with pytest.raises(errors.MalformedFrame, match="are a pickle") as raised:
        inspect(pickle.dumps(Springs()))
    assert "planwire inspect FILE" in raised.value.__notes__[0]
    assert not (tmp_path / "sprung").exists()


def test_every_cut_and_many_changes_are_answered() -> None:
    message = kinds.call(kinds.make("scalar")).to_bytes()
    for end in range(len(message)):
        with pytest.raises(errors.MalformedFrame):
            inspect(message[:end])
    for place in range(0, len(message), 3):
        changed = bytearray(message)
        changed[place] ^= 0x55
        try:
            assert str(inspect(changed))
        except errors.PlanwireError:
            continue


def test_objects_do_not_change() -> None:
    contents = inspect(kinds.call(kinds.make("scalar")).to_bytes())
    for thing, name in (
        (contents, "readings"),
        (contents.readings[0], "parts"),
        (contents.readings[0].parts[0], "name"),
    ):
        with pytest.raises(AttributeError):
            setattr(thing, name, None)
    assert isinstance(contents.readings, tuple)
    assert isinstance(contents.readings[0].parts, tuple)


KEY, _ = guard.generate_key("hmac-sha256", "driver-1")
OTHER, _ = guard.generate_key("hmac-sha256", "driver-2")


def signing(key: str) -> planwire.SessionContext:
    """A session that signs what it sends, and takes what the same key has signed."""
    mode = guard.signed(guard.Keyring.from_text(key), audience="workers")
    return planwire.SessionContext().with_family("python", mode)


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_signer_is_told_and_verified_by_guards_alone(kind: str) -> None:
    expr = kinds.call(kinds.make(kind))
    plain, signed = expr.to_bytes(), expr.to_bytes(signing(KEY))
    assert only(plain).signer is None
    for ctx, code in ((None, None), (signing(KEY), None), (signing(OTHER), "PW-D006")):
        part = only(signed, ctx)
        assert (part.signer, part.audience, part.expires) == ("driver-1", "workers", None)
        assert (part.sha256, part.size) == (only(plain).sha256, only(plain).size)
        assert (part.admitted, part.code) == (code is None, code)


@pytest.mark.inline
def test_pinned_session_admits_what_has_the_digest_that_is_told() -> None:
    message = kinds.call(kinds.make("scalar")).to_bytes()
    pin = only(message).pin
    assert pin is not None
    for pins, admitted in (([pin], True), (["frame-sha256:" + "00" * 32], False)):
        ctx = planwire.SessionContext().with_family("python", guard.pinned(pins))
        assert only(message, ctx).admitted is admitted


@pytest.mark.unguarded
def test_content_of_a_sealed_message_is_looked_into() -> None:
    message = kinds.call(kinds.make("scalar")).to_bytes()
    keyring = guard.Keyring.from_text(KEY)
    sealed = guard.seal(message, keyring, audience="workers", valid_for=timedelta(60))
    contents = inspect(sealed)
    assert (contents.sealed, contents.signer, contents.audience) == (True, "driver-1", "workers")
    assert contents.expires is not None
    assert contents.size == len(message)
    assert str(contents).splitlines()[1:] == str(inspect(message)).splitlines()
    assert "says to be signed by 'driver-1' for 'workers', until 2" in str(contents)
    assert not inspect(message).sealed
    # What is inside is told of an unsigned one too; that it is not opened is for `open` to say.
    assert inspect(b"\x8fDFS\x01" + message).signer is None
    with pytest.raises(errors.VersionMismatch):
        inspect(b"\x8fDFS\x02" + message)
    for end in range(4, len(sealed)):
        try:
            assert inspect(sealed[:end]).signer is None
        except errors.DecodeError:
            continue
