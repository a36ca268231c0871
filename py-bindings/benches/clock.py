"""How long calls take, and how much memory."""

from __future__ import annotations

import gc
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BATCHES = 7
SECONDS = 0.05  # of a batch
PATIENCE = 2.0  # seconds for all batches, unless the first ones take longer


def seconds_of(call: Callable[[], object], count: int) -> float:
    """Calls many times."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return time.perf_counter() - start


def calls_in(seconds: float, call: Callable[[], object]) -> int:
    """How many calls take so long; finding out warms up."""
    count = 1
    while (taken := seconds_of(call, count)) < seconds:
        count = math.ceil(count * min(10.0, max(1.5, seconds / taken)))
    return count


def fastest(*calls: Callable[[], object], scale: float) -> list[float]:
    """Microseconds of each call: the mean of its fastest batch. The calls take turns."""
    counts = [calls_in(SECONDS * scale, call) for call in calls]
    best = [math.inf] * len(calls)
    start = time.perf_counter()
    for _ in range(BATCHES):
        for at, (call, count) in enumerate(zip(calls, counts, strict=True)):
            best[at] = min(best[at], seconds_of(call, count) / count * 1e6)
        if time.perf_counter() - start > PATIENCE:
            break
    return best


def fastest_of_each(call: Callable[[bytes], object], messages: Sequence[bytes]) -> float:
    """Microseconds of a call that gets each message once: the mean of its fastest batch."""
    size = len(messages) // (BATCHES + 1)
    batches = [messages[start : start + size] for start in range(0, size * (BATCHES + 1), size)]
    best = math.inf
    for batch in batches:
        start = time.perf_counter()
        for message in batch:
            call(message)
        best = min(best, time.perf_counter() - start)
    return best / size * 1e6


class Watch:
    """The time and the peak of memory since it was made, in this process. Linux only."""

    def __init__(self) -> None:
        gc.collect()
        # Sets the peak to what is in use now.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        self._before = resident("VmRSS")
        self._start = time.perf_counter()

    def seconds(self) -> float:
        """The time until now."""
        return time.perf_counter() - self._start

    def peak(self) -> int:
        """The bytes that were in use at most, over those before."""
        return resident("VmHWM") - self._before


def resident(which: str) -> int:
    """Bytes of this process in memory: `VmRSS` now, `VmHWM` at the peak."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{which}:"):
            return int(line.split()[1]) * 1024
    message = f"this system does not tell {which}"
    raise OSError(message)
