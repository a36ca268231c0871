"""What is wrong is said by an exception of planwire: never a panic, a hang or a wrong answer."""

from __future__ import annotations

import pickle
import sys
import threading
from collections.abc import Callable

import planwire
import pyarrow as pa
import pytest
from planwire import errors

from support import frames, kinds

MODES = ("inline", "refuse")

each_kind = pytest.mark.parametrize("kind", kinds.KINDS)
each_mode = pytest.mark.parametrize("mode", MODES)


def send(kind: str, name: str = "crossing") -> bytes:
    return kinds.call(kinds.make(kind, name)).to_bytes()


def receive(message: bytes, mode: str) -> planwire.Expr:
    return planwire.Expr.from_bytes(message, planwire.SessionContext().with_family("python", mode))


def cut(length: int) -> Callable[[bytes], bytes]:
    return lambda frame: frame[:length]


def set_byte(at: int, value: int) -> Callable[[bytes], bytes]:
    return lambda frame: frame[:at] + bytes([value]) + frame[at + 1 :]


@each_mode
@each_kind
def test_message_cut_at_any_length_is_malformed(kind: str, mode: str) -> None:
    message = send(kind)
    for length in range(1, len(message)):
        with pytest.raises(errors.MalformedFrame):
            receive(message[:length], mode)


@each_mode
def test_empty_message_is_no_expression(mode: str) -> None:
    with pytest.raises(errors.DecodeError, match="expression"):
        receive(b"", mode)


@pytest.mark.inline
@each_mode
@each_kind
def test_frame_cut_before_the_pickle_is_malformed(kind: str, mode: str) -> None:
    message = send(kind)
    # Without a single byte, the function is meant by name.
    for length in range(1, frames.STAMP):
        with pytest.raises(errors.MalformedFrame, match="truncated"):
            receive(frames.change(message, cut(length)), mode)


@pytest.mark.inline
@pytest.mark.unguarded
@each_kind
def test_frame_cut_inside_the_pickle_is_an_error_of_decoding(kind: str) -> None:
    message = send(kind)
    for length in range(frames.STAMP, len(frames.frame(message))):
        with pytest.raises(errors.DecodeError) as failed:
            receive(frames.change(message, cut(length)), "inline")
        assert failed.value.__cause__ is not None


@pytest.mark.inline
@each_mode
@each_kind
@pytest.mark.parametrize("version", [0, 2, 255])
def test_another_frame_version_says_so(version: int, kind: str, mode: str) -> None:
    message = frames.change(send(kind), set_byte(len("DFPYUDF"), version))
    with pytest.raises(errors.VersionMismatch, match=f"version {version}") as failed:
        receive(message, mode)
    assert failed.value.code == "PW-D002"
    assert ("aligning the versions alone will not help" in str(failed.value)) == (mode == "refuse")


@pytest.mark.inline
@each_mode
@each_kind
@pytest.mark.parametrize(("at", "found"), [(8, "2.{minor}"), (9, "{major}.99")])
def test_another_python_says_so(at: int, found: str, kind: str, mode: str) -> None:
    major, minor = sys.version_info[:2]
    message = frames.change(send(kind), set_byte(at, 2 if at == 8 else 99))
    with pytest.raises(errors.VersionMismatch) as failed:
        receive(message, mode)
    assert found.format(major=major, minor=minor) in str(failed.value)
    assert f"{major}.{minor}" in str(failed.value)
    assert isinstance(failed.value, ValueError)
    assert ("aligning the versions alone will not help" in str(failed.value)) == (mode == "refuse")


@pytest.mark.inline
@each_mode
def test_frame_of_another_kind_is_malformed(mode: str) -> None:
    aggregate = frames.frame(send("aggregate"))
    with pytest.raises(errors.MalformedFrame, match="aggregate") as failed:
        receive(frames.change(send("scalar"), lambda _: aggregate), mode)
    assert failed.value.code == "PW-D004"


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("dump", [planwire.Expr.to_bytes, pickle.dumps], ids=["to_bytes", "pickle"])
def test_function_that_cannot_be_pickled_raises_its_own_error(
    dump: Callable[[planwire.Expr], bytes],
) -> None:
    lock = threading.Lock()

    def locked(numbers: pa.Array) -> pa.Array:
        with lock:
            return numbers

    expr = kinds.call(planwire.udf(locked, [kinds.NUMBER], kinds.NUMBER, "immutable", "locked"))
    with pytest.raises(errors.EncodeError, match="locked") as failed:
        dump(expr)
    assert isinstance(failed.value.__cause__, TypeError)
    assert "lock" in str(failed.value.__cause__)


@pytest.mark.inline
def test_exception_in_a_function_is_the_cause() -> None:
    def fail(numbers: pa.Array) -> pa.Array:
        raise ZeroDivisionError("of my own")

    expr = kinds.call(planwire.udf(fail, [kinds.NUMBER], kinds.NUMBER, "volatile", "fail"))
    decoded = planwire.Expr.from_bytes(expr.to_bytes())
    with pytest.raises(errors.ExecutionError) as failed:
        kinds.rows("scalar", decoded)
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    assert failed.value.__cause__.__traceback__ is not None


@pytest.mark.parametrize(
    "name",
    [
        "two\nlines",
        "\x1b[31mred",
        "it's",
        '"quoted"',
        "\u202eesrever",
        "x" * 256,
        "naïve ü 名",
    ],
    ids=["newline", "escape", "apostrophe", "quotes", "right to left", "long", "letters"],
)
@pytest.mark.parametrize(("sender", "receiver"), [("inline", "refuse"), ("refuse", "inline")])
def test_hostile_name_neither_forges_nor_floods_a_message(
    name: str, sender: str, receiver: str
) -> None:
    sending = planwire.SessionContext().with_family("python", sender)
    message = kinds.call(kinds.make("scalar", name)).to_bytes(sending)
    with pytest.raises((errors.InlineRefused, errors.UnknownFunction)) as failed:
        receive(message, receiver)
    text = str(failed.value)
    assert text.isprintable()
    assert len(text) < 1_000


def test_name_over_the_limit_is_not_repeated() -> None:
    generous = planwire.SessionContext().with_limits(name=10_000)
    named = kinds.call(kinds.make("scalar", "x" * 10_000))
    with pytest.raises(errors.EncodeError) as refused:
        named.to_bytes()
    with pytest.raises(errors.LimitExceeded) as exceeded:
        receive(named.to_bytes(generous), "refuse")
    assert len(str(refused.value)) < 200
    assert len(str(exceeded.value)) < 200


@pytest.mark.inline
def test_every_refusal_has_a_code_a_page_and_a_remedy() -> None:
    with pytest.raises(errors.InlineRefused) as refused:
        receive(send("scalar"), "refuse")
    assert refused.value.code == "PW-D005"
    assert "planwire explain PW-D005" in str(refused.value)
    for word in ("crossing", "scalar", "python", "by name", "execute code"):
        assert word in str(refused.value)
    assert refused.value.__notes__


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_schema_that_claims_more_than_there_is_allocates_nothing(kind: str) -> None:
    message = send(kind)
    place = message.index(b"\xff\xff\xff\xff\xb8\x00\x00\x00") + 4
    claiming = message[:place] + (2**31 - 1).to_bytes(4, "little") + message[place + 4 :]
    with pytest.raises(errors.DecodeError) as failed:
        receive(claiming, "inline")
    assert "the stream ends within a message" in str(failed.value.__cause__)
