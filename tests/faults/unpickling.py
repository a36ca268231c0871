"""The interpreter's own audit events as the witness of an unpickled function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from scenario import Seen, broken, kept

_events: list[str] = []
# A function's pickle names what to rebuild it with, and nothing else here unpickles.
sys.addaudithook(lambda event, _: _events.append(event) if event == "pickle.find_class" else None)


def refuses(decode: Callable[[], Any]) -> Seen:
    """Whether something is refused without unpickling anything."""
    del _events[:]
    try:
        decode()
    except Exception as error:
        if not _events:
            return kept("refused, nothing unpickled")
        return broken(f"unpickled, then {type(error).__name__}")
    return broken("unpickled") if _events else broken("decoded")
