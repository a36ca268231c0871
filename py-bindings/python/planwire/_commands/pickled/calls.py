"""The calls in pickles that are followed: those that make bytes of what the pickle holds."""

from __future__ import annotations

import binascii
import sys
import zlib
from typing import TYPE_CHECKING, Any

from planwire._commands.pickled.values import Bound, Named, Untold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planwire._commands.pickled.budget import Budget

_ENCODINGS = frozenset(
    {"latin1", "latin-1", "iso-8859-1", "ascii", "us-ascii", "utf8", "utf-8", "raw-unicode-escape"}
)
# What an item of a list is counted as, in bytes.
_ITEM = 16

_HANDLERS = frozenset({"strict", "surrogateescape", "surrogatepass"})


def is_own(named: Named) -> bool:
    """Tell whether it is a class that planwire defines, or what such a class itself has.

    Other names can be reached through planwire's modules too, such as the modules that they import.
    """
    if named.module is None or named.module.split(".")[0] != "planwire":
        return False
    head, _, tail = named.name.partition(".")
    defined = vars(sys.modules[named.module]).get(head) if named.module in sys.modules else None
    if not isinstance(defined, type) or defined.__module__.split(".")[0] != "planwire":
        return False
    return not tail or tail in vars(defined)


def follow(called: object, arguments: Sequence[Any], budget: Budget) -> object:
    """Return what a call gives, or `Untold.MADE`."""
    if isinstance(called, Bound):
        arguments = [called.value, *arguments]
        called = called.unbound()
    if isinstance(called, Named) and is_own(called):
        return Untold.OWN
    followed = _FOLLOWED.get(str(called).replace("builtins.bytearray.", "builtins.bytes."))
    if followed is None or not _spend(arguments, budget):
        return Untold.MADE
    try:
        made = followed(*arguments)
    # A call with other arguments than it takes ends the loading too.
    except (TypeError, ValueError, AttributeError, zlib.error, MemoryError):
        return Untold.MADE
    fits = not isinstance(made, (bytes, bytearray, str)) or budget.spend(len(made))
    return made if fits else Untold.MADE


def _spend(arguments: Sequence[Any], budget: Budget) -> bool:
    """Spend what a call goes through, before going through it."""
    for argument in arguments:
        if isinstance(argument, (bytes, bytearray, str)):
            paid = budget.spend(len(argument))
        elif isinstance(argument, (list, tuple)):
            paid = budget.spend(_ITEM * len(argument)) and budget.spend(
                sum(len(item) for item in argument if isinstance(item, (bytes, bytearray, str)))
            )
        else:
            paid = budget.spend(1)
        if not paid:
            return False
    return True


def _encode(text: str, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    if encoding.lower().replace("_", "-") not in _ENCODINGS or errors not in _HANDLERS:
        raise ValueError(encoding)
    return str.encode(text, encoding, errors)


def _bytes(value: Any = b"", *encoding: str) -> bytes:
    if isinstance(value, str):
        return _encode(value, *encoding)
    # Not of a number, which is a length.
    if encoding or isinstance(value, int):
        raise TypeError
    return bytes(value)


def _bytearray(*arguments: Any) -> bytearray:
    return bytearray(_bytes(*arguments))


def _getattr(value: object, name: str) -> object:
    if isinstance(value, Named):
        return Named.of(value.module or "", f"{value.name}.{name}")
    if isinstance(value, (bytes, bytearray, str)):
        return Bound(value, name)
    raise TypeError


def _add(left: Any, right: Any) -> bytes | bytearray | str:
    if not isinstance(left, (bytes, bytearray, str)):
        raise TypeError
    made: bytes | bytearray | str = left + right
    return made


def _join(separator: bytes | bytearray | str, parts: Sequence[Any]) -> bytes | bytearray | str:
    if not isinstance(parts, (list, tuple)) or len(separator) * len(parts) > _LARGEST:
        raise TypeError
    joined: bytes | bytearray | str = separator.join(parts)
    return joined


def _decode(value: bytes, encoding: str = "utf-8", errors: str = "strict") -> str:
    if encoding.lower().replace("_", "-") not in _ENCODINGS or errors not in _HANDLERS:
        raise ValueError(encoding)
    return bytes(value).decode(encoding, errors)


def _decompress(value: bytes) -> bytes:
    stream = zlib.decompressobj()
    made = stream.decompress(value, _LARGEST)
    if not stream.eof:
        raise MemoryError
    return made


def _as_bytes(value: object) -> bytes:
    if not isinstance(value, (bytes, bytearray)):
        raise TypeError
    return bytes(value)


_LARGEST = 64 * 2**20

_FOLLOWED: dict[str, Callable[..., object]] = {
    "_codecs.encode": _encode,
    "codecs.encode": _encode,
    "builtins.str.encode": _encode,
    "_codecs.decode": _decode,
    "codecs.decode": _decode,
    "builtins.bytes.decode": _decode,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytearray,
    "builtins.memoryview": _as_bytes,
    "builtins.getattr": _getattr,
    "builtins.bytes.join": _join,
    "builtins.str.join": _join,
    "builtins.bytes.fromhex": bytes.fromhex,
    "builtins.bytes.__add__": _add,
    "builtins.str.__add__": _add,
    **dict.fromkeys(
        [
            f"{module}.{name}"
            for module in ("operator", "_operator")
            for name in ("add", "concat", "iadd", "iconcat")
        ],
        _add,
    ),
    "binascii.unhexlify": binascii.unhexlify,
    "binascii.a2b_hex": binascii.unhexlify,
    "binascii.a2b_base64": binascii.a2b_base64,
    "base64.b64decode": binascii.a2b_base64,
    "base64.decodebytes": binascii.a2b_base64,
    "zlib.decompress": _decompress,
}
