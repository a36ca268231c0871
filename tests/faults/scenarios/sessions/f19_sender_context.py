"""F19: The sender context is passed over by `to_bytes`, and breaks copying."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import functions
from scenario import Seen, broken, kept, run, told


def under_strict_sender(package: Any) -> Any:
    """A call, under a sender context in which functions leave by name."""
    expr = functions.call(package, "scalar")
    package.ipc.set_sender_ctx(functions.strict(package))
    return expr


def to_bytes(package: Any) -> Seen:
    """Encodes without naming a session."""
    encoded = under_strict_sender(package).to_bytes()
    return broken("left inline") if b"DFPYUDF" in encoded else kept("left by name")


def copied(package: Any, copying: Callable[[Any], Any]) -> Seen:
    """Copies, and runs the copy."""
    expr = under_strict_sender(package)
    try:
        again = copying(expr)
    except Exception as error:
        return broken(told(error))
    rows = functions.rows(package, "scalar", again)
    return kept("runs") if rows == [[11, 12]] else broken(f"{rows[0]}, not [11, 12]")


def copy_copy(package: Any) -> Seen:
    """Copies an expression."""
    return copied(package, copy.copy)


def copy_deepcopy(package: Any) -> Seen:
    """Copies it deeply."""
    return copied(package, copy.deepcopy)


if __name__ == "__main__":
    run(to_bytes, copy_copy, copy_deepcopy)
