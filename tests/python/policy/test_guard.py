"""Guards: what is signed or pinned crosses, and nothing else does."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import pickle
import struct
import time
from datetime import timedelta
from pathlib import Path

import datafusion
import planwire
import pyarrow as pa
import pytest
from planwire import Expr, SessionContext, errors, guard

from support import frames, kinds

AUDIENCE = "workers"
ALGORITHMS = ("hmac-sha256", "ed25519")

each_kind = pytest.mark.parametrize("kind", kinds.KINDS)
each_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS)


def pair(algorithm: str = "hmac-sha256", key_id: str = "k1") -> tuple[guard.Keyring, guard.Keyring]:
    """A keyring that signs, and one that only verifies it."""
    signs, verifies = guard.generate_key(algorithm, key_id)
    return guard.Keyring.from_text(signs), guard.Keyring.from_text(verifies)


def session(
    keyring: guard.Keyring, audience: str = AUDIENCE, valid_for: timedelta | None = None
) -> SessionContext:
    mode = guard.signed(keyring, audience=audience, valid_for=valid_for)
    return SessionContext().with_family("python", mode)


def refusal(message: bytes, ctx: SessionContext) -> str:
    with pytest.raises(errors.PolicyRefused) as caught:
        Expr.from_bytes(message, ctx)
    assert caught.value.code == "PW-D006"
    return str(caught.value)


@pytest.mark.inline
@pytest.mark.unguarded
@each_algorithm
@each_kind
def test_signed_function_runs_where_its_key_is_held_and_in_the_wheel(
    kind: str, algorithm: str
) -> None:
    signs, verifies = pair(algorithm)
    message = kinds.call(kinds.make(kind)).to_bytes(session(signs))
    assert b"PLANSIG" in message
    decoded = Expr.from_bytes(message, session(verifies))
    assert kinds.rows(kind, decoded) == kinds.expected(kind)
    # A session that does not check signatures reads it too, and so does the wheel.
    assert kinds.rows(kind, Expr.from_bytes(message)) == kinds.expected(kind)
    theirs = datafusion.expr.Expr.from_bytes(message).alias("r")
    numbers = datafusion.SessionContext().from_pydict({"a": [1, 2, 3]})
    answer = numbers.aggregate([], [theirs]) if kind == "aggregate" else numbers.select(theirs)
    assert answer.to_pydict()["r"] == kinds.expected(kind)


@pytest.mark.inline
@pytest.mark.unguarded
@each_kind
def test_relay_without_a_signing_key_forwards_what_it_received_byte_for_byte(kind: str) -> None:
    signs, verifies = pair("ed25519")
    message = kinds.call(kinds.make(kind)).to_bytes(session(signs))
    relay = session(verifies)
    assert Expr.from_bytes(message, relay).to_bytes(relay) == message
    with pytest.raises(errors.EncodeError, match="holds no key that signs") as caught:
        kinds.call(kinds.make(kind)).to_bytes(relay)
    assert caught.value.code == "PW-E002"


@pytest.mark.inline
@pytest.mark.unguarded
@each_kind
def test_relay_without_a_guard_forwards_the_signature_too(kind: str) -> None:
    signs, verifies = pair()
    message = kinds.call(kinds.make(kind)).to_bytes(session(signs))
    forwarded = Expr.from_bytes(message).to_bytes()
    assert kinds.rows(kind, Expr.from_bytes(forwarded, session(verifies))) == kinds.expected(kind)


@pytest.mark.inline
@pytest.mark.unguarded
@each_kind
def test_plans_carry_signed_functions_on_both_layers(kind: str) -> None:
    signs, verifies = pair()
    sender, receiver = session(signs), session(verifies)
    rows = sender.from_arrow(pa.table({"a": [1, 2, 3]}))
    call = kinds.call(kinds.make(kind)).alias("r")
    query = rows.aggregate([], [call]) if kind == "aggregate" else rows.select(call)
    for plan in (query.logical_plan(), query.execution_plan()):
        message = plan.to_bytes(sender)
        assert b"PLANSIG" in message
        decoded = type(plan).from_bytes(receiver, message)
        assert decoded.to_bytes(receiver) == message
        with pytest.raises(errors.PolicyRefused):
            type(plan).from_bytes(session(pair()[1]), message)


@pytest.mark.inline
@pytest.mark.unguarded
def test_unsigned_replayed_expired_and_strange_payloads_are_refused_and_say_why() -> None:
    signs, verifies = pair()
    strange, _ = pair(key_id="k2")
    impostor, _ = pair()
    call = kinds.call(kinds.make("scalar"))
    worker = session(verifies)
    assert "it is not signed" in refusal(call.to_bytes(), worker)
    replayed = refusal(call.to_bytes(session(signs, "drivers")), worker)
    assert "it is signed for the audience 'drivers', not for 'workers'" in replayed
    # Nobody learns from the answer which keys there are.
    unknown = refusal(call.to_bytes(session(strange)), worker)
    wrong = refusal(call.to_bytes(session(impostor)), worker)
    assert unknown == wrong
    assert "its signature is not one of a key held here" in wrong
    # What a wrong signature claims is not looked at.
    assert refusal(call.to_bytes(session(impostor, "drivers")), worker) == wrong


def trailer(frame: bytes, secret: bytes, key_id: str, audience: str, expires: int) -> bytes:
    """A signature trailer as the wire format describes it, by Python's own HMAC."""
    claims = struct.pack("<Q", expires)
    for claim in (audience.encode(), key_id.encode()):
        claims += bytes([len(claim)]) + claim
    statement = b"planwire signature 1\0" + claims + hashlib.sha256(frame).digest()
    signature = hmac.new(secret, statement, "sha256").digest()
    length = len(claims) + len(signature) + 2 + 1 + 7
    return claims + signature + struct.pack("<H", length) + b"\x01PLANSIG"


@pytest.mark.inline
@pytest.mark.unguarded
def test_signature_counts_until_its_last_second_by_a_writer_of_its_own() -> None:
    secret = bytes(range(32))
    key = f"verify hmac-sha256 k1 {base64.b64encode(secret).decode()}"
    worker = session(guard.Keyring.from_text(key))
    message = kinds.call(kinds.make("scalar")).to_bytes()
    now = int(time.time())

    def signed(expires: int) -> bytes:
        return frames.change(
            message, lambda frame: frame + trailer(frame, secret, "k1", AUDIENCE, expires)
        )

    for expires in (0, now + 3600, 2**64 - 1):
        decoded = Expr.from_bytes(signed(expires), worker)
        assert kinds.rows("scalar", decoded) == kinds.expected("scalar")
    for expires in (1, now - 1):
        assert "its signature has expired" in refusal(signed(expires), worker)


@pytest.mark.inline
@pytest.mark.unguarded
def test_session_signs_with_the_time_it_was_told() -> None:
    signs, verifies = pair()
    before = int(time.time())
    message = kinds.call(kinds.make("scalar")).to_bytes(
        session(signs, valid_for=timedelta(hours=1))
    )
    after = int(time.time())
    claims = message.index(AUDIENCE.encode()) - 9
    (expires,) = struct.unpack_from("<Q", message, claims)
    assert before + 3600 <= expires <= after + 3600
    Expr.from_bytes(message, session(verifies))


@pytest.mark.inline
@pytest.mark.unguarded
def test_keys_are_rotated_while_sessions_use_them(tmp_path: Path) -> None:
    old, new = (guard.generate_key("hmac-sha256", name) for name in ("old", "new"))
    driver_file, worker_file = tmp_path / "driver", tmp_path / "worker"
    for file, line in ((driver_file, old[0]), (worker_file, old[1])):
        file.touch(mode=0o600)
        file.write_text(line)
    driver_keys, worker_keys = map(guard.Keyring.from_file, (driver_file, worker_file))
    driver, worker = session(driver_keys), session(worker_keys)
    call = kinds.call(kinds.make("scalar"))

    by_old = call.to_bytes(driver)
    Expr.from_bytes(by_old, worker)
    # The workers learn the new key before anyone signs with it.
    worker_file.write_text(f"{old[1]}\n{new[1]}\n")
    worker_keys.reload()
    Expr.from_bytes(call.to_bytes(driver), worker)
    driver_file.write_text(new[0])
    driver_keys.reload()
    by_new = call.to_bytes(driver)
    Expr.from_bytes(by_new, worker)
    Expr.from_bytes(by_old, worker)
    worker_file.write_text(new[1])
    worker_keys.reload()
    Expr.from_bytes(by_new, worker)
    refusal(by_old, worker)
    # A file that is no keyring changes nothing.
    worker_file.write_text("")
    with pytest.raises(errors.GuardError, match="holds no key"):
        worker_keys.reload()
    assert worker_keys.key_ids == ["new"]
    Expr.from_bytes(by_new, worker)


@pytest.mark.inline
@pytest.mark.unguarded
def test_no_key_is_shown_pickled_or_told() -> None:
    line, _ = guard.generate_key("hmac-sha256", "k1")
    secret = line.split()[-1]
    keyring = guard.Keyring.from_text(line)
    ctx = session(keyring)
    for shown in (keyring, ctx, guard.signed(keyring, audience="a")):
        assert secret not in repr(shown)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(keyring)
    with pytest.raises(TypeError):
        copy.deepcopy(keyring)
    with pytest.raises(errors.EncodeError, match="mode of the family python"):
        pickle.dumps(ctx)
    for bad in (f"{line} more", line.replace("k1", "k/1"), f"{line}\n{line}"):
        with pytest.raises(errors.GuardError) as caught:
            guard.Keyring.from_text(bad)
        assert secret not in str(caught.value)


def test_keyring_that_cannot_be_had_is_an_error_and_never_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> str:
        raise OSError("the vault is sealed")

    with pytest.raises(errors.GuardError, match="No such file") as caught:
        guard.Keyring.from_file(tmp_path / "none")
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    monkeypatch.delenv("PLANWIRE_TEST_KEYS", raising=False)
    with pytest.raises(errors.GuardError, match="PLANWIRE_TEST_KEYS"):
        guard.Keyring.from_env("PLANWIRE_TEST_KEYS")
    with pytest.raises(errors.GuardError, match="vault is sealed") as caught:
        guard.Keyring.from_callback(fails)
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(errors.GuardError, match="bytes"):
        guard.Keyring.from_callback(lambda: b"no text")  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="callable"):
        guard.Keyring.from_callback("no callable")  # type: ignore[arg-type]
    short = base64.b64encode(bytes(31)).decode()
    with pytest.raises(errors.GuardError, match="31 bytes"):
        guard.Keyring.from_text(f"sign hmac-sha256 k1 {short}")


def test_wrong_arguments_are_named() -> None:
    signs, _ = pair()
    for audience in ("", "a" * 256):
        with pytest.raises(ValueError, match="an audience has 1 to 255 bytes"):
            guard.signed(signs, audience=audience)
    with pytest.raises(ValueError, match="less than no time"):
        guard.signed(signs, audience="a", valid_for=timedelta(seconds=-1))
    with pytest.raises(TypeError):
        guard.signed(signs, audience="a", valid_for=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a path, or texts in a list"):
        guard.pinned(3)  # type: ignore[arg-type]
    with pytest.raises(errors.GuardError, match="line 2"):
        guard.pinned(["frame-sha256:" + "00" * 32, "00"])
    with pytest.raises(errors.GuardError, match="pin what was reviewed again") as caught:
        guard.pinned(["00" * 32])
    assert caught.value.code == "PW-G002"
    with pytest.raises(TypeError, match="a text or a guard"):
        SessionContext().with_family("python", 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='no algorithm is named "rsa"'):
        guard.generate_key("rsa", "k1")
    with pytest.raises(ValueError, match="a key id has"):
        guard.generate_key("ed25519", "k 1")


@pytest.mark.inline
def test_guarded_session_refuses_families_that_nobody_knows() -> None:
    _, verifies = pair()
    message = kinds.call(kinds.make("scalar")).to_bytes()
    with pytest.raises(errors.UnknownFamily):
        Expr.from_bytes(frames.change(message, lambda _: b"DFNOONE\x01"), session(verifies))


@pytest.mark.inline
@pytest.mark.unguarded
def test_table_in_memory_is_signed_with_its_family() -> None:
    signs, verifies = pair()

    def ctx(keyring: guard.Keyring) -> SessionContext:
        return SessionContext().with_family("arrow", guard.signed(keyring, audience=AUDIENCE))

    plan = SessionContext().from_pydict({"a": [1, 2]}).logical_plan()
    message = plan.to_bytes(ctx(signs))
    receiver = ctx(verifies)
    for decoding in (receiver, SessionContext()):
        decoded = planwire.LogicalPlan.from_bytes(decoding, message)
        rows = planwire.DataFrame.from_logical_plan(decoded, decoding)
        assert rows.to_pydict() == {"a": [1, 2]}
    with pytest.raises(errors.PolicyRefused, match="not signed"):
        planwire.LogicalPlan.from_bytes(receiver, plan.to_bytes())
