"""F9: A payload that names another function than the plan does is taken, without a word."""

from __future__ import annotations

import warnings
from typing import Any

import functions
import message
import unpickling
from scenario import Seen, broken, kept, run


def disguised(package: Any) -> bytes:
    """A call of `outer` that brings a function which calls itself `inner`."""
    inner = message.frame(functions.call(package, "scalar", 10, "inner").to_bytes())
    return message.call("outer", message.column("a"), frame=inner)


def inline_session(package: Any) -> Seen:
    """Decodes it where functions travel inline, and another function is called `outer`."""
    ctx = package.SessionContext()
    ctx.register_udf(functions.make(package, "scalar", 100, "outer"))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            expr = package.Expr.from_bytes(disguised(package), ctx)
        except Exception as error:
            return kept(type(error).__name__)
    if told:
        return kept(f"{told[0].category.__name__}, then it decodes")
    return broken(f"decodes to {expr.canonical_name()}, without a warning")


def strict_session(package: Any) -> Seen:
    """Decodes it where they do not."""
    ctx = functions.strict(package)
    return unpickling.refuses(lambda: package.Expr.from_bytes(disguised(package), ctx))


def registered_function(package: Any) -> Seen:
    """Decodes it where the registered function called `outer` is to go before any payload."""
    ctx = package.SessionContext()
    ctx.register_udf(functions.make(package, "scalar", 100, "outer"))
    if not hasattr(ctx, "with_precedence"):
        return broken("no setting has a registered function go before a payload")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expr = package.Expr.from_bytes(disguised(package), ctx.with_precedence("registered"))
    name = expr.canonical_name()
    return kept("can be made to win") if name == "outer(a)" else broken(f"loses to {name}")


if __name__ == "__main__":
    run(inline_session, strict_session, registered_function)
