"""DataFusion's functions as methods of the expression that is their first argument."""

from __future__ import annotations

from difflib import get_close_matches
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from planwire import _internal, functions
from planwire._functions import signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What a function is about is not its first argument, so that as a method it would mislead.
_SUBJECT_IS_NOT_FIRST = {
    "array_prepend",
    "array_push_front",
    "concat_ws",
    "date_bin",
    "date_part",
    "date_trunc",
    "datepart",
    "datetrunc",
    "list_prepend",
    "list_push_front",
    "log",
    "named_struct",
    "ntile",
}


class Method:
    """A placeholder that makes its method when it is first read."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, expr: Any, owner: type) -> Any:
        """Make the method, and replace this placeholder by it."""
        made = method(self.name)
        setattr(owner, self.name, made)
        return made if expr is None else made.__get__(expr, owner)


def method(name: str) -> Callable[..., Any]:
    """Make the method of a function."""
    function = getattr(functions, name)

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    first, *others = signature(function).parameters.values()
    this = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
    rest = [first, *others] if first.kind is Parameter.VAR_POSITIONAL else others
    call.__signature__ = signature(function).replace(parameters=[this, *rest])  # type: ignore[attr-defined]
    call.__name__, call.__qualname__ = name, f"Expr.{name}"
    call.__module__, call.__doc__ = "planwire", function.__doc__
    return call


def names() -> Iterator[str]:
    """Yield the names of the functions that are methods."""
    for name in _internal.builtin_names():
        doc = _internal.builtin_doc(name)
        taken = name in _SUBJECT_IS_NOT_FIRST or isinstance(
            getattr(_internal.Expr, name, None), type(_internal.Expr.cast)
        )
        if doc is not None and not taken and signatures.arguments(signatures.of(name, doc)):
            yield name


def install() -> None:
    """Give expressions their methods."""
    for name in list(names()):
        setattr(_internal.Expr, name, Method(name))


def missing(name: str) -> AttributeError:
    """Return the error for an attribute that expressions do not have."""
    similar = get_close_matches(name, dir(_internal.Expr))
    hint = f", similar names are {', '.join(similar)}" if similar else ""
    return AttributeError(f"an expression has no attribute {name!r}{hint}")
