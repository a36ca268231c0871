"""F31: The sessions of a process do not reach the threads in which pools pickle and unpickle."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import functions
from scenario import Seen, broken, kept, run
from unpickling import refuses

T = TypeVar("T")


def in_a_thread(work: Callable[[], T]) -> T:
    """Works in a thread that was started by itself, as those of pools are."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def strict_worker(package: Any) -> Seen:
    """Decodes in a thread of a process whose worker session takes no code."""
    message = functions.call(package, "scalar").to_bytes()
    package.ipc.set_worker_ctx(functions.strict(package))
    return in_a_thread(lambda: refuses(lambda: package.Expr.from_bytes(message)))


def strict_sender(package: Any) -> Seen:
    """Pickles in a thread of a process whose sender session sends names."""
    expr = functions.call(package, "scalar")
    package.ipc.set_sender_ctx(functions.strict(package))
    message = in_a_thread(lambda: pickle.dumps(expr))
    return broken("left inline") if b"DFPYUDF" in message else kept("left by name")


if __name__ == "__main__":
    run(strict_worker, strict_sender)
