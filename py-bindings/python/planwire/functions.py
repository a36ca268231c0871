"""Every function of DataFusion, under its own name.

A function is looked up in DataFusion's registry when it is asked for, so there is nothing here to
fall behind. Where a scalar, an aggregate and a window function share a name, the first of them in
that order is meant; an aggregate works over a window too.

Example:
    >>> from planwire import col, functions as f
    >>> f.round(f.sum(col("a")), 2)
    Expr(round(sum(a), Int64(2)))
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from planwire import _internal

if TYPE_CHECKING:
    from planwire._internal import AggregateUDF, ScalarUDF, WindowUDF


def __getattr__(name: str) -> ScalarUDF | AggregateUDF | WindowUDF:
    function = _internal.builtin(name)
    if function is not None:
        return function
    similar = get_close_matches(name, _internal.builtin_names())
    hint = f", similar names are {', '.join(similar)}" if similar else ""
    raise AttributeError(f"DataFusion has no function named {name!r}{hint}")


def __dir__() -> list[str]:
    return _internal.builtin_names()
