"""Exceptions that cross from an executor to its client, as data and never as pickles."""

from __future__ import annotations

import json
import sys
import traceback
from itertools import pairwise
from types import ModuleType
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
    is_plain = len(args) <= _DEEPEST and all(
        type(arg) in _PLAIN and len(str(arg)) <= _LONGEST for arg in args
    )
    trace = "".join(traceback.format_tb(exception.__traceback__)).splitlines()[-_LINES:]
    return {
        "module": kind.__module__,
        "name": kind.__qualname__,
        "text": _text(exception)[:_LONGEST],
        "args": list(args) if is_plain else None,
        "notes": [str(note)[:_LONGEST] for note in getattr(exception, "__notes__", [])[:_DEEPEST]],
        "trace": [line[:_LONGEST] for line in trace],
    }


def _text(exception: BaseException) -> str:
    try:
        return str(exception)
    except Exception:
        return "its text cannot be had"


def unpack(packed: bytes, place: str) -> BaseException | None:
    """Make the exceptions that were described in `place`, without running code of their classes.

    A class is one that this process has imported already. Where it has not, or where the class
    makes no exception of the arguments, the exception is a `RuntimeError` that names the class.
    """
    try:
        described = json.loads(packed)
        made = [_make(one, place) for one in described[:_DEEPEST]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    for exception, cause in pairwise(made):
        _set(exception, "__cause__", cause)
    return made[0] if made else None


def _make(described: dict[str, Any], place: str) -> Exception:
    text, args = str(described["text"]), described["args"]
    values = tuple(_plain(arg) for arg in args) if isinstance(args, list) else (_plain(text),)
    kind = _imported(str(described["module"]), str(described["name"]))
    exception = None if kind is None else _bare(kind, values)
    if exception is None:
        exception = RuntimeError(_plain(f"{described['module']}.{described['name']}: {text}"))
    notes = [_plain(str(note)) for note in described["notes"][:_DEEPEST]]
    lines = [_plain(str(line)) for line in described["trace"][:_LINES]]
    trace = "\n".join([f"raised in {_plain(place)}:", *map(str, lines)])
    # By hand, because Python 3.10 keeps notes without having a method for them.
    _set(exception, "__notes__", [*notes, trace])
    return exception


def _bare(kind: type[Exception], values: tuple[object, ...]) -> Exception | None:
    """Make an exception without the constructor of its class, which is code that would run."""
    base: Any = next(base for base in type.mro(kind) if base.__module__ == "builtins")
    try:
        exception = base.__new__(kind, *values)
        BaseException.__dict__["args"].__set__(exception, values)
    except TypeError:
        return None
    # Some of Python's own say nothing of themselves before they are constructed.
    if kind is base and values and not str(exception):
        return None
    made: Exception = exception
    return made


def _set(exception: BaseException, name: str, value: object) -> None:
    """Set an attribute past what the class of the exception does about it."""
    object.__setattr__(exception, name, value)


def _plain(arg: object) -> object:
    if isinstance(arg, str):
        # An exception's own text has quotes, and is no part of a line of ours.
        return escaped(arg[:_LONGEST], keep="'\\")
    return arg if isinstance(arg, _PLAIN) else str(arg)


def _imported(module: str, name: str) -> type[Exception] | None:
    found: object = sys.modules.get(module)
    for part in name.split("."):
        # Of a real module or class, so that no code of another object answers.
        if type(found) is not ModuleType and not isinstance(found, type):
            return None
        found = object.__getattribute__(found, "__dict__").get(part)
    return found if isinstance(found, type) and issubclass(found, Exception) else None
