"""Functions that define something at once, or later as decorators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from inspect import signature
from typing import TYPE_CHECKING, Any

from planwire._udf.accumulator import Accumulator, GroupedAccumulator
from planwire._udf.definition import read_or
from planwire._udf.evaluator import WindowEvaluator

if TYPE_CHECKING:
    from collections.abc import Callable


def define_or_decorate(
    define: Callable[..., Any], first: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Define at once if the function is among the arguments, else when it is decorated."""
    _refuse_instance(kwargs.get(first, args[0] if args else None))
    given = first in kwargs or (args and callable(args[0]) and not _is_class(define, args))
    decorated = () if given else (None,)
    # Bound first, so that a missing argument is reported where it is missing, and as one of ours.
    signature(define).bind(*decorated, *args, **kwargs)
    if given:
        return define(*args, **kwargs)
    if args and not _is_declaration(args[0]):
        raise TypeError(f"{args[0]!r} is neither callable nor a type")

    def decorate(function: Any) -> Any:
        return define(function, *args, **kwargs)

    return decorate


def _is_declaration(first: Any) -> bool:
    """Tell the types of arguments from a function that cannot be called."""
    return isinstance(first, (str, Sequence, type)) or hasattr(first, "__arrow_c_schema__")


def _is_class(define: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    """Tell a Python class that stands for a type, in a decorator, from a function."""
    classes = (bool, int, float, str, bytes, date, datetime)
    declared = list(signature(define).parameters).index("name") - 1
    return any(args[0] is known for known in classes) and len(args) <= declared


def _refuse_instance(first: Any) -> None:
    """Refuse one accumulator or evaluator, which would be shared by all groups."""
    is_state = isinstance(first, (Accumulator, GroupedAccumulator, WindowEvaluator))
    if is_state and not callable(first):
        name = type(first).__name__
        raise TypeError(f"{name}() is one object for all groups: give the class itself, {name}")


def is_foreign(function: Any, getter: str) -> bool:
    """Tell a function of another library, or the capsule of one, from a callable of Python's."""
    if isinstance(function, type):
        return False
    return hasattr(function, getter) or type(function).__name__ == "PyCapsule"


def plan_name_of(function: Any) -> str:
    name = read_or(function, "__qualname__", None)
    return (name if isinstance(name, str) else type(function).__qualname__).lower()


def made_by(factory: Any, *bases: type) -> object:
    """Return the object that a factory makes, if it is one of `bases`."""
    named = bases[0].__name__
    wanted = f"{'an' if named.startswith('A') else 'a'} {named}"
    if isinstance(factory, type) and not issubclass(factory, bases):
        raise TypeError(f"{factory.__name__} is not {wanted}")
    made = factory()
    if not isinstance(made, bases):
        raise TypeError(f"{factory!r} makes {made!r}, which is not {wanted}")
    return made
