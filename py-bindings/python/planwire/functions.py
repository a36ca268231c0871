"""Every function of DataFusion, under its own name.

A function is looked up in DataFusion's registry when it is first used, so this module is never out
of date. Its documentation is DataFusion's own, and so are its arguments, unless the `datafusion`
wheel has other names for them. Arguments are expressions, or values that become literals; a string
is a literal only where the argument is text, such as a pattern, and is refused elsewhere. If a
scalar, an aggregate and a window function share a name, the first in that order is used; an
aggregate works over a window too.

Aggregates take the keywords ``distinct``, ``filter``, ``order_by`` and ``null_treatment``, window
functions ``partition_by``, ``order_by`` and ``null_treatment``.

Example:
    >>> from planwire import col, functions as f
    >>> f.round(f.sum(col("a"), filter=col("b") > 1), 2)
    Expr(round(sum(a) FILTER (WHERE b > Int64(1)), Int64(2)))
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from planwire import _internal
from planwire._functions import calls as _calls
from planwire._functions import sugar as _sugar

if TYPE_CHECKING:
    from collections.abc import Callable

# Names that DataFusion does not register, and the function that each stands for.
_ALIASES = {
    "array": "make_array",
    "extract": "date_part",
    "gen_series": "generate_series",
    "is_nan": "isnan",
    "list_min": "array_min",
    "list_overlap": "arrays_overlap",
    "list_sort": "array_sort",
}
_COMPILED = (_internal.case, _internal.col, _internal.lambda_, _internal.lambda_var, _internal.when)
_SUGAR = [getattr(_sugar, name) for name in _sugar.__all__]
_WRITTEN: dict[str, Any] = {function.__name__: function for function in (*_SUGAR, *_COMPILED)}

for _function in _SUGAR:
    _function.__module__ = __name__
globals().update(_WRITTEN)

_NAMES = sorted({*_internal.builtin_names(), *_ALIASES, *_WRITTEN})
__all__ = _NAMES  # noqa: PLE0605  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Callable[..., Any]:
    registered = _ALIASES.get(name, name)
    function = _WRITTEN.get(registered)
    if function is None and not name.startswith("__"):
        function = _calls.function(name, registered)
    if function is None:
        similar = get_close_matches(name, _NAMES)
        hint = f", similar names are {', '.join(similar)}" if similar else ""
        raise AttributeError(f"DataFusion has no function named {name!r}{hint}")
    globals()[name] = function
    return function  # type: ignore[no-any-return]


def __dir__() -> list[str]:
    return list(_NAMES)
