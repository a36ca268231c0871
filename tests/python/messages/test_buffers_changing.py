"""Buffers that change while they are pickled, or have another order than their memory."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import planwire
import pytest
from planwire import Expr

from support.kinds import answer, gives, numbers

pytestmark = pytest.mark.inline


class Growing:
    """Adds to bytes that are pickled before it."""

    def __init__(self, log: bytearray) -> None:
        self.log = log

    def __getstate__(self) -> dict[str, bytearray]:
        self.log += b"flushed"
        return {}


class InFortranOrder:
    """Hands out a buffer whose rows are not one behind the other."""

    def __init__(self, held: np.ndarray[Any, Any]) -> None:
        self.held = held

    def __reduce__(self) -> tuple[Any, ...]:
        return np.frombuffer, (pickle.PickleBuffer(memoryview(self.held)), np.int64)  # type: ignore[arg-type]


def test_bytes_that_grow_while_they_are_pickled_arrive_as_they_were() -> None:
    for frames_ in ("v1", "native"):
        ctx = planwire.SessionContext().with_frames("python", frames_)
        log = bytearray(b"x" * 100_000)
        held = (log, Growing(log))
        message = gives(lambda held=held: len(held[0])).to_bytes(ctx)  # type: ignore[misc]
        assert answer(Expr.from_bytes(message)) in (100_000, 100_007)


def test_a_buffer_travels_in_the_order_of_its_memory() -> None:
    array = np.asfortranarray(numbers(20_000).reshape(100, 200))
    inside = InFortranOrder(array)
    for frames_ in ("v1", "native"):
        ctx = planwire.SessionContext().with_frames("python", frames_)
        message = gives(lambda: int(inside[1])).to_bytes(ctx)  # type: ignore[index]
        assert answer(Expr.from_bytes(message)) == 200
