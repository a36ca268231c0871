"""The session of a process holds in all of it, and no thread gets more than any context gives."""

from __future__ import annotations

import asyncio
import multiprocessing
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import joblib
import planwire
import pytest
from planwire import errors, guard, ipc

from support import contexts, kinds
from support.contexts import PATIENCE, be_strict, by_name, fate, inline_call, strict

each_start = pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])


@pytest.fixture(autouse=True)
def without_contexts() -> Iterator[None]:
    yield
    ipc.clear_sender_ctx()
    ipc.clear_worker_ctx()


def in_a_thread(call: Callable[[], Any]) -> Any:
    """What a call returns in a thread that was started by hand."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result(PATIENCE)


async def in_a_task(call: Callable[[], Any]) -> Any:
    return await asyncio.create_task(asyncio.to_thread(call))


@pytest.mark.inline
@pytest.mark.unguarded
@pytest.mark.parametrize("where", ["thread", "pool", "asyncio"])
def test_worker_of_the_process_holds_in_every_thread(where: str) -> None:
    message = inline_call()
    ipc.set_worker_ctx(strict())
    if where == "thread":
        found: list[str] = []
        thread = threading.Thread(target=lambda: found.append(fate(message)))
        thread.start()
        thread.join(PATIENCE)
        assert found == ["InlineRefused"]
    elif where == "pool":
        assert in_a_thread(lambda: fate(message)) == "InlineRefused"
    else:
        assert asyncio.run(in_a_task(lambda: fate(message))) == "InlineRefused"


@pytest.mark.unguarded
def test_sender_of_the_process_holds_in_every_thread() -> None:
    ipc.set_sender_ctx(strict())
    call = kinds.call(kinds.make("scalar"))
    assert in_a_thread(lambda: by_name(pickle.dumps(call)))


@pytest.mark.inline
@pytest.mark.unguarded
def test_block_holds_in_tasks_that_start_inside() -> None:
    async def inside() -> Any:
        with ipc.worker_ctx(strict()):
            return await in_a_task(lambda: fate(inline_call()))

    assert asyncio.run(inside()) == "InlineRefused"


@pytest.mark.inline
@pytest.mark.unguarded
def test_thread_without_a_block_takes_no_more_than_a_block_of_another() -> None:
    with ipc.worker_ctx(strict()):
        assert in_a_thread(lambda: fate(inline_call())) == "InlineRefused"
    assert in_a_thread(lambda: fate(inline_call())) == "decoded"


@pytest.mark.inline
@pytest.mark.unguarded
def test_thread_without_a_block_keeps_to_the_narrowest_of_several() -> None:
    lenient = planwire.SessionContext().with_limits(frames=7)
    entered, done = threading.Event(), threading.Event()

    def hold() -> None:
        with ipc.worker_ctx(lenient):
            entered.set()
            done.wait(PATIENCE)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert entered.wait(PATIENCE)
        try:
            with ipc.worker_ctx(strict()):
                assert in_a_thread(lambda: fate(inline_call())) == "InlineRefused"
                seen = in_a_thread(ipc.get_worker_ctx)
                assert seen is not None
                assert seen.limits()["frames"] == 7
        finally:
            done.set()
        holding.result(PATIENCE)


@pytest.mark.inline
@pytest.mark.unguarded
def test_block_lets_through_no_more_than_the_process() -> None:
    message = inline_call()
    ipc.set_worker_ctx(strict())
    with ipc.worker_ctx(planwire.SessionContext()):
        assert fate(message) == "InlineRefused"
    # A session that is named in the call is the caller's own decision.
    planwire.Expr.from_bytes(message_of_call(), planwire.SessionContext())


def message_of_call() -> bytes:
    return kinds.call(kinds.make("scalar")).to_bytes(planwire.SessionContext())


def test_functions_of_a_block_are_known_under_the_process() -> None:
    ctx = strict()
    kinds.register(ctx, "scalar", kinds.make("scalar", "own"))
    call = kinds.call(kinds.make("scalar", "own")).to_bytes(strict())
    ipc.set_worker_ctx(strict())
    with ipc.worker_ctx(ctx):
        planwire.Expr.from_bytes(call)


@pytest.mark.inline
@pytest.mark.unguarded
def test_signing_sender_signs_in_every_thread() -> None:
    signs, _ = guard.generate_key("ed25519", "sender")
    signed = guard.signed(guard.Keyring.from_text(signs), audience="all")
    signing = planwire.SessionContext().with_family("python", signed)
    call = kinds.call(kinds.make("scalar"))
    with ipc.sender_ctx(signing):
        message = in_a_thread(call.to_bytes)
    [reading] = planwire.inspect(message).readings
    assert reading.parts[0].signer == "sender"


@pytest.mark.unguarded
@each_start
def test_pool_pickles_under_the_block_of_its_caller(start: str) -> None:
    call = kinds.call(kinds.make("scalar"))
    with (
        ipc.sender_ctx(strict()),
        multiprocessing.get_context(start).Pool(1, contexts.know) as pool,
    ):
        assert pool.apply_async(str, (call,)).get(PATIENCE) == str(call)
        assert pool.apply_async(contexts.opened, (planwire.pack(call),)).get(PATIENCE) == str(call)


@pytest.mark.unguarded
@each_start
def test_executor_pickles_under_the_block_of_its_caller(start: str) -> None:
    call = kinds.call(kinds.make("scalar"))
    context = multiprocessing.get_context(start)
    with (
        ipc.sender_ctx(strict()),
        ProcessPoolExecutor(1, context, initializer=contexts.know) as pool,
    ):
        assert pool.submit(str, call).result(PATIENCE) == str(call)


@pytest.mark.inline
@each_start
def test_parcel_brings_the_refusal_to_the_caller(start: str) -> None:
    parcel = planwire.pack(kinds.call(kinds.make("scalar", "shipped")))
    context = multiprocessing.get_context(start)
    with context.Pool(1, be_strict) as pool:
        with pytest.raises(errors.InlineRefused, match="'shipped'"):
            pool.apply_async(contexts.opened, (parcel,)).get(PATIENCE)
        # The worker lives on.
        assert pool.apply_async(contexts.opened, (planwire.pack(planwire.col("a")),)).get(PATIENCE)
    with (
        ProcessPoolExecutor(1, context, be_strict) as executor,
        pytest.raises(errors.InlineRefused, match="'shipped'"),
    ):
        executor.submit(contexts.opened, parcel).result(PATIENCE)


@pytest.mark.inline
@pytest.mark.unguarded
@each_start
def test_child_keeps_the_session_of_its_parent_where_it_is_forked(start: str) -> None:
    ipc.set_worker_ctx(strict())
    with multiprocessing.get_context(start).Pool(1) as pool:
        answer = pool.apply_async(fate, (inline_call(),)).get(PATIENCE)
    assert answer == ("InlineRefused" if start == "fork" else "decoded")


def test_child_that_sets_its_own_session_has_that() -> None:
    narrow = planwire.SessionContext().with_limits(frames=7)
    fork = multiprocessing.get_context("fork")
    with ipc.worker_ctx(narrow), fork.Pool(1, contexts.know) as pool:
        call = kinds.call(kinds.make("scalar")).to_bytes(strict())
        assert "crossing" in pool.apply_async(contexts.known, (call,)).get(PATIENCE)


@pytest.mark.inline
def test_strict_workers_of_joblib_refuse() -> None:
    parcel = planwire.pack(kinds.call(kinds.make("scalar", "shipped")))
    with (
        joblib.parallel_config("loky", n_jobs=2, initializer=be_strict),
        joblib.Parallel() as both,
        pytest.raises(errors.InlineRefused, match="'shipped'"),
    ):
        both([joblib.delayed(contexts.opened)(parcel)])


def test_parcel_is_made_inside_of_the_block_though_a_queue_pickles_it_later() -> None:
    call = kinds.call(kinds.make("scalar"))
    queue: Any = multiprocessing.Queue()
    with ipc.sender_ctx(strict()):
        queue.put(planwire.pack(call))
    # The thread of the queue pickles whenever it comes to it.
    parcel = queue.get(timeout=PATIENCE)
    assert by_name(bytes(parcel))
