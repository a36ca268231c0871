"""The decode cache: the same bytes give the same function, under the policy of each session."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from planwire import errors, ipc

from support import kinds
from support.audit import hearing

pytestmark = pytest.mark.inline

NUMBER = pa.int64()

each_kind = pytest.mark.parametrize("kind", kinds.KINDS)
each_frame = pytest.mark.parametrize("frames", ["v1", "native"])


def message(kind: str, frames: str = "v1") -> bytes:
    sender = planwire.SessionContext().with_frames("python", frames)
    return kinds.call(kinds.make(kind)).to_bytes(sender)


@each_kind
@each_frame
def test_the_same_bytes_are_unpickled_once(kind: str, frames: str) -> None:
    sent = message(kind, frames)
    before = ipc.decode_cache()
    with hearing("planwire.decode") as opened:
        for _ in range(3):
            assert kinds.rows(kind, planwire.Expr.from_bytes(sent)) == kinds.expected(kind)
    assert len(opened) == 1
    after = ipc.decode_cache()
    assert (after.hits - before.hits, after.misses - before.misses) == (2, 1)
    assert after.entries == 1
    assert 0 < after.bytes < len(sent)


@each_frame
def test_a_volatile_function_is_never_kept(frames: str) -> None:
    sender = planwire.SessionContext().with_frames("python", frames)
    dice = planwire.udf(lambda a: a, [NUMBER], NUMBER, "volatile", "dice")
    sent = kinds.call(dice).to_bytes(sender)
    rows = planwire.SessionContext().from_pydict({"a": [1]})
    with hearing("planwire.decode") as opened:
        for _ in range(2):
            rows.select(planwire.Expr.from_bytes(sent)).collect()
    assert len(opened) == 2
    assert ipc.decode_cache().entries == 0


@each_kind
@each_frame
def test_a_session_that_refuses_gets_nothing_from_the_cache(
    kind: str, frames: str, strict: planwire.SessionContext
) -> None:
    sent = message(kind, frames)
    planwire.Expr.from_bytes(sent)
    with pytest.raises(errors.InlineRefused):
        planwire.Expr.from_bytes(sent, strict)


def test_a_session_with_lower_limits_gets_nothing_from_the_cache() -> None:
    sender = planwire.SessionContext().with_frames("python", "native")
    wide = planwire.udf(lambda *a: a[0], [NUMBER] * 20, NUMBER, "immutable", "wide")
    sent = wide(*[planwire.col("a")] * 20).to_bytes(sender)
    planwire.Expr.from_bytes(sent)
    low = planwire.SessionContext().with_limits(fields=20)
    with pytest.raises(errors.DecodeError, match="limit `fields` exceeded: 21"):
        planwire.Expr.from_bytes(sent, low)


def test_a_session_that_trusts_no_signature_gets_nothing_from_the_cache() -> None:
    signing, _ = planwire.guard.generate_key("hmac-sha256", "k1")
    keyring = planwire.guard.Keyring.from_text(signing)
    guard = planwire.guard.signed(keyring, audience="workers")
    sent = message("scalar")
    planwire.Expr.from_bytes(sent)
    with pytest.raises(errors.PolicyRefused):
        planwire.Expr.from_bytes(sent, planwire.SessionContext().with_family("python", guard))


@pytest.mark.unguarded
def test_what_is_sent_on_has_the_signature_it_came_with() -> None:
    plain = planwire.SessionContext()
    call = kinds.call(kinds.make("scalar"))
    signed = []
    for key in ("k1", "k2"):
        signing, _ = planwire.guard.generate_key("hmac-sha256", key)
        guard = planwire.guard.signed(planwire.guard.Keyring.from_text(signing), audience="workers")
        signed.append(call.to_bytes(plain.with_family("python", guard)))
    for sent in (*signed, call.to_bytes()):
        assert planwire.Expr.from_bytes(sent, plain).to_bytes(plain) == sent


def test_forgetting_lets_a_decoded_function_be() -> None:
    sent = message("scalar")
    expr = planwire.Expr.from_bytes(sent)
    ipc.clear_decode_cache()
    assert ipc.decode_cache().entries == 0
    assert kinds.rows("scalar", expr) == kinds.expected("scalar")


def test_the_cache_holds_so_many_functions_and_forgets_the_oldest() -> None:
    sent = [kinds.call(kinds.make("scalar", amount=amount)).to_bytes() for amount in range(300)]
    for one in sent:
        planwire.Expr.from_bytes(one)
    assert ipc.decode_cache().entries == 256
    with hearing("planwire.decode") as opened:
        planwire.Expr.from_bytes(sent[-1])
        planwire.Expr.from_bytes(sent[0])
    assert len(opened) == 1


class Guilty:
    """Decodes another message when it goes."""

    def __init__(self, sent: bytes) -> None:
        self.sent = sent

    def __call__(self, numbers: pa.Array) -> pa.Array:
        return numbers

    def __del__(self) -> None:
        with contextlib.suppress(errors.PlanwireError):
            planwire.Expr.from_bytes(self.sent)


def test_a_function_that_goes_may_decode_another() -> None:
    inner = message("scalar")
    outer = planwire.udf(Guilty(inner), [NUMBER], NUMBER, "immutable", "guilty")
    planwire.Expr.from_bytes(kinds.call(outer).to_bytes())
    ipc.clear_decode_cache()
    assert ipc.decode_cache().entries == 1


def test_threads_that_decode_the_same_bytes_get_one_function() -> None:
    sent = message("scalar", "native")
    barrier = threading.Barrier(8)

    def decode(_: int) -> list[int]:
        barrier.wait()
        expr = planwire.Expr.from_bytes(sent).alias("r")
        return planwire.SessionContext().from_pydict({"a": [1]}).select(expr).to_pydict()["r"]

    with hearing("planwire.decode") as opened, ThreadPoolExecutor(8) as threads:
        assert list(threads.map(decode, range(8))) == [[11]] * 8
    assert len(opened) == 1


def evaluate(expr: planwire.Expr) -> list[int]:
    return (
        planwire.SessionContext().from_pydict({"a": [1]}).select(expr.alias("x")).to_pydict()["x"]
    )


@pytest.mark.unguarded
@each_frame
def test_a_model_is_loaded_once_in_a_worker(
    frames: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOADS", str(tmp_path / "loads"))

    def program() -> planwire.ScalarUDF:
        """A function that belongs to no module the worker could import."""
        space: dict[str, Any] = {"__name__": "__main__", "pc": pc, "os": os}
        source = (
            "model = None\n"
            "def f(a):\n"
            "    global model\n"
            "    if model is None:\n"
            "        open(os.environ['LOADS'], 'a').write('x')\n"
            "        model = 2\n"
            "    return pc.multiply(a, model)\n"
        )
        exec(source, space)
        function: Callable[[pa.Array], pa.Array] = space["f"]
        return planwire.udf(function, [NUMBER], NUMBER, "immutable", "model")

    expr = kinds.call(program())
    with ipc.sender_ctx(planwire.SessionContext().with_frames("python", frames)):
        sent = pickle.dumps(expr)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(unpickled, [sent] * 5, chunksize=1) == [[2]] * 5
    assert (tmp_path / "loads").read_text() == "x"


def unpickled(sent: bytes) -> list[int]:
    return evaluate(pickle.loads(sent))


@each_frame
def test_a_function_that_stands_in_a_message_many_times_is_pickled_once(frames: str) -> None:
    pickled = []

    class Counted:
        def __call__(self, numbers: pa.Array) -> pa.Array:
            return numbers

        def __reduce__(self) -> tuple[object, ...]:
            pickled.append(1)
            return int, ()

    sender = planwire.SessionContext().with_frames("python", frames)
    same = planwire.udf(Counted(), [NUMBER], NUMBER, "immutable", "same")
    expr = kinds.call(same)
    for _ in range(9):
        expr = expr + kinds.call(same)
    expr.to_bytes(sender)
    assert len(pickled) == 1
    expr.to_bytes(sender)
    assert len(pickled) == 2


def test_a_large_function_is_pickled_at_most_twice() -> None:
    pickled = []

    class Counted:
        def __call__(self, numbers: pa.Array) -> pa.Array:
            return numbers

        def __reduce__(self) -> tuple[object, ...]:
            pickled.append(1)
            return len, (bytes(2 << 20),)

    large = planwire.udf(Counted(), [NUMBER], NUMBER, "immutable", "large")
    expr = kinds.call(large)
    for _ in range(4):
        expr = expr + kinds.call(large)
    expr.to_bytes()
    assert len(pickled) == 2
