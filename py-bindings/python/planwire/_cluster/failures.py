"""Exceptions that cross from an executor to its client, as data and never as pickles."""

from __future__ import annotations

import json
import sys
import traceback
from itertools import pairwise
from typing import Any, Final

from planwire._base.escaped import escaped

# Causes behind each other, characters of a text, and lines of a traceback; what is longer is cut.
_DEEPEST: Final = 8
_LONGEST: Final = 2048
_LINES: Final = 40

_PLAIN = (str, int, float, bool, type(None))


def pack(exception: BaseException | None) -> bytes:
    """Describe an exception and its causes."""
    described: list[dict[str, Any]] = []
    while exception is not None and len(described) < _DEEPEST:
        described.append(_describe(exception))
        exception = exception.__cause__ or (
            None if exception.__suppress_context__ else exception.__context__
        )
    return json.dumps(described).encode()


def _describe(exception: BaseException) -> dict[str, Any]:
    kind = type(exception)
    args = exception.args
    is_plain = all(type(arg) in _PLAIN and len(str(arg)) <= _LONGEST for arg in args)
    return {
        "module": kind.__module__,
        "name": kind.__qualname__,
        "text": _text(exception)[:_LONGEST],
        "args": list(args) if is_plain else None,
        "notes": [str(note)[:_LONGEST] for note in getattr(exception, "__notes__", [])[:_DEEPEST]],
        "trace": "".join(traceback.format_tb(exception.__traceback__)).splitlines()[-_LINES:],
    }


def _text(exception: BaseException) -> str:
    try:
        return str(exception)
    except Exception:
        return "its text cannot be had"


def unpack(packed: bytes, place: str) -> BaseException | None:
    """Make the exceptions that were described in `place`, without running code of their classes.

    A class is one that this process has imported already. Where it has not, the exception is a
    `RuntimeError` that names the class.
    """
    try:
        described = json.loads(packed)
        made = [_make(one, place) for one in described[:_DEEPEST]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    for exception, cause in pairwise(made):
        exception.__cause__ = cause
    return made[0] if made else None


def _make(described: dict[str, Any], place: str) -> Exception:
    kind = _imported(str(described["module"]), str(described["name"]))
    text, args = str(described["text"]), described["args"]
    if kind is None:
        where = f"{described['module']}.{described['name']}"
        exception: Exception = RuntimeError(escaped(f"{where}: {text}", _LONGEST))
    else:
        values = tuple(_plain(arg) for arg in args) if isinstance(args, list) else (_plain(text),)
        # The constructor of the class could ask for other arguments, and would be code that runs.
        base: Any = next(base for base in kind.__mro__ if base.__module__ == "builtins")
        exception = base.__new__(kind, *values)
        exception.args = values
    notes = [escaped(str(note), _LONGEST) for note in described["notes"][:_DEEPEST]]
    lines = [escaped(str(line), _LONGEST) for line in described["trace"][:_LINES]]
    trace = "\n".join([f"raised in {escaped(place, _LONGEST)}:", *lines])
    # By hand, because Python 3.10 keeps notes without having a method for them.
    exception.__dict__["__notes__"] = [*notes, trace]
    return exception


def _plain(arg: object) -> object:
    if isinstance(arg, str):
        return escaped(arg, _LONGEST)
    return arg if isinstance(arg, _PLAIN) else str(arg)


def _imported(module: str, name: str) -> type[Exception] | None:
    found: object = sys.modules.get(module)
    for part in name.split("."):
        # Of a module or a class, so that no other object answers.
        found = vars(found).get(part) if found is not None and hasattr(found, "__dict__") else None
    return found if isinstance(found, type) and issubclass(found, Exception) else None
