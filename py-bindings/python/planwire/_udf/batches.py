"""Batches: a scalar function that takes a limited number of rows in one call."""

from __future__ import annotations

from functools import wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

# The attribute that has the size; the Rust side reads it.
SIZE = "__planwire_batch_size__"


def in_batches(function: Callable[..., Any], size: int) -> Callable[..., Any]:
    """Return a function that hands `function` at most `size` rows at a time.

    Planwire reads the size and makes the batches itself, so that each result is converted to the
    declared type. Other receivers call the function with all rows, and need no more than pyarrow
    for it: it is pickled by value, with what it wraps.

    Raises:
        TypeError: `function` is not callable.
        ValueError: `size` is less than one.
    """
    if not callable(function):
        raise TypeError(f"{function!r} is not callable")
    if size < 1:
        raise ValueError(f"batch_size is {size}, and has to be at least 1")

    @wraps(function)
    def batched(*columns: Any) -> Any:
        rows = len(columns[0]) if columns else 0
        if rows <= size:
            return function(*columns)
        parts: list[Any] = []
        for start in range(0, rows, size):
            batch = [column.slice(start, size) for column in columns]
            part = function(*batch)
            if not isinstance(part, (pa.Array, pa.ChunkedArray)):
                part = pa.array(part)
            if len(part) != len(batch[0]):
                raise ValueError(f"it returned {len(part)} values for {len(batch[0])} rows")
            parts.extend(part.chunks if isinstance(part, pa.ChunkedArray) else [part])
        return pa.concat_arrays(parts)

    batched.__dict__[SIZE] = size
    return batched


def unbatched(function: Any) -> Any:
    """Return the function that `in_batches` was given."""
    if isinstance(function, FunctionType) and SIZE in function.__dict__:
        return function.__dict__["__wrapped__"]
    return function
