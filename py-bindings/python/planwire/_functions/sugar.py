"""Functions that DataFusion does not register, or that also take other Python values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planwire import _internal
from planwire._functions import calls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planwire._internal import Expr, SortExpr

__all__ = [
    "alias",
    "array_sort",
    "arrow_cast",
    "arrow_try_cast",
    "count",
    "count_star",
    "generate_series",
    "in_list",
    "make_map",
    "named_struct",
    "order_by",
    "range",
    "with_metadata",
]


def _builtin(name: str, *args: Any) -> Expr:
    function: Any = _internal.builtin(name)
    return function(*args)  # type: ignore[no-any-return]


def alias(expr: Expr, name: str, metadata: dict[str, str] | None = None) -> Expr:
    """Give an expression's column a name.

    Args:
        expr: The expression.
        name: The name.
        metadata: The metadata of the column's field.

    Example:
        >>> from planwire import col, functions as f
        >>> f.alias(col("a"), "b")
        Expr(a AS b)
    """
    return _internal.argument(expr).alias(name, metadata)


def in_list(arg: Expr, values: Sequence[Any], negated: bool = False) -> Expr:
    """Test whether a value is one of several.

    Args:
        arg: The value.
        values: The values to compare with.
        negated: Whether to test that it is none of them.

    Raises:
        TypeError: `values` is not a sequence.

    Example:
        >>> from planwire import col, functions as f
        >>> f.in_list(col("a"), [1, 2], negated=True)
        Expr(a NOT IN ([Int64(1), Int64(2)]))
    """
    return _internal.argument(arg).in_list(values, negated)


def order_by(expr: Expr, ascending: bool = True, nulls_first: bool = False) -> SortExpr:
    """Say in which direction to sort by an expression.

    Args:
        expr: The expression.
        ascending: Whether the smallest value comes first.
        nulls_first: Whether nulls come first.

    Example:
        >>> from planwire import col, functions as f
        >>> f.order_by(col("a"), ascending=False)
        SortExpr(a DESC NULLS LAST)
    """
    return _internal.argument(expr).sort(ascending, nulls_first)


def count(
    expressions: Any = None,
    distinct: bool = False,
    filter: Expr | None = None,  # noqa: A002
    *,
    order_by: Any = None,
    null_treatment: Any = None,
) -> Expr:
    """Count the rows in which no expression is null, or all rows without an expression.

    Args:
        expressions: One expression or a list of them.
        distinct: Whether equal rows count once.
        filter: Which rows count.
        order_by: The order in which rows count.
        null_treatment: Whether nulls count.

    Raises:
        TypeError: An argument is of another class.

    Example:
        >>> from planwire import col, functions as f
        >>> f.count(col("a"), distinct=True), f.count()
        (Expr(count(DISTINCT a)), Expr(count(Int64(1))))
    """
    listed = expressions if isinstance(expressions, (list, tuple)) else [expressions]
    args = [1] if expressions is None else listed
    options = {
        "distinct": distinct,
        "filter": filter,
        "order_by": order_by,
        "null_treatment": null_treatment,
    }
    given = {option: value for option, value in options.items() if value is not None}
    return calls.clauses("count", _builtin("count", *args), given)


def count_star(filter: Expr | None = None) -> Expr:  # noqa: A002
    """Count all rows.

    Args:
        filter: Which rows count.

    Raises:
        TypeError: The filter is not an expression.

    Example:
        >>> from planwire import functions as f
        >>> f.count_star()
        Expr(count(Int64(1)))
    """
    return count(filter=filter)


def with_metadata(expr: Expr, metadata: Mapping[str, str]) -> Expr:
    """Put metadata on the field of an expression's column.

    Args:
        expr: The expression.
        metadata: The keys and their values.

    Raises:
        TypeError: `metadata` is not a mapping.

    Example:
        >>> from planwire import col, functions as f
        >>> f.with_metadata(col("a"), {"unit": "m"})
        Expr(with_metadata(a, Utf8("unit"), Utf8("m")))
    """
    parts = [_internal.lit(part) for pair in metadata.items() for part in pair]
    return _builtin("with_metadata", expr, *parts)


def named_struct(name_pairs: Sequence[tuple[str, Any]]) -> Expr:
    """Make a struct of names and values.

    Args:
        name_pairs: A pair for each field.

    Raises:
        TypeError: `name_pairs` is not a sequence of pairs.

    Example:
        >>> from planwire import col, functions as f
        >>> f.named_struct([("x", col("a")), ("y", 1)])
        Expr(named_struct(Utf8("x"), a, Utf8("y"), Int64(1)))
    """
    parts = (part for name, value in name_pairs for part in (_internal.lit(name), value))
    return _builtin("named_struct", *parts)


def make_map(*args: Any) -> Expr:
    """Make a map of a dict, of two lists, or of keys and values in turn.

    Args:
        args: A dict; a list of keys and one of values; or a key, its value, another key and so on.

    Raises:
        ValueError: The arguments are none of these.

    Example:
        >>> from planwire import col, functions as f
        >>> f.make_map({"one": col("a")})
        Expr(map(make_array(Utf8("one")), make_array(a)))
    """
    match args:
        case (dict() as pairs,):
            keys, values = list(pairs), list(pairs.values())
        case (list() as keys, list() as values) if len(keys) == len(values):
            pass
        case _ if args and len(args) % 2 == 0 and not isinstance(args[0], (dict, list)):
            keys, values = list(args[::2]), list(args[1::2])
        case _:
            raise ValueError(
                "make_map() takes a dict, two lists of one length, or keys and values in turn"
            )
    lists = (_builtin("make_array", *map(_internal.lit, each)) for each in (keys, values))
    return _builtin("map", *lists)


def array_sort(array: Any, descending: bool = False, null_first: bool = False) -> Expr:
    """Sort the elements of each list.

    Args:
        array: The lists.
        descending: Whether the largest element comes first.
        null_first: Whether nulls come first.

    Raises:
        TypeError: Arrow has no type for an argument.

    Example:
        >>> from planwire import SessionContext, functions as f
        >>> df = SessionContext().from_pydict({"a": [[2, 3, 1]]})
        >>> df.select(f.array_sort(f.col("a"), descending=True).alias("a")).to_pydict()
        {'a': [[3, 2, 1]]}
    """
    order = _internal.lit("DESC" if descending else "ASC")
    nulls = _internal.lit("NULLS FIRST" if null_first else "NULLS LAST")
    return _builtin("array_sort", array, order, nulls)


def arrow_cast(expr: Any, data_type: Any) -> Expr:
    """Convert an expression's values to another type, or fail over one that does not fit.

    Args:
        expr: The expression.
        data_type: The type as Arrow's Rust library writes it, or a `pyarrow.DataType`.

    Raises:
        TypeError: `data_type` is of another class.

    Example:
        >>> import pyarrow as pa
        >>> from planwire import col, functions as f
        >>> f.arrow_cast(col("a"), "Int8"), f.arrow_cast(col("a"), pa.int8())
        (Expr(arrow_cast(a, Utf8("Int8"))), Expr(CAST(a AS Int8)))
    """
    if isinstance(data_type, (str, _internal.Expr)):
        return _builtin("arrow_cast", expr, _internal.lit(data_type))
    return _internal.argument(expr).cast(data_type)


def arrow_try_cast(expr: Any, data_type: Any) -> Expr:
    """Convert an expression's values to another type, or to null where one does not fit.

    Args:
        expr: The expression.
        data_type: The type as Arrow's Rust library writes it, or a `pyarrow.DataType`.

    Raises:
        TypeError: `data_type` is of another class.

    Example:
        >>> import pyarrow as pa
        >>> from planwire import col, functions as f
        >>> f.arrow_try_cast(col("a"), pa.int8())
        Expr(TRY_CAST(a AS Int8))
    """
    if isinstance(data_type, (str, _internal.Expr)):
        return _builtin("arrow_try_cast", expr, _internal.lit(data_type))
    return _internal.argument(expr).try_cast(data_type)


def generate_series(start: Any = None, stop: Any = None, step: Any = None) -> Expr:
    """Make a list of values in regular steps, the last one included.

    Args:
        start: The first value; alone, it is the last value, and the first is 0.
        stop: The last value, if the steps reach it.
        step: The step, if it is not 1.

    Raises:
        TypeError: There is no argument.

    Example:
        >>> from planwire import functions as f
        >>> f.generate_series(1, 5, 2), f.generate_series(3)
        (Expr(generate_series(Int64(1), Int64(5), Int64(2))), Expr(generate_series(Int64(3))))
    """
    return _series("generate_series", start, stop, step)


def range(start: Any = None, stop: Any = None, step: Any = None) -> Expr:  # noqa: A001
    """Make a list of values in regular steps, without the last one.

    Args:
        start: The first value; alone, it is the end, and the first value is 0.
        stop: The end, which is left out.
        step: The step, if it is not 1.

    Raises:
        TypeError: There is no argument.

    Example:
        >>> from planwire import functions as f
        >>> f.range(1, 5, 2)
        Expr(range(Int64(1), Int64(5), Int64(2)))
    """
    return _series("range", start, stop, step)


def _series(name: str, start: Any, stop: Any, step: Any) -> Expr:
    if start is None and stop is None:
        raise TypeError(f"{name}() takes at least one argument")
    if step is not None and (start is None or stop is None):
        start, stop = 0, stop if start is None else start
    given = (value for value in (start, stop, step) if value is not None)
    return _builtin(name, *map(_internal.lit, given))
