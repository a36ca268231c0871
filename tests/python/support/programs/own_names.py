"""A program that pickles functions which use what only it has, in each way that has a name.

    python own_names.py {here,spawned} > message
    python own_names.py refused > what was said

A spawned worker knows the main module by another name, so `spawned` pickles in one.
"""

from __future__ import annotations

import abc
import dataclasses
import enum
import functools
import json
import multiprocessing
import pickle
import sys
import typing
from collections.abc import Callable
from typing import Any

import planwire
import pyarrow as pa

import __main__

NUMBER = pa.int64()


@functools.cache
def cached(number: int) -> int:
    return number * 10


@functools.lru_cache(maxsize=5, typed=True)
def fibonacci(number: int) -> int:
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


@functools.singledispatch
def dispatched(value: object) -> int:
    return 0


@dispatched.register
def _(value: int) -> int:
    return value * 10


@dispatched.register(list)
def _(value: list[Any]) -> int:
    return sum(dispatched(item) for item in value)


def decorator(function: Callable[[int], int]) -> Callable[[int], int]:
    @functools.wraps(function)
    def decorated(number: int) -> int:
        return function(number)

    return decorated


decorated_cache = decorator(cached)
partly = functools.partial(lambda factor, number: number * factor, 10)


class Wrapper:
    def __init__(self, function: Callable[[int], int]) -> None:
        functools.update_wrapper(self, function)
        self.function = function

    def __call__(self, number: int) -> int:
        return self.function(number)


@Wrapper
def wrapped(number: int) -> int:
    return cached(number)


class Size(enum.Enum):
    TEN = 10

    def times(self, number: int) -> int:
        return number * self.value


class Pair(typing.NamedTuple):
    factor: int
    summand: int = 0

    def apply(self, number: int) -> int:
        return self.factor * number + self.summand


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    factor: int

    def apply(self, number: int) -> int:
        return self.factor * number


class Base(abc.ABC):
    @abc.abstractmethod
    def apply(self, number: int) -> int: ...


class Lazy(Base):
    @functools.cached_property
    def factor(self) -> int:
        return 10

    @functools.singledispatchmethod
    def by_type(self, value: object) -> int:
        return 0

    @by_type.register
    def _(self, value: int) -> int:
        return self.factor * value

    def apply(self, number: int) -> int:
        return self.by_type(number)


Amount = typing.NewType("Amount", int)
Parameters = typing.ParamSpec("Parameters")
T = typing.TypeVar("T")


class Generic(typing.Generic[T]):
    def apply(self, number: int) -> Any:
        # Named here, because annotations are texts.
        things: list[Any] = [Amount(number * 10), Parameters]
        return things[0]


class Named:
    """Pickles by its name, as singletons do."""

    def __reduce__(self) -> str:
        return "SINGLETON"


SINGLETON = Named()


def uses_main(number: int) -> int:
    return int(__main__.cached(number))


def imports_main(number: int) -> int:
    import __main__ as program  # noqa: PLC0415

    return int(program.cached(number))


# Each gives ten times a number, or its place in Fibonacci's row.
CARRIED: dict[str, Callable[[int], Any]] = {
    "cached": cached,
    "fibonacci": fibonacci,
    "dispatched": dispatched,
    "dispatched by a list": lambda number: dispatched([number]),
    "decorated cache": decorated_cache,
    "partly": partly,
    "wrapped": wrapped,
    "enum": lambda number: Size(10).times(number),
    "enum member": Size.TEN.times,
    "named tuple": Pair(10).apply,
    "dataclass": Record(10).apply,
    "lazy": Lazy().apply,
    "generic": Generic[int]().apply,
}

REFUSED: dict[str, Callable[[int], Any]] = {
    "singleton": lambda number: number if SINGLETON else 0,
    "main module": uses_main,
    "main imported": imports_main,
}


def pickled(call: Callable[[int], Any]) -> bytes:
    """A query of a function over numbers."""

    def each(numbers: pa.Array) -> pa.Array:
        return pa.array([call(number) for number in numbers.to_pylist()], NUMBER)

    return pickle.dumps(planwire.udf(each, NUMBER, NUMBER, "immutable", "each")(planwire.col("a")))


def carried() -> dict[str, bytes]:
    return {name: pickled(call) for name, call in CARRIED.items()}


def main(where: str) -> None:
    if where == "refused":
        said = {}
        for name, call in REFUSED.items():
            try:
                pickled(call)
            except planwire.errors.EncodeError as error:
                said[name] = str(error)
        print(json.dumps(said))
    elif where == "spawned":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            sys.stdout.buffer.write(pickle.dumps(pool.apply(carried)))
    else:
        sys.stdout.buffer.write(pickle.dumps(carried()))


if __name__ == "__main__":
    main(*sys.argv[1:])
