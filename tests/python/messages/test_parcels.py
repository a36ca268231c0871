"""Parcels: shipped as bytes, opened where they are used, and nothing is decoded before."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import planwire
import pytest
from planwire import (
    DataFrame,
    ExecutionPlan,
    Expr,
    LogicalPlan,
    Parcel,
    SessionContext,
    errors,
    guard,
    inspect,
    ipc,
    pack,
)

from support import kinds
from support.contexts import strict

ROWS = {"a": [1, 2, 3]}


def session() -> SessionContext:
    ctx = SessionContext()
    ctx.from_pydict(ROWS, name="t")
    return ctx


def shown(value: Any) -> Any:
    """What a value is, to compare it with what arrived."""
    if isinstance(value, SessionContext):
        return value.table("t").to_pydict()
    if isinstance(value, DataFrame):
        return value.to_pydict()
    return str(value)


CALLED: dict[str, Callable[[], Any]] = {
    "scalar UDF": lambda: kinds.make("scalar"),
    "aggregate UDF": lambda: kinds.make("aggregate"),
    "window UDF": lambda: kinds.make("window"),
    "expression": lambda: kinds.call(kinds.make("scalar")),
}
PLAIN: dict[str, Callable[[], Any]] = {
    "expression": lambda: planwire.col("a") + 1,
    "logical plan": lambda: session().table("t").logical_plan(),
    "physical plan": lambda: session().table("t").execution_plan(),
    "query": lambda: session().table("t").limit(2),
    "session": session,
}


EACH = [*CALLED.items(), *PLAIN.items()]


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize(("kind", "make"), EACH)
def test_what_is_packed_arrives(kind: str, make: Callable[[], Any]) -> None:
    value = make()
    parcel = pack(value)
    assert parcel.kind == kind
    assert shown(parcel.open()) == shown(value)


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize(("kind", "make"), EACH)
def test_parcel_is_the_same_through_pickles_copies_and_bytes(
    kind: str, make: Callable[[], Any]
) -> None:
    parcel = pack(make())
    others = [
        pickle.loads(pickle.dumps(parcel)),
        copy.deepcopy(parcel),
        Parcel.from_bytes(memoryview(parcel.to_bytes())),
    ]
    assert [(other, other.kind, hash(other)) for other in others] == [
        (parcel, kind, hash(parcel))
    ] * 3
    assert bytes(parcel) == parcel.to_bytes()
    assert len(parcel) == len(bytes(parcel))
    assert repr(parcel) == f"Parcel('{kind}', size={len(parcel)})"


@pytest.mark.inline
def test_nothing_is_decoded_before_it_is_opened() -> None:
    message = pickle.dumps(pack(kinds.call(kinds.make("scalar", "shipped"))))
    with ipc.worker_ctx(strict()):
        parcel = pickle.loads(message)
        with pytest.raises(errors.InlineRefused, match="'shipped'"):
            parcel.open()
        assert inspect(parcel).admitted is False
    assert "shipped" in str(parcel.open())
    assert inspect(parcel).admitted is True


@pytest.mark.inline
@pytest.mark.unguarded
def test_session_opens_what_its_own_mode_lets_through() -> None:
    ctx = session()
    ctx.register_udf(kinds.make("scalar", "shipped"))
    parcel = pack(ctx)
    # The function, and then the table.
    assert [reading.what for reading in inspect(parcel).readings] == ["expression", "logical plan"]
    with pytest.raises(errors.InlineRefused, match="'shipped'"):
        parcel.open(strict())
    opened = SessionContext.from_bytes(bytes(parcel))
    assert opened.sql("select shipped(a) as r from t").to_pydict() == {"r": [11, 12, 13]}


def test_query_means_what_it_meant_where_it_was_made() -> None:
    ctx = SessionContext(planwire.SessionConfig().set("datafusion.execution.time_zone", "+02:00"))
    query = ctx.sql("select cast('2024-01-01T00:00:00Z' as timestamp with time zone) as t")
    here = query.schema()
    assert "+02:00" in str(here)
    for arrived in (pack(query).open(), DataFrame.from_bytes(query.to_bytes(), SessionContext())):
        assert arrived.schema() == here


@pytest.mark.inline
@pytest.mark.unguarded
def test_signed_parcel_is_opened_by_who_knows_the_key() -> None:
    signs, verifies = guard.generate_key("ed25519", "driver")

    def guarded(key: str, audience: str) -> SessionContext:
        signed = guard.signed(guard.Keyring.from_text(key), audience=audience)
        return SessionContext().with_family("python", signed)

    parcel = pack(kinds.call(kinds.make("scalar")), guarded(signs, "workers"))
    assert "crossing" in str(parcel.open(guarded(verifies, "workers")))
    with pytest.raises(errors.PolicyRefused):
        parcel.open(guarded(verifies, "others"))


@pytest.mark.parametrize("layer", [LogicalPlan, ExecutionPlan])
def test_session_stands_first_or_second_or_is_named(layer: Any) -> None:
    ctx = session()
    query = ctx.sql("select 1 as one")
    plan = query.logical_plan() if layer is LogicalPlan else query.execution_plan()
    data = plan.to_bytes(ctx)
    found = [
        layer.from_bytes(data, ctx),
        layer.from_bytes(ctx, data),
        layer.from_bytes(data),
        layer.from_bytes(None, data),
        layer.from_bytes(data=data, ctx=ctx),
        layer.from_bytes(data, ctx=None),
    ]
    assert [str(other) for other in found] == [str(plan)] * 6
    with pytest.raises(TypeError):
        layer.from_bytes(data, "no session")
    with pytest.raises(TypeError):
        layer.from_bytes(ctx)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda data: b"", "they do not open with its magic"),
        (lambda data: data[8:], "they do not open with its magic"),
        (lambda data: data[:7] + b"\x02" + data[8:], "it has version 2, and this release reads"),
        (lambda data: data[:8], "it holds nothing that this release knows"),
        (lambda data: data[:-1], "."),
        (lambda data: data + b"\x42\x00", "it holds more than one thing"),
        (lambda data: data[:8] + b"\xfa\x01\x00", "it holds nothing that this release knows"),
        (lambda data: planwire.col("a").to_bytes(), "they do not open with its magic"),
    ],
)
def test_bytes_that_are_no_parcel_are_told_from_one(
    change: Callable[[bytes], bytes], fault: str
) -> None:
    data = change(bytes(pack(planwire.col("a"))))
    for read in (Parcel.from_bytes, DataFrame.from_bytes, SessionContext.from_bytes):
        with pytest.raises(errors.MalformedFrame, match=fault) as failed:
            read(data)
        assert failed.value.code == "PW-D023"


@pytest.mark.inline
def test_class_opens_its_own_kind_only() -> None:
    with pytest.raises(errors.MalformedFrame, match="one expression, and a query was asked for"):
        DataFrame.from_bytes(bytes(pack(planwire.col("a"))))
    with pytest.raises(errors.MalformedFrame, match="one query, and a session was asked for"):
        SessionContext.from_bytes(session().table("t").to_bytes())
    with pytest.raises(TypeError, match="int cannot be packed"):
        pack(3)  # type: ignore[arg-type]


@pytest.mark.inline
@pytest.mark.unguarded
def test_limits_hold_for_the_whole_parcel() -> None:
    parcel = pack(session())
    small = SessionContext().with_limits(message=100)
    for read in (lambda: parcel.open(small), lambda: Parcel.from_bytes(bytes(parcel), small)):
        with pytest.raises(errors.LimitExceeded, match="`message`"):
            read()
    with pytest.raises(errors.EncodeError, match="`message`"):
        pack(session(), small)
    # Two bytes each, of which a table would take a hundred times as much.
    empty = b"PLANPCL\x01" + field(8, b"\x72\x00" * 200_000)
    with pytest.raises(errors.LimitExceeded, match="`nodes`"):
        SessionContext.from_bytes(empty)


def field(number: int, data: bytes) -> bytes:
    """A field of protobuf that holds bytes."""
    length, encoded = len(data), bytearray([number << 3 | 2])
    while length > 0x7F:
        encoded.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([*encoded, length]) + data


def test_message_in_a_parcel_meets_the_gate_it_would_meet_alone() -> None:
    # An expression that only this release's own encoder would not write.
    message = b"\xff\xff"
    with pytest.raises(errors.MalformedFrame) as alone:
        Expr.from_bytes(message)
    with pytest.raises(errors.MalformedFrame) as packed:
        Parcel.from_bytes(b"PLANPCL\x01" + field(1, message)).open()
    assert packed.value.code == alone.value.code == "PW-D013"
