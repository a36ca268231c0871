"""What the documents say of guards: what they let in, and what they do not see."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import planwire
import pyarrow as pa
import pytest
from planwire import DataFrame, Expr, LogicalPlan, SessionContext, col, errors, guard, ipc, udf

from support import frames, kinds
from support.contexts import PATIENCE
from test_floor import apart
from test_guard import AUDIENCE, each_algorithm, each_kind, pair, refusal, session
from test_hardened import decodes
from test_pins import pin


class Marking:
    """Leaves a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.path),)


def marking(path: Path) -> Expr:
    """A call of a function whose pickle leaves a mark as soon as it is decoded."""

    def same(numbers: pa.Array) -> pa.Array:
        return numbers

    same.held = Marking(path)  # type: ignore[attr-defined]
    return udf(same, [kinds.NUMBER], kinds.NUMBER, "immutable", "marking")(col("a"))


@pytest.mark.inline
@pytest.mark.unguarded
def test_what_is_let_in_does_what_it_likes(tmp_path: Path) -> None:
    signs, verifies = pair()
    mark = tmp_path / "mark"
    unsigned, signed = (marking(mark).to_bytes(ctx) for ctx in (SessionContext(), session(signs)))
    refusal(unsigned, session(verifies))
    assert not mark.exists()
    pinned = SessionContext().with_family("python", guard.pinned([pin(unsigned)]))
    for message, ctx in ((signed, session(verifies)), (unsigned, pinned)):
        Expr.from_bytes(message, ctx)  # to decode it is to run its pickle
        assert mark.exists()
        mark.rmdir()


@each_algorithm
def test_who_verifies_by_hmac_can_sign_and_by_ed25519_cannot(algorithm: str) -> None:
    signs, verifies = guard.generate_key(algorithm, "k1")
    turned = guard.Keyring.from_text(verifies.replace("verify", "sign", 1))
    sealed = guard.seal(b"data", turned, audience=AUDIENCE)
    if algorithm == "hmac-sha256":
        assert signs.split()[1:] == verifies.split()[1:]
        assert guard.open(sealed, guard.Keyring.from_text(verifies), audience=AUDIENCE) == b"data"
    else:
        with pytest.raises(errors.PolicyRefused):
            guard.open(sealed, guard.Keyring.from_text(verifies), audience=AUDIENCE)


def arrow(keyring: guard.Keyring) -> SessionContext:
    return SessionContext().with_family("arrow", guard.signed(keyring, audience=AUDIENCE))


@pytest.mark.inline
@pytest.mark.unguarded
def test_table_that_was_received_signed_is_not_sent_on_without_a_key() -> None:
    signs, verifies = pair()
    plan = SessionContext().from_pydict({"a": [1, 2]}).logical_plan()
    decoded = LogicalPlan.from_bytes(arrow(verifies), plan.to_bytes(arrow(signs)))
    with pytest.raises(errors.EncodeError, match="holds no key that signs"):
        decoded.to_bytes(arrow(verifies))


@pytest.mark.inline
@pytest.mark.unguarded
def test_name_of_a_table_is_outside_of_its_signature_and_that_of_a_function_is_inside() -> None:
    signs, verifies = pair()
    ctx = arrow(signs)
    ctx.from_pydict({"a": [1]}, name="prices")
    message = ctx.table("prices").logical_plan().to_bytes(ctx)
    assert message.count(b"prices") > 0
    renamed = message.replace(b"prices", b"wages!")
    decoded = LogicalPlan.from_bytes(arrow(verifies), renamed)
    assert DataFrame.from_logical_plan(decoded, arrow(verifies)).to_pydict() == {"a": [1]}
    function = kinds.call(kinds.make("scalar")).to_bytes(session(signs))
    outside = function.replace(b"crossing", b"pinching", 1)
    with pytest.raises(errors.DecodeError, match="pinching"):
        Expr.from_bytes(outside, session(verifies))
    # A seal covers both.
    for data, name in ((message, b"prices"), (function, b"crossing")):
        sealed = guard.seal(data, signs, audience=AUDIENCE)
        with pytest.raises(errors.PolicyRefused):
            guard.open(sealed.replace(name, b"x" * len(name)), verifies, audience=AUDIENCE)


@pytest.mark.inline
@pytest.mark.unguarded
def test_two_guards_that_sign_have_to_use_one_keyring_and_audience() -> None:
    signs, _ = pair()
    other, _ = pair(key_id="k2")
    call = kinds.call(kinds.make("scalar"))

    def sent(first: guard.Guard, second: guard.Guard) -> bytes:
        return call.to_bytes(SessionContext().with_family("python", first & second))

    one = guard.signed(signs, audience=AUDIENCE)
    assert sent(one, guard.signed(signs, audience=AUDIENCE)).count(b"PLANSIG") == 1
    for second in (guard.signed(other, audience=AUDIENCE), guard.signed(signs, audience="others")):
        with pytest.raises(errors.EncodeError) as caught:
            sent(one, second)
        assert caught.value.code == "PW-E002"


@pytest.mark.inline
@pytest.mark.unguarded
@each_kind
def test_signed_or_pinned_payload_can_be_put_into_another_plan_and_a_sealed_one_cannot(
    kind: str,
) -> None:
    signs, verifies = pair()
    function = kinds.make(kind)
    signed, plain = (
        kinds.call(function).to_bytes(ctx) for ctx in (session(signs), SessionContext())
    )
    other = function(-col("a")).to_bytes()
    pinned = SessionContext().with_family("python", guard.pinned([pin(plain)]))
    for genuine, ctx in ((signed, session(verifies)), (plain, pinned)):
        frame = frames.frame(genuine)
        moved = frames.replace(other, frame)
        for _ in range(2):  # as often as one likes
            decoded = Expr.from_bytes(moved, ctx)
            assert kinds.rows(kind, decoded) != kinds.expected(kind)
    sealed = guard.seal(signed, signs, audience=AUDIENCE)
    with pytest.raises(errors.DecodeError):
        guard.open(sealed.replace(signed, other), verifies, audience=AUDIENCE)


def test_sealed_message_can_be_read_by_anybody_and_opens_as_often_as_it_arrives() -> None:
    signs, verifies = pair()
    sealed = guard.seal(b"the data", signs, audience=AUDIENCE)
    assert b"the data" in sealed
    for _ in range(2):
        assert guard.open(sealed, verifies, audience=AUDIENCE) == b"the data"


@pytest.mark.inline
@pytest.mark.unguarded
def test_each_end_has_its_own_key_and_what_workers_sign_counts_where_their_line_is() -> None:
    (driver, of_driver), (worker, of_worker) = (
        guard.generate_key("ed25519", name) for name in ("driver", "worker")
    )
    here, there = multiprocessing.Pipe()
    driver_keys = guard.Keyring.from_text(f"{driver}\n{of_worker}")
    worker_keys = guard.Keyring.from_text(f"{worker}\n{of_driver}")
    driver_end = guard.SealedConnection(here, driver_keys, to="worker", audience="driver")
    worker_end = guard.SealedConnection(there, worker_keys, to="driver", audience="worker")
    driver_end.send(b"question")
    assert worker_end.recv() == b"question"
    worker_end.send(b"answer")
    assert driver_end.recv() == b"answer"
    message = kinds.call(kinds.make("scalar")).to_bytes(session(worker_keys))
    Expr.from_bytes(message, session(driver_keys))
    refusal(message, session(guard.Keyring.from_text(driver)))


def copying(folder: Path) -> list[Any]:
    """A plan of each layer that writes a file."""
    ctx = SessionContext()
    query = ctx.sql(f"COPY (SELECT 1 AS a) TO '{folder}/out.csv' STORED AS csv")
    return [query.logical_plan(), query.execution_plan()]


def test_guard_of_a_session_says_nothing_of_a_plan_that_writes(tmp_path: Path) -> None:
    _, verifies = pair()
    guards = (guard.signed(verifies, audience=AUDIENCE), guard.pinned([]))
    for mode in guards:
        ctx = SessionContext().with_family("python", mode).with_family("arrow", mode)
        for plan in copying(tmp_path):
            type(plan).from_bytes(ctx, plan.to_bytes())


@pytest.mark.inline
@pytest.mark.unguarded
@each_kind
def test_payload_in_a_plan_inside_of_an_expression_has_to_pass_the_guard(kind: str) -> None:
    signs, verifies = pair()
    rows = SessionContext().sql("SELECT 1 AS a")
    call = kinds.call(kinds.make(kind)).alias("r")
    query = rows.aggregate([], [call]) if kind == "aggregate" else rows.select(call)

    def inside(ctx: SessionContext) -> bytes:
        plan = query.logical_plan().to_bytes(ctx)
        return frames.field(36, frames.field(1, frames.field(1, plan)))

    Expr.from_bytes(inside(session(signs)), session(verifies))
    assert "it is not signed" in refusal(inside(SessionContext()), session(verifies))


def test_function_by_name_is_looked_up_as_ever_under_a_guard() -> None:
    _, verifies = pair()
    function = kinds.make("scalar")
    by_name = kinds.call(function).to_bytes(SessionContext().with_family("python", "refuse"))
    worker = session(verifies)
    with pytest.raises(errors.UnknownFunction):
        Expr.from_bytes(by_name, worker)
    worker.register_udf(function)
    assert kinds.rows("scalar", Expr.from_bytes(by_name, worker)) == kinds.expected("scalar")


def tables(line: str, logical: bytes, physical: bytes) -> list[str]:
    planwire.harden(guard.signed(guard.Keyring.from_text(line), audience=AUDIENCE))
    found = []
    for kind, data in ((planwire.LogicalPlan, logical), (planwire.ExecutionPlan, physical)):
        try:
            kind.from_bytes(SessionContext(), data)
            found.append("decoded")
        except errors.PolicyRefused as refused:
            found.append(refused.code)
    return found


@pytest.mark.inline
@pytest.mark.unguarded
def test_hardened_process_guards_tables_of_logical_plans_and_sees_none_of_physical_ones() -> None:
    line, _ = guard.generate_key("hmac-sha256", "k1")
    rows = SessionContext().from_pydict({"a": [1]})
    messages = rows.logical_plan().to_bytes(), rows.execution_plan().to_bytes()
    assert apart(tables, line, *messages) == ["PW-D006", "decoded"]


def own_queries(folder: str) -> bool:
    planwire.harden()
    query = f"COPY (SELECT 1 AS a) TO '{folder}/out.csv' STORED AS csv"
    SessionContext().sql(query).collect()
    return Path(folder, "out.csv").exists()


def test_queries_of_a_hardened_process_itself_write(tmp_path: Path) -> None:
    assert apart(own_queries, str(tmp_path))


def handed_to_a_pool() -> list[str]:
    expr = kinds.call(kinds.make("scalar"))
    planwire.harden()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        failed = pool.submit(repr, expr).exception(PATIENCE)
    return [type(failed).__name__, getattr(failed, "code", ""), *getattr(failed, "__notes__", [])]


def test_expression_handed_to_a_pool_fails_in_the_hardened_driver_with_a_reason() -> None:
    name, code, *notes = apart(handed_to_a_pool)
    assert (name, code) == ("EncodeError", "PW-E009")
    assert any("planwire.guard.seal" in note for note in notes)


def floors_by_environment() -> list[str]:
    os.environ["PLANWIRE_HARDENED"] = "refuse"
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=lambda: there.send(ipc.get_process_floor()))
    child.start()
    forked = here.recv() if here.poll(PATIENCE) else "silent"
    child.join(PATIENCE)
    return [ipc.get_process_floor(), forked, apart(ipc.get_process_floor)]


@pytest.mark.inline
@pytest.mark.unguarded
def test_environment_hardens_processes_that_start_after_it_is_set_and_no_forked_ones() -> None:
    assert apart(floors_by_environment) == ["inline", "inline", "refuse"]


@pytest.mark.inline
def test_floor_of_a_process_with_a_guard_says_so(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(guard.generate_key("ed25519", "k1")[1])
    done = subprocess.run(
        [sys.executable, "-c", "import planwire; print(planwire.ipc.get_process_floor())"],
        env=os.environ | {"PLANWIRE_HARDENED": f"signed:{AUDIENCE}:{keys}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout == "guarded\n", done.stderr


def expressions(folder: Path) -> list[tuple[str, bytes]]:
    """Expressions with a plan inside, which writes and has not run."""
    ctx = SessionContext()
    ctx.from_pydict({"a": [1]}).write_parquet(folder / "t.parquet")
    ctx.register_parquet("t", folder / "t.parquet")
    query = ctx.sql(f"COPY (SELECT a FROM t) TO '{folder}/out.csv' STORED AS csv")
    subquery = frames.field(
        36, frames.field(1, frames.field(1, query.logical_plan().to_bytes(ctx)))
    )
    # Inside of a call, too.
    negated = frames.field(8, frames.field(1, subquery))
    return [("Expr", subquery), ("Expr", negated)]


@pytest.mark.inline
@pytest.mark.unguarded
def test_expressions_that_hold_a_plan_that_writes_are_not_decoded(tmp_path: Path) -> None:
    line, _ = guard.generate_key("hmac-sha256", "k1")
    given = expressions(tmp_path)
    for allowed, outcome in ((False, "PW-G005"), (True, "decoded")):
        calls = [{"signed": True, "writes": allowed}]
        assert apart(decodes, line, calls, given) == [outcome] * 2
    # It is a whole plan: where it is decoded and run, it writes.
    rows = SessionContext().from_pydict({"x": [1]})
    rows.select(Expr.from_bytes(given[0][1]).alias("r")).collect()
    assert (tmp_path / "out.csv").exists()
