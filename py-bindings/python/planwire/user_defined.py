"""Functions written in Python: scalar, aggregate and window.

Each of `udf`, `udaf` and `udwf` is called with a function first, or used as a decorator without it:

    >>> import pyarrow as pa, pyarrow.compute as pc
    >>> from planwire import udf
    >>> one = udf(lambda a: pc.add(a, 1), pa.int64(), pa.int64(), "immutable", name="one")
    >>> @udf([pa.int64(), pa.int64()], pa.int64(), "immutable")
    ... def larger(a, b):
    ...     return pc.max_element_wise(a, b)
    >>> one, larger
    (ScalarUDF("one"), ScalarUDF("larger"))

A type is a `pyarrow.DataType`, a `pyarrow.Field` with nullability and metadata, a Python class like
`float`, or a name like `"int64"` or SQL's `"bigint"`; a single type needs no list. `udf` also takes
the types that a function is annotated with:

    >>> @udf(volatility="immutable")
    ... def half(a: float) -> float:
    ...     return pc.divide(a, 2.0)
    >>> half
    ScalarUDF("half")

The Python function is the `__wrapped__` of what they return. Without a name, a function has its own
qualified name in lower case, and an aggregate that of its accumulator. If that is more than one
word, as in `outer.<locals>.inner`, SQL has to quote it.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, overload

from planwire._capsules import (
    AggregateUDFExportable,
    LogicalExtensionCodecExportable,
    PhysicalExtensionCodecExportable,
    ScalarUDFExportable,
    WindowUDFExportable,
)
from planwire._internal import AggregateUDF, ScalarUDF, WindowUDF
from planwire._udf.accumulator import Accumulator, GroupedAccumulator
from planwire._udf.batches import in_batches
from planwire._udf.decorated import define_or_decorate, is_foreign, made_by, plan_name_of
from planwire._udf.definition import (
    annotated_types,
    install,
    refuse_unfinished,
    refuse_unfinished_methods,
)
from planwire._udf.evaluator import WindowEvaluator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planwire._base.arrow import ArrowSchemaExportable

    _Type = ArrowSchemaExportable | str | type[Any]
    _Types = _Type | Sequence[_Type]

__all__ = [
    "Accumulator",
    "AggregateUDF",
    "AggregateUDFExportable",
    "GroupedAccumulator",
    "LogicalExtensionCodecExportable",
    "PhysicalExtensionCodecExportable",
    "ScalarUDF",
    "ScalarUDFExportable",
    "Volatility",
    "WindowEvaluator",
    "WindowUDF",
    "WindowUDFExportable",
    "udaf",
    "udf",
    "udwf",
]


install()


class Volatility(Enum):
    """How often a function gives the same result for the same arguments.

    Raises:
        ValueError: The value is unknown.

    Example:
        >>> from planwire import Volatility
        >>> Volatility("stable")
        <Volatility.Stable: 'stable'>
    """

    Immutable = "immutable"
    """Always; the planner may compute a call with constant arguments once and for all."""
    Stable = "stable"
    """Within one query."""
    Volatile = "volatile"
    """Not even within one query, e.g. a random number."""

    def __str__(self) -> str:
        """Return the value."""
        return self.value


@overload
def udf(func: ScalarUDFExportable) -> ScalarUDF: ...
@overload
def udf(
    func: Callable[..., Any],
    input_fields: _Types,
    return_field: _Type,
    volatility: Volatility | str,
    name: str | None = None,
    *,
    frozen: bool = False,
    batch_size: int | None = None,
) -> ScalarUDF: ...
@overload
def udf(
    input_fields: _Types,
    return_field: _Type,
    volatility: Volatility | str,
    *,
    name: str | None = None,
    frozen: bool = False,
    batch_size: int | None = None,
) -> Callable[[Callable[..., Any]], ScalarUDF]: ...
@overload
def udf(
    func: Callable[..., Any],
    *,
    volatility: Volatility | str,
    name: str | None = None,
    frozen: bool = False,
    batch_size: int | None = None,
) -> ScalarUDF: ...
@overload
def udf(
    *,
    volatility: Volatility | str,
    name: str | None = None,
    frozen: bool = False,
    batch_size: int | None = None,
) -> Callable[[Callable[..., Any]], ScalarUDF]: ...
def udf(*args: Any, **kwargs: Any) -> Any:
    """Make a scalar function of a callable over arrays.

    Args:
        func: Gets one `pyarrow.Array` for each argument and returns one of the same length, or
            rows of numpy, pandas, polars or in a list; as a decorator, `udf` takes it last. Rows of
            another type are converted to the declared one if no value changes, and one value stands
            for all rows. A function of another library, with `__datafusion_scalar_udf__`, or its
            capsule, is taken over as it is.
        input_fields: The types of the arguments; without them and `return_field`, those that the
            function is annotated with.
        return_field: The type of the result.
        volatility: `"immutable"`, `"stable"` or `"volatile"`, or a `Volatility`.
        name: The name that plans and SQL use.
        frozen: Whether it is pickled once, as by `freeze`.
        batch_size: The number of rows that it takes in one call at most, e.g. as many as fit the
            memory of a model. Without it, a call gets the rows of one batch of the query.

    Raises:
        TypeError: `func` is not callable, is an async function or a generator, or a type is not one
            of Arrow's or missing.
        ValueError: There is no such volatility or name of a type, or `batch_size` is less than one.

    Example:
        >>> import pyarrow as pa, pyarrow.compute as pc
        >>> from planwire import SessionContext, col, udf
        >>> @udf(pa.int64(), pa.bool_(), "immutable")
        ... def even(numbers):
        ...     return pc.equal(pc.bit_wise_and(numbers, 1), 0)
        >>> df = SessionContext().from_pydict({"a": [1, 2]})
        >>> df.select(even(col("a")).alias("e")).to_pydict()
        {'e': [False, True]}
    """
    if args and is_foreign(args[0], "__datafusion_scalar_udf__"):
        return ScalarUDF.from_pycapsule(args[0])

    def define(
        func: Callable[..., Any],
        input_fields: _Types | None = None,
        return_field: _Type | None = None,
        volatility: Volatility | str | None = None,
        name: str | None = None,
        *,
        frozen: bool = False,
        batch_size: int | None = None,
    ) -> ScalarUDF:
        refuse_unfinished(func)
        if input_fields is None and return_field is None and callable(func):
            input_fields, return_field = annotated_types(func)
        named = name or plan_name_of(func)
        if batch_size is not None:
            func = in_batches(func, batch_size)
        made = ScalarUDF(named, func, input_fields, return_field, volatility)
        return made.freeze() if frozen else made

    return define_or_decorate(define, "func", args, kwargs)


@overload
def udaf(accum: AggregateUDFExportable) -> AggregateUDF: ...
@overload
def udaf(
    accum: Callable[[], Accumulator | GroupedAccumulator],
    input_types: _Types,
    return_type: _Type,
    state_type: _Types,
    volatility: Volatility | str,
    name: str | None = None,
    *,
    frozen: bool = False,
) -> AggregateUDF: ...
@overload
def udaf(
    input_types: _Types,
    return_type: _Type,
    state_type: _Types,
    volatility: Volatility | str,
    *,
    name: str | None = None,
    frozen: bool = False,
) -> Callable[[Callable[[], Accumulator | GroupedAccumulator]], AggregateUDF]: ...
def udaf(*args: Any, **kwargs: Any) -> Any:
    """Make an aggregate function of an `Accumulator` or a `GroupedAccumulator`.

    Args:
        accum: A subclass of `Accumulator` or `GroupedAccumulator`, or a callable that makes one
            without arguments; as a decorator, `udaf` takes it last. A function of another library,
            with `__datafusion_aggregate_udf__`, or its capsule, is taken over as it is.
        input_types: The types of the arguments.
        return_type: The type of the result.
        state_type: The types of the values that `state` returns.
        volatility: `"immutable"`, `"stable"` or `"volatile"`, or a `Volatility`.
        name: The name that plans and SQL use.
        frozen: Whether it is pickled once, as by `freeze`.

    Raises:
        TypeError: `accum` makes neither of them, which is tried once; or a type is not one
            of Arrow's.
        ValueError: There is no such volatility.

    Example:
        >>> import pyarrow as pa
        >>> from planwire import udaf
        >>> udaf(int, pa.int64(), pa.int64(), [pa.int64()], "immutable")
        Traceback (most recent call last):
            ...
        TypeError: int is not an Accumulator
    """
    if args and is_foreign(args[0], "__datafusion_aggregate_udf__"):
        return AggregateUDF.from_pycapsule(args[0])

    def define(
        accum: Callable[[], Accumulator | GroupedAccumulator],
        input_types: _Types,
        return_type: _Type,
        state_type: _Types,
        volatility: Volatility | str,
        name: str | None = None,
        *,
        frozen: bool = False,
    ) -> AggregateUDF:
        tried = made_by(accum, Accumulator, GroupedAccumulator)
        refuse_unfinished_methods(tried)
        named = name or plan_name_of(type(tried))
        made = AggregateUDF(named, accum, input_types, return_type, state_type, volatility)
        return made.freeze() if frozen else made

    return define_or_decorate(define, "accum", args, kwargs)


@overload
def udwf(func: WindowUDFExportable) -> WindowUDF: ...
@overload
def udwf(
    func: Callable[[], WindowEvaluator],
    input_types: _Types,
    return_type: _Type,
    volatility: Volatility | str,
    name: str | None = None,
    *,
    frozen: bool = False,
) -> WindowUDF: ...
@overload
def udwf(
    input_types: _Types,
    return_type: _Type,
    volatility: Volatility | str,
    *,
    name: str | None = None,
    frozen: bool = False,
) -> Callable[[Callable[[], WindowEvaluator]], WindowUDF]: ...
def udwf(*args: Any, **kwargs: Any) -> Any:
    """Make a window function of a `WindowEvaluator`.

    Args:
        func: A subclass of `WindowEvaluator`, or a callable that makes one without arguments; as
            a decorator, `udwf` takes it last.
        input_types: The types of the arguments.
        return_type: The type of the result.
        volatility: `"immutable"`, `"stable"` or `"volatile"`, or a `Volatility`.
        name: The name that plans and SQL use.
        frozen: Whether it is pickled once, as by `freeze`.

    Raises:
        TypeError: `func` does not make a `WindowEvaluator`, which is tried once; or a type is not
            one of Arrow's.
        ValueError: There is no such volatility.

    Example:
        >>> import pyarrow as pa
        >>> from planwire import WindowEvaluator, udwf
        >>> @udwf([], pa.int64(), "immutable", name="countdown")
        ... class Countdown(WindowEvaluator):
        ...     def evaluate_all(self, values, num_rows):
        ...         return pa.array(range(num_rows, 0, -1))
        >>> Countdown
        WindowUDF("countdown")
    """
    if args and is_foreign(args[0], "__datafusion_window_udf__"):
        return WindowUDF.from_pycapsule(args[0])

    def define(
        func: Callable[[], WindowEvaluator],
        input_types: _Types,
        return_type: _Type,
        volatility: Volatility | str,
        name: str | None = None,
        *,
        frozen: bool = False,
    ) -> WindowUDF:
        refuse_unfinished_methods(made_by(func, WindowEvaluator))
        made = WindowUDF(name or plan_name_of(func), func, input_types, return_type, volatility)
        return made.freeze() if frozen else made

    return define_or_decorate(define, "func", args, kwargs)
