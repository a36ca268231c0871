"""Sealed messages: opened by whom they are for, whole, or not at all."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import struct
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import pytest
from planwire import Expr, SessionContext, errors, guard

from support import kinds
from support.audit import listening

AUDIENCE = "workers"


def keyring(algorithm: str = "hmac-sha256", key_id: str = "k1") -> guard.Keyring:
    return guard.Keyring.from_text(guard.generate_key(algorithm, key_id)[0])


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "ed25519"])
def test_every_flipped_bit_cut_and_addition_keeps_a_message_shut(algorithm: str) -> None:
    keys = keyring(algorithm)
    sealed = guard.seal(kinds.call(kinds.make("scalar")).to_bytes(), keys, audience=AUDIENCE)
    assert guard.open(sealed, keys, audience=AUDIENCE)
    broken = [sealed[:length] for length in range(len(sealed))]
    broken += [sealed + b"\0", b"\0" + sealed, sealed + sealed]
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        broken.append(bytes(flipped))
    for message in broken:
        with pytest.raises(errors.DecodeError) as caught:
            guard.open(message, keys, audience=AUDIENCE)
        assert caught.value.code in ("PW-G003", "PW-G004", "PW-D002")


def test_message_for_others_by_others_or_too_old_is_refused() -> None:
    keys, impostor = keyring(), keyring()
    sealed = guard.seal(b"data", keys, audience=AUDIENCE)
    with pytest.raises(errors.PolicyRefused, match="for the audience 'workers', not for 'driver'"):
        guard.open(sealed, keys, audience="driver")
    unknown = guard.seal(b"data", keyring(key_id="k2"), audience=AUDIENCE)
    wrong = guard.seal(b"data", impostor, audience=AUDIENCE)
    texts = set()
    for message in (unknown, wrong):
        with pytest.raises(errors.PolicyRefused, match="not one of a key held here") as caught:
            guard.open(message, keys, audience=AUDIENCE)
        assert caught.value.code == "PW-G003"
        texts.add(str(caught.value))
    assert len(texts) == 1


@pytest.mark.inline
@pytest.mark.unguarded
def test_parts_of_genuine_messages_do_not_make_another() -> None:
    keys = keyring()
    signed = kinds.call(kinds.make("scalar")).to_bytes(
        SessionContext().with_family("python", guard.signed(keys, audience=AUDIENCE))
    )
    one, two = (guard.seal(data, keys, audience=AUDIENCE) for data in (b"one.", b"two."))
    spliced = one[:9] + two[9:]
    assert len(spliced) == len(one)
    # A signature of a function, behind what opens as a sealed message does.
    borrowed = b"\x8fDFS\x01" + signed
    for message in (spliced, borrowed):
        with pytest.raises(errors.PolicyRefused, match="not one of a key held here"):
            guard.open(message, keys, audience=AUDIENCE)


@pytest.mark.unguarded
def test_bytes_that_are_not_sealed_say_so_and_nothing_is_unpickled() -> None:
    keys = keyring()
    pickled = pickle.dumps(kinds.call(kinds.make("scalar")))
    with listening() as events:
        for data in (b"", b"\x8f", pickled, b"\x8fDFS"):
            with pytest.raises(errors.MalformedFrame, match="not a sealed message"):
                guard.open(data, keys, audience=AUDIENCE)
    assert events == []


def test_refusal_is_heard_by_the_audit_hooks() -> None:
    keys = keyring()
    sealed = guard.seal(b"data", keyring(), audience=AUDIENCE)
    with listening() as events, pytest.raises(errors.PolicyRefused):
        guard.open(sealed, keys, audience=AUDIENCE)
    assert events == ["planwire.refuse"]


def test_sealed_message_that_is_not_opened_says_so() -> None:
    sealed = guard.seal(kinds.call(kinds.make("scalar")).to_bytes(), keyring(), audience=AUDIENCE)
    with pytest.raises(errors.MalformedFrame) as caught:
        Expr.from_bytes(sealed)
    assert "sealed message, to be opened first" in str(caught.value.__cause__)


def test_any_bytes_go_in_and_come_out() -> None:
    keys = keyring()
    for data in (b"", b"\0", bytes(range(256)) * 1000, bytearray(b"array"), memoryview(b"view")):
        for valid_for in (None, timedelta(days=1)):
            sealed = guard.seal(data, keys, audience=AUDIENCE, valid_for=valid_for)
            assert guard.open(sealed, keys, audience=AUDIENCE) == bytes(data)
    # One in the other, too.
    inner = guard.seal(b"data", keys, audience="inner")
    outer = guard.seal(inner, keys, audience="outer")
    assert guard.open(outer, keys, audience="outer") == inner


def test_keyring_that_only_verifies_seals_nothing() -> None:
    signs, verifies = map(guard.Keyring.from_text, guard.generate_key("ed25519", "k1"))
    with pytest.raises(errors.EncodeError, match="no key that signs") as caught:
        guard.seal(b"data", verifies, audience=AUDIENCE)
    assert caught.value.code == "PW-E008"
    sealed = guard.seal(b"data", signs, audience=AUDIENCE)
    assert guard.open(sealed, verifies, audience=AUDIENCE) == b"data"


def test_wrong_arguments_are_named() -> None:
    keys = keyring()
    for call in (guard.seal, guard.open):
        with pytest.raises(ValueError, match="an audience has 1 to 255 bytes"):
            call(b"", keys, audience="")
    with pytest.raises(TypeError):
        guard.seal("text", keys, audience=AUDIENCE)  # type: ignore[arg-type]
    here, _ = multiprocessing.Pipe()
    with pytest.raises(ValueError, match="both for 'driver'"):
        guard.SealedConnection(here, keys, to="driver", audience="driver")


def work(connection: Connection[Any, Any], keys: str) -> None:
    """Evaluates one expression, and sends back what it gave, sealed too."""
    ring = guard.Keyring.from_text(keys)
    with guard.SealedConnection(connection, ring, to="driver", audience="worker") as sealed:
        expr = Expr.from_bytes(sealed.recv())
        sealed.send(repr(kinds.rows("scalar", expr)).encode())


@pytest.mark.inline
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_talk_sealed(method: str) -> None:
    line, _ = guard.generate_key("hmac-sha256", "k1")
    context: Any = multiprocessing.get_context(method)
    here, there = context.Pipe()
    worker = context.Process(target=work, args=(there, line), daemon=True)
    worker.start()
    there.close()
    keys = guard.Keyring.from_text(line)
    with guard.SealedConnection(here, keys, to="worker", audience="driver") as sealed:
        sealed.send(kinds.call(kinds.make("scalar")).to_bytes())
        assert sealed.recv() == repr(kinds.expected("scalar")).encode()
        with pytest.raises(EOFError):
            sealed.recv()
    worker.join(timeout=60)
    assert worker.exitcode == 0


@pytest.mark.parametrize("claim", [struct.pack("!i", 2**31 - 1), struct.pack("!iQ", -1, 2**62)])
def test_length_that_is_only_claimed_is_not_believed(claim: bytes) -> None:
    here, there = multiprocessing.Pipe()
    worker = guard.SealedConnection(here, keyring(), to="driver", audience="worker")
    os.write(there.fileno(), claim)
    there.close()
    with (
        listening() as events,
        pytest.raises(errors.LimitExceeded, match="limit `message`") as caught,
    ):
        worker.recv()
    assert (caught.value.code, "planwire.refuse" in events) == ("PW-D017", True)
    # What follows is in the middle of a message.
    with pytest.raises(OSError, match=r"closed|write-only"):
        worker.recv()


def test_limit_of_a_connection_is_its_last_byte_in_both_directions() -> None:
    keys = keyring()
    here, there = multiprocessing.Pipe()
    wide = guard.SealedConnection(here, keys, to="worker", audience="driver", limit=100)
    tight = guard.SealedConnection(there, keys, to="driver", audience="worker", limit=99)
    for sender, receiver in ((wide, tight), (tight, wide)):
        sender.send(bytes(99))
        assert receiver.recv() == bytes(99)
    with pytest.raises(errors.EncodeError, match="more bytes than 99") as sent:
        tight.send(bytes(100))
    assert sent.value.code == "PW-E007"
    wide.send(memoryview(bytes(100)))
    with pytest.raises(errors.LimitExceeded, match="more bytes than 99"):
        tight.recv()
    wide.send(b"next")
    assert tight.recv() == b"next"


def test_message_is_not_taken_back_where_it_is_from() -> None:
    keys = keyring()
    here, there = multiprocessing.Pipe()
    with guard.SealedConnection(here, keys, to="worker", audience="driver") as driver:
        driver.send(b"data")
        there.send_bytes(there.recv_bytes())
        with pytest.raises(errors.PolicyRefused, match="audience 'worker', not for 'driver'"):
            driver.recv()
