"""F2: Two functions of one name run as one."""

from __future__ import annotations

from typing import Any

import functions
from scenario import Seen, broken, run


def compare(package: Any, kind: str, wanted: list[list[int]]) -> Seen:
    """Runs two functions that add 10 and 20, side by side and in one sum."""
    ten, twenty = (functions.call(package, kind, amount) for amount in (10, 20))
    try:
        rows = functions.rows(package, kind, ten, twenty)
        rows += functions.rows(package, kind, ten + twenty)
    except Exception as error:
        return broken(f"{type(error).__name__} instead of rows")
    return Seen(rows == wanted, "right rows" if rows == wanted else f"{rows}, not {wanted}")


def scalar(package: Any) -> Seen:
    """Scalar functions."""
    return compare(package, "scalar", [[11, 12], [21, 22], [32, 34]])


def aggregate(package: Any) -> Seen:
    """Aggregate functions."""
    return compare(package, "aggregate", [[13], [23], [36]])


def window(package: Any) -> Seen:
    """Window functions."""
    return compare(package, "window", [[11, 13], [21, 23], [32, 36]])


if __name__ == "__main__":
    run(scalar, aggregate, window)
