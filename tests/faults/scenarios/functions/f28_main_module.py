"""F28: A function that calls a cached helper of the main program fails at the worker."""

from __future__ import annotations

import functools
from typing import Any

import pyarrow as pa

import worker
from scenario import Seen, run

# A worker whose main program has something else of that name.
NAMESAKE = "def tenfold(x): return -x\n" + worker.PROGRAM


@functools.cache
def tenfold(x: int) -> int:
    """A helper that remembers."""
    return x * 10


@functools.singledispatch
def dispatched(x: object) -> int:
    """A helper for each type."""
    return -1


@dispatched.register
def _(x: int) -> int:
    return x * 10


def cached_helper(package: Any) -> Seen:
    """Sends a function around a cached one."""
    return of(package, lambda values: pa.array([tenfold(value) for value in values.to_pylist()]))


def namesake(package: Any) -> Seen:
    """Sends it to a worker that has another of that name."""

    def call(values: pa.Array) -> pa.Array:
        return pa.array([tenfold(value) for value in values.to_pylist()])

    return of(package, call, NAMESAKE)


def dispatching_helper(package: Any) -> Seen:
    """Sends a function around one that goes by types."""
    return of(package, lambda values: pa.array([dispatched(value) for value in values.to_pylist()]))


def partial_of_a_cached_helper(package: Any) -> Seen:
    """Sends a function around a partial of a cached one."""
    bound = functools.partial(tenfold)
    return of(package, lambda values: pa.array([bound(value) for value in values.to_pylist()]))


def of(package: Any, function: Any, program: str = worker.PROGRAM) -> Seen:
    """The rows of a function at a worker."""
    made = package.udf(function, [pa.int64()], pa.int64(), "immutable", "f")
    return worker.runs(package, made(package.col("a")), [1, 2], [10, 20], program)


if __name__ == "__main__":
    run(cached_helper, namesake, dispatching_helper, partial_of_a_cached_helper)
