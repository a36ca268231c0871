"""A process that ends while its daemon threads decode and evaluate."""

from __future__ import annotations

import os
import sys
import threading

import planwire

from support import kinds

THREADS_PER_KIND = 2


def decode_for_ever(kind: str, message: bytes, running: threading.Semaphore) -> None:
    """Decodes and evaluates until the process ends."""
    while True:
        kinds.rows(kind, planwire.Expr.from_bytes(message))
        running.release()


def fail(failed: threading.ExceptHookArgs) -> None:
    """Ends the process at once with what a thread raised, rather than wait for it forever."""
    sys.__excepthook__(failed.exc_type, failed.exc_value or failed.exc_type(), failed.exc_traceback)
    os._exit(1)


def main() -> None:
    """Ends once every kind has been evaluated a few times."""
    threading.excepthook = fail
    running = threading.Semaphore(0)
    for kind in kinds.KINDS * THREADS_PER_KIND:
        message = kinds.call(kinds.make(kind)).to_bytes()
        arguments = (kind, message, running)
        threading.Thread(target=decode_for_ever, args=arguments, daemon=True).start()
    for _ in range(20):
        running.acquire()


if __name__ == "__main__":
    main()
