"""F8: A process that ends while threads decode aborts or hangs."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import functions
from scenario import Seen, load, run

RUNS = 15
PATIENCE = 20
THREADS = 4
# An argument that no package is called.
EXITING = "exiting"


def main_thread_ends(package: Any) -> Seen:
    """Ends processes, a few at a time."""
    with ThreadPoolExecutor(3) as pool:
        ends = Counter(pool.map(lambda _: end_of_one(package.__name__), range(RUNS)))
    told = ", ".join(f"{times} {end}" for end, times in ends.most_common())
    return Seen(ends == {"clean": RUNS}, f"of {RUNS} runs {told}")


def end_of_one(package: str) -> str:
    """How one process ended."""
    command = [sys.executable, "-m", "scenarios.errors.f08_exit", EXITING, package]
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(command, stdout=quiet, stderr=quiet, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return "hung"
    return {0: "clean", -6: "aborted"}.get(done.returncode, f"ended with {done.returncode}")


def end_while_threads_decode(package: Any) -> None:
    """Is the process that ends."""
    encoded = functions.call(package, "scalar").to_bytes()
    running = threading.Semaphore(0)

    def decode_for_ever() -> None:
        while True:
            functions.rows(package, "scalar", package.Expr.from_bytes(encoded))
            running.release()

    for _ in range(THREADS):
        threading.Thread(target=decode_for_ever, daemon=True).start()
    for _ in range(3 * THREADS):
        running.acquire()


if __name__ == "__main__":
    if sys.argv[1] == EXITING:
        end_while_threads_decode(load(sys.argv[2]))
    else:
        run(main_thread_ends)
