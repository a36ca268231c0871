"""Load: turns taken over and over by threads, a pool, tasks and threads of tasks, all at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from planwire import SessionContext, ipc

# The ways in which a worker takes its turns.
WAYS = 4


@dataclass
class Worker:
    """One who takes turns, under the contexts of its own."""

    turn: Callable[[], bool]
    """Says whether there is to be another one."""
    sender: SessionContext | None = None
    worker: SessionContext | None = None

    @contextmanager
    def contexts(self) -> Iterator[None]:
        """Sets the contexts where the turns are taken."""
        with ExitStack() as stack:
            if self.sender:
                stack.enter_context(ipc.sender_ctx(self.sender))
            if self.worker:
                stack.enter_context(ipc.worker_ctx(self.worker))
            yield


@contextmanager
def load(workers: list[Worker]) -> Iterator[threading.Event]:
    """Has workers take turns beside the block, each in another way than the one before.

    The block gets an event that is set once a worker has failed. After the block, all are waited
    for, and the first failure is raised.
    """
    failed = threading.Event()
    failures: list[BaseException] = []

    def noted(run: Callable[[], None]) -> None:
        try:
            run()
        except BaseException as failure:
            failures.append(failure)
            failed.set()

    def here(worker: Worker) -> None:
        with worker.contexts():
            while worker.turn() and not failed.is_set():
                pass

    async def task(worker: Worker) -> None:
        with worker.contexts():
            while worker.turn() and not failed.is_set():
                # The other tasks have their turns.
                await asyncio.sleep(0)

    async def elsewhere(worker: Worker) -> None:
        with worker.contexts():
            while await asyncio.to_thread(worker.turn) and not failed.is_set():
                pass

    async def tasks() -> None:
        running = [task(worker) for worker in workers[2::WAYS]]
        await asyncio.gather(*running, *(elsewhere(worker) for worker in workers[3::WAYS]))

    runs: list[Callable[[], None]] = [partial(here, worker) for worker in workers[0::WAYS]]
    runs.append(lambda: asyncio.run(tasks()))
    threads = [threading.Thread(target=noted, args=(run,), daemon=True) for run in runs]
    with ThreadPoolExecutor(len(workers)) as pool:
        for thread in threads:
            thread.start()
        for worker in workers[1::WAYS]:
            pool.submit(noted, partial(here, worker))
        try:
            yield failed
        except BaseException:
            failed.set()
            raise
        finally:
            for thread in threads:
                thread.join()
    if failures:
        raise failures[0]
