"""F10: Errors have no class, no code and no cause of their own."""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable
from typing import Any

import functions
import message
from scenario import Seen, broken, run, told


class Raises:
    """A payload that divides by zero where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[int, int]]:
        return operator.floordiv, (1, 0)


def decode(package: Any, edit: Callable[[bytes], bytes]) -> Exception | None:
    """What decoding a call with a changed frame raises."""
    try:
        package.Expr.from_bytes(message.change(functions.call(package, "scalar").to_bytes(), edit))
    except Exception as error:
        return error
    return None


def mismatch(error: Exception | None) -> Seen:
    """A mismatch of versions is a `ValueError`, as documented, and has a code."""
    if error is None:
        return broken("decoded")
    code = getattr(error, "code", None)
    classes = [base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins"]
    is_value_error = isinstance(error, ValueError)
    name = type(error).__name__
    text = f"{name}, {'a' if is_value_error else 'no'} ValueError, {code or 'no code'}"
    return Seen(is_value_error and code is not None and "RuntimeError" in classes, text)


def frame_version(package: Any) -> Seen:
    """A frame of a version to come."""
    return mismatch(decode(package, message.replaced(message.VERSION, 9)))


def python_version(package: Any) -> Seen:
    """A frame of another Python."""
    return mismatch(decode(package, message.replaced(message.MINOR, 1)))


def cause_in_a_payload(package: Any) -> Seen:
    """A payload that raises."""
    error = decode(package, lambda frame: frame[: message.MINOR + 1] + pickle.dumps(Raises()))
    if error is None:
        return broken("decoded")
    return Seen(isinstance(error.__cause__, ZeroDivisionError), told(error))


def cause_in_a_query(package: Any) -> Seen:
    """A function that raises."""

    def fail(_: Any) -> Any:
        raise ZeroDivisionError

    function = package.udf(fail, [functions.NUMBER], functions.NUMBER, "immutable", "fail")
    try:
        functions.rows(package, "scalar", function(package.col("a")))
    except Exception as error:
        return Seen(isinstance(error.__cause__, ZeroDivisionError), told(error))
    return broken("ran")


if __name__ == "__main__":
    run(frame_version, python_version, cause_in_a_payload, cause_in_a_query)
