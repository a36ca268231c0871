"""A pool whose workers are killed while they decode, again and again, and goes on.

python -m support.programs.killing 50
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from multiprocessing.synchronize import Semaphore

import planwire

from support import kinds

PATIENCE = 30
_decoding: Semaphore


def begin(decoding: Semaphore) -> None:
    """Gives a worker the semaphore by which it says that it decodes."""
    global _decoding  # noqa: PLW0603
    _decoding = decoding


def decode_for_ever(messages: list[bytes]) -> None:
    """Decodes until it is killed, and says so once it does."""
    for turn in iter(int, 1):
        planwire.Expr.from_bytes(messages[turn % len(messages)])
        _decoding.release()


def decode_once(kind: str, message: bytes) -> list[int]:
    """Decodes one message and gives its rows; with them comes the worker's own number."""
    return [os.getpid(), *kinds.rows(kind, planwire.Expr.from_bytes(message))]


def main(kills: int) -> None:
    """Kills a worker that decodes, and asks the pool for the rows of each kind, `kills` times."""
    context = multiprocessing.get_context("fork")
    decoding = context.Semaphore(0)
    messages = [kinds.call(kinds.make(kind)).to_bytes() for kind in kinds.KINDS]
    killed = set()
    with context.Pool(2, initializer=begin, initargs=(decoding,)) as pool:
        for _ in range(kills):
            before = {process.pid or 0 for process in multiprocessing.active_children()}
            pool.apply_async(decode_for_ever, (messages,))
            assert decoding.acquire(timeout=PATIENCE)
            # The other worker is the one that answers, so the silent one is the one to kill.
            answered = pool.apply_async(decode_once, ("scalar", messages[0])).get(PATIENCE)[0]
            (silent,) = before - {answered}
            os.kill(silent, signal.SIGKILL)
            killed.add(silent)
            for kind, message in zip(kinds.KINDS, messages, strict=True):
                worker, *rows = pool.apply_async(decode_once, (kind, message)).get(PATIENCE)
                assert worker != silent
                assert rows == kinds.expected(kind)
            while decoding.acquire(block=False):
                pass
            while len({p.pid for p in multiprocessing.active_children()} - killed) < 2:
                pass
        pool.terminate()
    print(f"{len(killed)} workers killed, the pool went on")


if __name__ == "__main__":
    main(int(sys.argv[1]))
