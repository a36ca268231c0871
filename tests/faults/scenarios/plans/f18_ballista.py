"""F18: Python functions do not run in Ballista."""

from __future__ import annotations

from typing import Any

from scenario import Seen, broken, run


def executor(_: Any) -> Seen:
    """Would run a function in an executor."""
    return broken("needs Ballista, not run here")


if __name__ == "__main__":
    run(executor)
