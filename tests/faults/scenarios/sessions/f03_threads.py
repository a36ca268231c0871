"""F3: Strictness holds in one thread only."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import functions
import unpickling
from scenario import Seen, broken, run


def decoding(package: Any) -> Callable[[], Seen]:
    """Makes the process strict, as far as the package can, and returns what decodes in it."""
    message = functions.call(package, "scalar").to_bytes()
    if hasattr(package.ipc, "set_process_floor"):
        package.ipc.set_process_floor("refuse")
    else:
        package.ipc.set_worker_ctx(functions.strict(package))
    return lambda: unpickling.refuses(lambda: package.Expr.from_bytes(message))


def main_thread(package: Any) -> Seen:
    """Decodes where strictness was set."""
    return decoding(package)()


def to_thread(package: Any) -> Seen:
    """Decodes in another thread of a task."""
    return asyncio.run(asyncio.to_thread(decoding(package)))


def thread_pool(package: Any) -> Seen:
    """Decodes in a thread of a pool."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(decoding(package)).result()


def thread(package: Any) -> Seen:
    """Decodes in a thread started by hand."""
    decode = decoding(package)
    seen: list[Seen] = []
    started = threading.Thread(target=lambda: seen.append(decode()))
    started.start()
    started.join()
    return seen[0]


def thread_of_a_forked_child(package: Any) -> Seen:
    """Decodes in a thread of a forked process."""
    decode = decoding(package)
    reader, writer = os.pipe()
    if os.fork() == 0:
        try:
            with ThreadPoolExecutor(1) as pool:
                seen = pool.submit(decode).result()
            os.write(writer, f"{int(seen.kept)}{seen.text}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        text = answer.read()
    return Seen(text[0] == "1", text[1:]) if text else broken("the child ended")


if __name__ == "__main__":
    run(main_thread, to_thread, thread_pool, thread, thread_of_a_forked_child)
