"""F14: No other Python thread runs while a message is decoded."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import message
from scenario import Seen, run

CALLS = 20_000
# A thread has to give the interpreter away by itself: in no test does anyone wait that long for it.
NEVER = 1_000


def other_thread(package: Any) -> Seen:
    """Decodes calls of built-in functions while another thread counts."""
    calls = [message.call("abs", message.column("a"))] * CALLS
    encoded = message.call("coalesce", *calls)
    counted = 0
    started = threading.Event()

    def count() -> None:
        nonlocal counted
        while True:
            counted += 1
            started.set()
            time.sleep(0)  # lets another thread have the interpreter

    sys.setswitchinterval(NEVER)
    threading.Thread(target=count, daemon=True).start()
    started.wait()
    before = counted
    package.Expr.from_bytes(encoded)
    steps = counted - before
    return Seen(steps > 10, f"another thread took {'many' if steps > 10 else steps} steps")


if __name__ == "__main__":
    run(other_thread)
