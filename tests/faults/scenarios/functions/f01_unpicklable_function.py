"""F1: A function that cannot be pickled leaves by name, without a word."""

from __future__ import annotations

import multiprocessing
import pickle
import threading
from typing import Any

import functions
from scenario import Seen, broken, kept, run, told

PATIENCE = 5


def guarded(package: Any) -> Any:
    """A call of a function that closes over a lock."""
    lock = threading.Lock()

    def guard(numbers: Any) -> Any:
        with lock:
            return numbers

    function = package.udf(guard, [functions.NUMBER], functions.NUMBER, "immutable", "guard")
    return function(package.col("a"))


def raised(error: Exception) -> Seen:
    """The original exception is the cause."""
    return Seen(isinstance(error.__cause__, TypeError), told(error))


def to_bytes(package: Any) -> Seen:
    """Encodes the call."""
    try:
        guarded(package).to_bytes()
    except Exception as error:
        return raised(error)
    return broken("left by name")


def pickle_dumps(package: Any) -> Seen:
    """Pickles the call."""
    try:
        pickle.dumps(guarded(package))
    except Exception as error:
        return raised(error)
    return broken("left by name")


def pool_map(package: Any) -> Seen:
    """Hands the call to a worker process."""
    expr = guarded(package)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        try:
            pool.map_async(repr, [expr]).get(PATIENCE)
        except multiprocessing.TimeoutError:
            return broken(f"no answer in {PATIENCE} s")
        except Exception as error:
            return raised(error)
    return broken("left by name")


def namesake(package: Any) -> Seen:
    """Decodes it where another function has its name."""
    receiver = package.SessionContext()
    receiver.register_udf(functions.make(package, "scalar", 100, "guard"))
    try:
        message = guarded(package).to_bytes()
    except Exception:
        return kept("nothing is sent")
    rows = functions.rows(package, "scalar", package.Expr.from_bytes(message, receiver))
    return broken(f"another function ran: {rows[0]} for [1, 2]")


if __name__ == "__main__":
    run(to_bytes, pickle_dumps, pool_map, namesake)
