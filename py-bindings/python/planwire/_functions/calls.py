"""Python functions that call DataFusion's: made from its registry and its documentation."""

from __future__ import annotations

from functools import partial
from inspect import Parameter, cleandoc, signature
from textwrap import indent
from typing import TYPE_CHECKING, Any

from planwire import _internal
from planwire._functions import signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from inspect import Signature

    from planwire._internal import Expr, FunctionDoc

# What the clauses of a call are, for the documentation of every function that has them.
_OPTION_DOCS = {
    "distinct": "Whether equal values count once.",
    "filter": "Which rows count.",
    "order_by": "The order in which rows count.",
    "null_treatment": "Whether nulls count.",
    "partition_by": "What the rows of a partition have in common.",
}


def function(name: str, registered: str) -> Callable[..., Expr] | None:
    """Make the Python function for DataFusion's function `name`, if there is one."""
    builtin, doc = _internal.builtin(registered), _internal.builtin_doc(registered)
    if builtin is None or doc is None:
        return None
    parameters = signatures.of(registered, doc)
    arguments = signatures.arguments(parameters)
    texts = signatures.texts(registered, doc)

    def call(*args: Any, **kwargs: Any) -> Expr:
        try:
            bound = parameters.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{name}(): {error}") from None
        convert = partial(_expr, name, doc, texts)
        values, order = _values(arguments, bound.arguments, convert)
        options = {k: v for k, v in bound.arguments.items() if k in _OPTION_DOCS and v is not None}
        if doc.within_group and order is not None:
            options["order_by"] = order
        return clauses(name, builtin(*values), options)

    dress(call, name, parameters, _docstring(doc, parameters))
    return call


def dress(call: Any, name: str, parameters: Signature, doc: str) -> None:
    """Give a function the name, module and documentation of a member of `planwire.functions`."""
    call.__name__ = call.__qualname__ = name
    call.__module__ = "planwire.functions"
    call.__signature__ = parameters
    call.__doc__ = doc


def clauses(name: str, call: Expr, options: Mapping[str, Any]) -> Expr:
    """Set the clauses of a call; each is named as the method that sets it."""
    builder: Any = call
    for option, value in options.items():
        try:
            if option == "distinct":
                builder = builder.distinct() if value else builder
            elif option in {"order_by", "partition_by"}:
                builder = getattr(builder, option)(*_many(value))
            else:
                builder = getattr(builder, option)(value)
        except TypeError as error:
            raise TypeError(f"{name}() argument {option!r}: {error}") from error
    return call if builder is call else builder.build()  # type: ignore[no-any-return]


def _many(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else [value]


def _values(
    parameters: list[Parameter], given: Mapping[str, Any], convert: Callable[[str, Any], Any]
) -> tuple[list[Any], Any]:
    """Return the arguments in order, without omitted ones at the end, and the order of the call."""
    values: list[Any] = []
    length = 0
    for parameter in parameters:
        value = given.get(parameter.name)
        if parameter.kind is Parameter.VAR_POSITIONAL:
            values += [convert(parameter.name, item) for item in value or ()]
            length = len(values)
        elif value is None and parameter.default is not Parameter.empty:
            values.append(convert(parameter.name, parameter.default))
        else:
            values.append(convert(parameter.name, value))
            length = len(values)
    order = next(iter(given.values()), None)
    return values[:length], order


def _expr(name: str, doc: FunctionDoc, texts: Container[str], argument: str, value: Any) -> Any:
    """Make an expression of an argument; a string is one where the argument is text."""
    if isinstance(value, _internal.Expr):
        return value
    try:
        if isinstance(value, _internal.SortExpr) and doc.within_group:
            return value.expr()
        if doc.kind == "higher-order" and callable(value):
            return _lambda(value)
        if isinstance(value, (list, tuple)) and any(isinstance(v, _internal.Expr) for v in value):
            make_array: Any = _internal.builtin("make_array")
            return make_array(*value)
        if argument == "percentile" and isinstance(value, int):
            value = float(value)
        return _internal.lit(value) if argument in texts else _internal.argument(value)
    except TypeError as error:
        raise TypeError(f"{name}() argument {argument!r}: {error}") from error


def _lambda(function: Callable[..., Any]) -> Expr:
    names = list(signature(function).parameters)
    return _internal.lambda_(names, function(*map(_internal.lambda_var, names)))


def _docstring(doc: FunctionDoc, parameters: Signature) -> str:
    texts = dict(_OPTION_DOCS)
    arguments = signatures.arguments(parameters)
    # By position, because DataFusion has its own names for them.
    for parameter, (_, text) in zip(arguments, doc.arguments, strict=False):
        texts[parameter.name] = " ".join(text.split())
    lines = [
        f"{parameter.name}: {texts.get(parameter.name, 'An expression or a value.')}"
        for parameter in parameters.parameters.values()
    ]
    parts = [cleandoc(doc.description)]
    if lines:
        parts.append("Args:\n" + indent("\n".join(lines), "    "))
    parts.append(
        "Raises:\n    TypeError: An argument is missing, Arrow has no type for it, or it is a\n"
        "        string where one could be a column or a constant."
    )
    parts.append("In SQL:\n" + indent(doc.syntax, "    "))
    if doc.example:
        parts.append(indent(doc.example.strip(), "    "))
    return "\n\n".join(parts)
