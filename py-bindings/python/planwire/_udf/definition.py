"""What a definition of a function says about it: its annotations, and how it is called."""

from __future__ import annotations

import inspect
from functools import partial
from inspect import Parameter, Signature, signature
from types import FunctionType, MethodType, NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from planwire._base.escaped import escaped
from planwire._internal import AggregateUDF, ScalarUDF, WindowUDF
from planwire._udf.batches import unbatched

if TYPE_CHECKING:
    from collections.abc import Callable

_KINDS = {
    inspect.iscoroutinefunction: "an async function, whose rows nobody waits for: run the "
    "coroutine inside of a plain function, e.g. by asyncio.run",
    inspect.isasyncgenfunction: "an async generator: collect what it yields inside of a function",
    inspect.isgeneratorfunction: "a generator: return one array instead of yielding its values",
}

_PLAIN: tuple[type, ...] = (FunctionType, MethodType, partial)
# What is called of an accumulator or evaluator.
_PROTOCOL = (
    "update",
    "merge",
    "state",
    "evaluate",
    "retract_batch",
    "supports_retract_batch",
    "evaluate_all",
    "evaluate_all_with_rank",
    "get_range",
    "memoize",
    "is_causal",
    "uses_window_frame",
    "include_rank",
    "supports_bounded_execution",
)


def refuse_unfinished(function: Any) -> None:
    """Refuse a function that returns something that has yet to run.

    Raises:
        TypeError: It is a coroutine function or a generator function.
    """
    # An instance with such a method is called as the function itself would be.
    for candidate in (function, inspect.getattr_static(type(function), "__call__", None)):
        # Of other objects `inspect` asks attributes, which may be properties that raise.
        if type(candidate) not in _PLAIN:
            continue
        for is_kind, text in _KINDS.items():
            if is_kind(candidate):
                raise TypeError(f"{name_of(function)} is {text}")


def refuse_unfinished_methods(made: object) -> None:
    """Refuse an accumulator or evaluator with a method that has yet to run when it returns.

    Raises:
        TypeError: A method is a coroutine function or a generator function.
    """
    for name in _PROTOCOL:
        method = inspect.getattr_static(type(made), name, None)
        if type(method) not in _PLAIN:
            continue
        for is_kind, text in _KINDS.items():
            if is_kind(method):
                raise TypeError(f"{type(made).__name__}.{name} is {text}")


def annotated_types(function: Callable[..., Any]) -> tuple[list[Any], Any]:
    """Return the types of the arguments and of the result that a function is annotated with.

    Raises:
        TypeError: One has no annotation, or the annotations cannot be evaluated.
    """
    try:
        found = signature(function, eval_str=True)
    except Exception as error:
        raise TypeError(
            f"the annotations of {name_of(function)} cannot be read: give the types of its "
            "arguments and of its result"
        ) from error
    columns, required = [], []
    for parameter in found.parameters.values():
        if parameter.default is not Parameter.empty or parameter.kind is Parameter.VAR_KEYWORD:
            continue
        if parameter.kind is Parameter.KEYWORD_ONLY:
            required.append(parameter.name)
        else:
            columns.append(parameter)
    if required:
        raise TypeError(
            f"{name_of(function)} needs {', '.join(required)} by keyword, and columns are passed "
            "by position: give it a default, or use functools.partial"
        )
    types = {parameter.name: parameter.annotation for parameter in columns}
    types["return"] = found.return_annotation
    bare = [name for name, annotation in types.items() if annotation is Parameter.empty]
    if bare or any(p.kind is Parameter.VAR_POSITIONAL for p in columns):
        raise TypeError(
            f"{name_of(function)} has no annotation for {', '.join(bare) or 'each argument'}: give "
            "input_fields and return_field, or annotate each argument and the result, as a: float"
        )
    result = types.pop("return")
    return [_without_none(annotation) for annotation in types.values()], _without_none(result)


def _without_none(annotation: Any) -> Any:
    """Return the type of values that may be null, which all are."""
    if get_origin(annotation) in (Union, UnionType):
        others = [part for part in get_args(annotation) if part is not NoneType]
        if len(others) == 1:
            return others[0]
    return annotation


def name_of(function: Any) -> str:
    """Return a function's own name, or that of its class."""
    name = read_or(function, "__qualname__", None)
    return escaped(name if isinstance(name, str) else type(function).__qualname__, 200)


def read_or(function: Any, name: str, other: Any) -> Any:
    """Return an attribute of a callable, or `other` where it has none or reading it raises."""
    try:
        return getattr(function, name, other)
    except Exception:
        return other


class _OfCallable(property):
    """An attribute of a function object that the Python function in it answers."""

    def __init__(self, name: str, answer: Callable[[Any, Any], Any], doc: str | None) -> None:
        super().__init__()
        self.name = name
        self.answer = answer
        self.of_class = doc

    def __get__(self, function: Any, owner: type | None = None) -> Any:
        """Return the answer; the class itself has its documentation alone."""
        if function is None:
            if self.name == "__doc__":
                return self.of_class
            raise AttributeError(f"{owner!r} has no attribute {self.name!r}")
        wrapped = function._callable
        answer = None if wrapped is None else self.answer(function, wrapped)
        if answer is not None:
            return answer
        if self.name == "__doc__":
            return self.of_class
        raise AttributeError(f"{function!r} has no attribute {self.name!r}")


def _signature(function: Any, wrapped: Any) -> Signature:
    if isinstance(function, ScalarUDF):
        return signature(wrapped)
    # An accumulator or evaluator is made without arguments.
    return Signature([Parameter("args", Parameter.VAR_POSITIONAL)])


_ANSWERS: dict[str, Callable[[Any, Any], Any]] = {
    "__wrapped__": lambda _, wrapped: unbatched(wrapped),
    "__doc__": lambda _, wrapped: read_or(wrapped, "__doc__", None),
    "__signature__": _signature,
}


def install() -> None:
    """Give function objects the attributes of the Python functions in them."""
    for kind in (ScalarUDF, AggregateUDF, WindowUDF):
        for name, answer in _ANSWERS.items():
            setattr(kind, name, _OfCallable(name, answer, kind.__doc__))
