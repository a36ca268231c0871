"""Expressions cross into worker processes, however the workers start."""

from __future__ import annotations

import asyncio
import multiprocessing
import pickle
from typing import Any

import planwire
import pytest
from planwire import errors, ipc

from support import kinds
from support.cases import each_kind, each_start
from support.contexts import PATIENCE, narrowness


def receiving_session() -> planwire.SessionContext:
    """A strict session in which the functions add 20."""
    ctx = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    for kind in kinds.KINDS:
        kinds.register(ctx, kind, kinds.make(kind, f"shared_{kind}", 20))
    return ctx


def receive() -> None:
    """Prepares a worker to decode under that session."""
    ipc.set_worker_ctx(receiving_session())


def rows(kind: str, message: bytes) -> list[Any]:
    """Decodes and evaluates in the worker."""
    return kinds.rows(kind, pickle.loads(message))


def send(kind: str, amount: int = 10) -> bytes:
    """Pickles a call of a function that only this process has."""
    return pickle.dumps(kinds.call(kinds.make(kind, f"shared_{kind}", amount)))


def ask(start: str, kind: str, message: bytes, initializer: Any = None) -> list[Any]:
    """Has one worker decode and evaluate a message."""
    with multiprocessing.get_context(start).Pool(1, initializer) as pool:
        return pool.apply_async(rows, (kind, message)).get(PATIENCE)


@pytest.mark.inline
@pytest.mark.unguarded
@each_start
@each_kind
def test_expression_runs_in_a_worker_that_never_saw_the_function(start: str, kind: str) -> None:
    # Run once here, so that a forked worker starts from a process whose runtime is up.
    assert rows(kind, send(kind)) == kinds.expected(kind)
    assert ask(start, kind, send(kind)) == kinds.expected(kind)


@pytest.mark.inline
@pytest.mark.unguarded
@each_start
def test_expression_itself_is_an_argument(start: str) -> None:
    expr = kinds.call(kinds.make("scalar"))
    with multiprocessing.get_context(start).Pool(1) as pool:
        answer = pool.apply_async(kinds.rows, ("scalar", expr)).get(PATIENCE)
    assert answer == kinds.expected("scalar")


@pytest.mark.unguarded
@each_start
@each_kind
def test_sender_context_decides_what_leaves(start: str, kind: str) -> None:
    strict = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    with ipc.sender_ctx(strict):
        message = send(kind)
    # It left by name, so the worker's own function runs.
    assert ask(start, kind, message, receive) == kinds.expected(kind, 20)
    with pytest.raises(errors.UnknownFunction, match=f"shared_{kind}"):
        ask(start, kind, message)


@pytest.mark.inline
@pytest.mark.unguarded
@each_start
@each_kind
def test_worker_context_decides_what_enters(start: str, kind: str) -> None:
    with pytest.raises(errors.InlineRefused, match=f"shared_{kind}") as refused:
        ask(start, kind, send(kind), receive)
    # The exception came back through a pickle of its own.
    assert refused.value.code == "PW-D005"
    assert refused.value.__notes__


@each_start
def test_only_a_forked_worker_has_its_parents_contexts(start: str) -> None:
    with ipc.worker_ctx(receiving_session()), ipc.sender_ctx(receiving_session()):
        with multiprocessing.get_context(start).Pool(1) as pool:
            found = pool.apply_async(narrowness).get(PATIENCE)
        # A fork inside the block leaves the block's own process as it was.
        assert narrowness() == ["refuse", "refuse"]
    assert found == (["refuse", "refuse"] if start == "fork" else [None, None])


@pytest.mark.inline
@pytest.mark.unguarded
def test_other_thread_of_a_task_keeps_its_worker_context() -> None:
    async def decode_elsewhere() -> None:
        with ipc.worker_ctx(receiving_session()):
            await asyncio.to_thread(rows, "scalar", send("scalar"))

    with pytest.raises(errors.InlineRefused):
        asyncio.run(decode_elsewhere())


@pytest.mark.inline
@pytest.mark.unguarded
@each_start
def test_workers_share_the_parts_of_a_job(start: str) -> None:
    messages = [send("scalar", amount) for amount in range(20)]
    with multiprocessing.get_context(start).Pool(2) as pool:
        answers = pool.starmap_async(rows, [("scalar", message) for message in messages]).get(
            PATIENCE
        )
    assert answers == [kinds.expected("scalar", amount) for amount in range(20)]
