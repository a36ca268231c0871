"""The floor holds in every thread, task and forked child, and is never lowered.

Each test is about a process of its own, because a floor stays for good.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import planwire
import pytest
from planwire import errors, ipc

from support import kinds
from support.cases import each_kind, each_layer
from support.contexts import PATIENCE
from support.queries import plan_of, query

REFUSED = "PW-D016"


def apart(task: Callable[..., Any], *arguments: Any, start: str = "spawn") -> Any:
    """Runs a task in a process of its own, which may have children."""
    context = multiprocessing.get_context(start)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(task, *arguments).result(PATIENCE)


def send(kind: str = "scalar") -> bytes:
    return kinds.call(kinds.make(kind)).to_bytes()


def outcome(message: bytes, ctx: planwire.SessionContext | None = None) -> str:
    """The code of the refusal, or what was decoded."""
    try:
        planwire.Expr.from_bytes(message, ctx)
    except errors.InlineRefused as refused:
        return refused.code
    return "decoded"


def started(**environment: str) -> subprocess.CompletedProcess[str]:
    """What a program that only imports planwire comes to."""
    program = """if True:
        import planwire
        modes = {family.mode for family in planwire.SessionContext().families()}
        print(*modes, planwire.ipc.get_process_floor())
    """
    return subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.unguarded
@pytest.mark.parametrize("value", ["inline", "refuse"])
def test_environment_sets_the_floor_on_import(value: str) -> None:
    assert started(PLANWIRE_FLOOR=value).stdout == f"{value} {value}\n"


@pytest.mark.parametrize("value", ["", "Refuse", "strict", " refuse", "0", "\udcff"])
def test_unknown_floor_in_the_environment_fails_the_import(value: str) -> None:
    done = started(PLANWIRE_FLOOR=value)
    assert done.returncode == 1
    assert "ValueError: the environment variable PLANWIRE_FLOOR is" in done.stderr
    assert 'known are "inline" and "refuse"' in done.stderr


def environment_after_import(message: bytes) -> str:
    os.environ["PLANWIRE_FLOOR"] = "refuse"
    return outcome(message)


@pytest.mark.inline
def test_environment_is_read_once() -> None:
    assert apart(environment_after_import, send()) == "decoded"


def every_session(message: bytes) -> list[str]:
    inline = planwire.SessionContext()
    ipc.set_process_floor("refuse")
    assert "inline" not in repr(inline)
    assert "python=refuse" in repr(inline)
    again = inline.with_python_udf_inlining(enabled=True).with_family("python", "inline")
    assert {family.mode for family in again.families()} == {"refuse"}
    outcomes = [outcome(message), outcome(message, inline), outcome(message, again)]
    with ipc.worker_ctx(again):
        outcomes += [outcome(message), outcome(message, planwire.SessionContext())]
    return outcomes


@pytest.mark.inline
@each_kind
def test_no_session_goes_below_the_floor(kind: str) -> None:
    assert set(apart(every_session, send(kind))) == {REFUSED}


def every_thread(message: bytes) -> list[str]:
    older = ThreadPoolExecutor(1)
    assert older.submit(outcome, message).result() == "decoded"
    ipc.set_process_floor("refuse")

    async def elsewhere() -> list[str]:
        here = outcome(message)
        return [here, await asyncio.to_thread(outcome, message)]

    outcomes: list[str] = []
    plain = threading.Thread(target=lambda: outcomes.append(outcome(message)))
    plain.start()
    plain.join()
    with older, ThreadPoolExecutor(1) as younger:
        pools = [pool.submit(outcome, message).result() for pool in (older, younger)]
    return outcomes + pools + asyncio.run(elsewhere())


@pytest.mark.inline
def test_floor_holds_in_every_thread_and_task() -> None:
    assert apart(every_thread, send()) == [REFUSED] * 5


def plain_thread_begins_empty(message: bytes) -> list[str]:
    outcomes = []

    def decode() -> None:
        assert ipc.get_worker_ctx() is None
        outcomes.append(outcome(message))

    for _ in range(2):
        thread = threading.Thread(target=decode)
        thread.start()
        thread.join()
        ipc.set_process_floor("refuse")
    return outcomes


@pytest.mark.inline
def test_plain_thread_begins_without_contexts_and_on_the_floor() -> None:
    assert apart(plain_thread_begins_empty, send()) == ["decoded", REFUSED]


def child(start: str, message: bytes) -> str:
    found: str = apart(outcome, message, start=start)
    return found


def child_of_a_floored_process(start: str, message: bytes) -> str:
    ipc.set_process_floor("refuse")
    return child(start, message)


@pytest.mark.inline
@pytest.mark.parametrize(
    ("start", "found"), [("fork", REFUSED), ("spawn", "decoded"), ("forkserver", "decoded")]
)
def test_forked_child_keeps_the_floor_and_a_fresh_one_begins_without(
    start: str, found: str
) -> None:
    assert apart(child_of_a_floored_process, start, send()) == found


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])
def test_fresh_child_takes_the_floor_from_the_environment(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = send()
    monkeypatch.setenv("PLANWIRE_FLOOR", "refuse")
    # The child of a child, because this very process has read its environment already.
    assert apart(child, start, message) == REFUSED


def lowered() -> str:
    ipc.set_process_floor("inline")
    assert ipc.get_process_floor() == "inline"
    ipc.set_process_floor("refuse")
    ipc.set_process_floor("refuse")
    with pytest.raises(RuntimeError, match=r"`refuse` and cannot be changed to `inline`"):
        ipc.set_process_floor("inline")
    with pytest.raises(ValueError, match="known are"):
        ipc.set_process_floor("none")
    return ipc.get_process_floor()


@pytest.mark.inline
@pytest.mark.unguarded
def test_floor_is_raised_and_never_lowered() -> None:
    assert apart(lowered) == "refuse"


def sent_under_the_floor(kind: str) -> list[bytes]:
    inline = planwire.SessionContext()
    function = kinds.make(kind)
    frame, expr = query(kind), kinds.call(function)
    ipc.set_process_floor("refuse")
    with ipc.sender_ctx(inline):
        pickles = [pickle.dumps(thing) for thing in (expr, function, frame)]
    plans = [plan.to_bytes(inline) for plan in (frame.logical_plan(), frame.execution_plan())]
    return [*pickles, *plans, expr.to_bytes(), expr.to_bytes(inline)]


@pytest.mark.unguarded
@each_kind
def test_functions_leave_by_name_under_the_floor(kind: str) -> None:
    messages = apart(sent_under_the_floor, kind)
    assert [b"crossing" in message for message in messages] == [True] * 7
    assert [b"DFPY" in message for message in messages] == [False] * 7


def registered_under_the_floor(kind: str) -> list[Any]:
    ipc.set_process_floor("refuse")
    ctx = planwire.SessionContext()
    function = kinds.make(kind)
    kinds.register(ctx, kind, function)
    message = kinds.call(function).to_bytes()
    return kinds.rows(kind, planwire.Expr.from_bytes(message, ctx))


@each_kind
def test_functions_by_name_are_found_under_the_floor(kind: str) -> None:
    assert apart(registered_under_the_floor, kind) == kinds.expected(kind)


def plan_under_the_floor(layer: Any, message: bytes) -> str:
    ipc.set_process_floor("refuse")
    with pytest.raises(errors.InlineRefused) as refused:
        layer.from_bytes(planwire.SessionContext(), message)
    return refused.value.code


@pytest.mark.inline
@each_layer
@each_kind
def test_both_layers_are_refused_under_the_floor(kind: str, layer: Any) -> None:
    message = plan_of(layer, query(kind)).to_bytes()
    assert apart(plan_under_the_floor, layer, message) == REFUSED


def refusal(message: bytes) -> errors.InlineRefused:
    ipc.set_process_floor("refuse")
    strict = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    with pytest.raises(errors.InlineRefused) as refused:
        planwire.Expr.from_bytes(message, strict)
    return refused.value


@pytest.mark.inline
def test_refusal_names_the_floor_and_a_remedy_that_helps() -> None:
    refused = apart(refusal, send())
    for word in ("crossing", "scalar", "python", "floor", "by name"):
        assert word in str(refused)
    (note,) = refused.__notes__
    assert "a mode of the session does not help" in note


def damaged(message: bytes) -> str:
    ipc.set_process_floor("refuse")
    with pytest.raises(errors.PlanwireError) as failed:
        planwire.Expr.from_bytes(message)
    return type(failed.value).__name__


@pytest.mark.inline
def test_damaged_message_says_so_under_the_floor() -> None:
    message = send()
    assert apart(damaged, message[:-1]) == "MalformedFrame"
    other_version = message.replace(b"DFPYUDF\x01", b"DFPYUDF\x02")
    assert apart(damaged, other_version) == "VersionMismatch"
