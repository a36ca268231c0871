"""Contexts and the floor while all that has threads decodes and encodes at once.

`test_processes` and `test_floor` hold each of them at rest.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from planwire import Expr, SessionContext, ipc

from support import kinds
from support.cases import each_start
from support.contexts import PATIENCE, narrowness
from support.load import WAYS, Worker, load
from test_floor import REFUSED, apart, outcome, send

pytestmark = pytest.mark.inline


# How often each worker takes a turn at least.
TURNS = 10
STRICT = "PW-D005"


def own_session(amount: int) -> SessionContext:
    """A session in which the function `own` adds an amount; every other one is strict."""
    ctx = SessionContext().with_python_udf_inlining(enabled=amount % 2 == 0)
    ctx.register_udf(kinds.make("scalar", "own", amount))
    return ctx


def by_own_contexts(amount: int, enough: Callable[[], bool], switches: Counter[int]) -> Worker:
    """Finds in each turn that both contexts are still its own."""
    ctx = own_session(amount)
    strict = amount % 2 == 1
    inline, by_name = send(), kinds.call(kinds.make("scalar", "own")).to_bytes(own_session(1))

    def turn() -> bool:
        assert outcome(inline) == (STRICT if strict else "decoded")
        assert kinds.rows("scalar", Expr.from_bytes(by_name)) == kinds.expected("scalar", amount)
        sent = kinds.call(kinds.make("scalar")).to_bytes()
        assert (b"DFPY" in sent) == (not strict)
        switches[amount] += 1
        return switches[amount] < TURNS or not enough()

    return Worker(turn, sender=ctx, worker=ctx)


def switching(number: int, enough: Callable[[], bool], switches: Counter[int]) -> Worker:
    """Enters and leaves blocks over and over, as no worker inside of its own may notice."""
    sessions = [own_session(amount) for amount in (100, 101)]

    def turn() -> bool:
        for ctx in sessions:
            with ipc.worker_ctx(ctx), ipc.sender_ctx(ctx):
                with ipc.worker_ctx(sessions[0]), ipc.sender_ctx(sessions[1]):
                    assert ipc.get_worker_ctx() is sessions[0]
                assert ipc.get_worker_ctx() is ctx
        switches[number] += 1
        return not enough()

    return Worker(turn)


@each_start
def test_contexts_switched_elsewhere_change_nothing_here(start: str) -> None:
    workers: list[Worker] = []
    turns: Counter[int] = Counter()

    def enough() -> bool:
        return len(turns) == len(workers) and min(turns.values()) >= TURNS

    # Two of each in every way: the strict and the inline ones, then those that switch.
    for number in range(2 * WAYS):
        workers.append(by_own_contexts(number // WAYS + 2 * (number % WAYS), enough, turns))
    workers += [switching(number, enough, turns) for number in range(200, 200 + WAYS)]
    with load(workers):
        found = [apart(narrowness, start=start) for _ in range(3)]
    # A child that is forked here lets through no more than what was held; others begin anew.
    assert all((None in held) == (start != "fork") for held in found)
    assert enough()


def raised_under_load(kind: str, start: str) -> dict[str, set[str]]:
    """What came of decoding and encoding before and after the floor was raised."""
    unpickled = threading.local()

    def hear(event: str, _: object) -> None:
        if event == "pickle.find_class":
            unpickled.here = True

    sys.addaudithook(hear)
    # Threads take over from each other in the middle of nearly everything.
    sys.setswitchinterval(1e-5)
    message, expr = send(kind), kinds.call(kinds.make(kind))
    inline = SessionContext()
    raised = threading.Event()
    early, late = threading.Semaphore(0), threading.Semaphore(0)
    seen: dict[str, set[str]] = {"early": set(), "late": set()}

    def worker(ctx: SessionContext | None) -> Worker:
        turns: Counter[str] = Counter()

        def turn() -> bool:
            when = "late" if raised.is_set() else "early"
            unpickled.here = False
            found = outcome(message, ctx)
            seen[when].add(f"{found}, unpickled" if unpickled.here else found)
            seen[when].add("sent inline" if b"DFPY" in expr.to_bytes(ctx) else "sent by name")
            turns[when] += 1
            if turns[when] == TURNS:
                (late if when == "late" else early).release()
            return turns["late"] < TURNS

        return Worker(turn, sender=inline, worker=inline)

    def wait(for_all: threading.Semaphore, failed: threading.Event) -> None:
        for _ in workers:
            assert failed.is_set() or for_all.acquire(timeout=PATIENCE)

    workers = [worker(ctx) for ctx in (None, inline) for _ in range(WAYS)]
    with load(workers) as failed:
        wait(early, failed)
        seen["early child"] = {apart(outcome, message, start=start)}
        ipc.set_process_floor("refuse")
        raised.set()
        seen["late child"] = {apart(outcome, message, start=start)}
        wait(late, failed)
    return seen


@pytest.mark.parametrize(
    ("kind", "start"), [("scalar", "fork"), ("aggregate", "spawn"), ("window", "forkserver")]
)
def test_floor_raised_under_load_holds_for_all_that_begins_after(kind: str, start: str) -> None:
    seen = apart(raised_under_load, kind, start)
    assert seen.pop("early child") == {"decoded"}
    # A forked child has the floor; one that is started afresh has its environment's.
    assert seen.pop("late child") == {REFUSED if start == "fork" else "decoded"}
    # What was under way when the floor rose may have gone either way, and nothing else.
    early = seen.pop("early")
    assert {"decoded, unpickled", "sent inline"} <= early
    decoded = {"decoded, unpickled", "decoded"}  # the latter from the cache
    assert early <= {*decoded, "sent inline", REFUSED, "sent by name"}
    assert seen == {"late": {REFUSED, "sent by name"}}
