"""Times of short calls, as ratios of the best of many rounds, which a busy machine hardly moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

ROUNDS = 25


def best(call: Callable[[], Any], times: int) -> float:
    """Microseconds that one call takes."""
    call()
    return min(_round(call, times) for _ in range(ROUNDS)) / times * 1e6


def _round(call: Callable[[], Any], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        call()
    return time.perf_counter() - start
