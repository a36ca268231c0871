"""A function is defined by what people write, and says what is wrong before it runs."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import planwire
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from planwire import Accumulator, SessionContext, WindowEvaluator, col, udaf, udf, udwf

INT, FLOAT, TEXT = pa.int64(), pa.float64(), pa.string()


class Total(Accumulator):
    """Adds up."""

    def __init__(self) -> None:
        self.total = 0

    def update(self, *values: pa.Array) -> None:
        self.total += pc.sum(values[0]).as_py() or 0

    def merge(self, states: list[pa.Array]) -> None:
        self.update(states[0])

    def state(self) -> list[Any]:
        return [self.total]

    def evaluate(self) -> Any:
        return self.total


class Same(WindowEvaluator):
    """Repeats."""

    def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
        return values[0]


@udf(INT, INT, "immutable")
def fee(values: pa.Array) -> pa.Array:
    """Halve a fee."""
    return pc.divide(values, 2)


total = udaf(Total, INT, INT, [INT], "immutable", "total")
same = udwf(Same, INT, INT, "immutable", "same")


def rows(expression: planwire.Expr) -> list[Any]:
    frame = SessionContext().from_pydict({"a": [2, 4]}, name="t")
    return frame.select(expression.alias("r")).to_pydict()["r"]


def test_function_object_has_the_python_function_in_it() -> None:
    assert fee.__wrapped__(pa.array([4])).to_pylist() == [2]
    assert fee.__doc__ == "Halve a fee."
    assert fee.__name__ == "fee"
    assert list(inspect.signature(fee).parameters) == ["values"]
    assert inspect.unwrap(fee) is fee.__wrapped__
    assert total.__wrapped__ is Total
    assert total.__doc__ == "Adds up."
    assert list(inspect.signature(total).parameters) == ["args"]
    assert same.__wrapped__ is Same


def test_class_of_function_objects_keeps_its_own_documentation() -> None:
    for kind in (planwire.ScalarUDF, planwire.AggregateUDF, planwire.WindowUDF):
        assert "Call it with expressions" in (kind.__doc__ or "")
        assert not hasattr(kind, "__wrapped__")
    assert repr(planwire.ScalarUDF) == "<class 'planwire.ScalarUDF'>"


def test_function_without_a_docstring_or_name_has_those_that_are_known() -> None:
    class Half:
        def __call__(self, values: pa.Array) -> pa.Array:
            return values

    half = udf(Half(), INT, INT, "immutable", "half")
    assert half.__name__ == "half"
    assert isinstance(half.__wrapped__, Half)


@pytest.mark.inline
def test_looking_at_a_function_that_came_late_does_not_open_it() -> None:
    ctx = SessionContext().with_frames("python", "native")
    came = planwire.ScalarUDF.from_bytes(fee.to_bytes(ctx), ctx)
    assert not hasattr(came, "__wrapped__")
    assert came.__name__ == "fee"
    assert "Call it with expressions" in (came.__doc__ or "")


async def waits(values: Any) -> Any:
    return values


def yields(values: Any) -> Any:
    yield values


async def yields_later(values: Any) -> Any:
    yield values


class Waits:
    """An object that is called asynchronously."""

    async def __call__(self, values: Any) -> Any:
        return values


@pytest.mark.parametrize("batch_size", [None, 2])
@pytest.mark.parametrize(
    ("function", "text"),
    [
        (waits, "waits is an async function"),
        (yields, "yields is a generator"),
        (yields_later, "yields_later is an async generator"),
        (Waits(), "Waits is an async function"),
    ],
)
def test_function_that_returns_before_it_has_run_is_refused(
    function: Any, text: str, batch_size: int | None
) -> None:
    with pytest.raises(TypeError, match=text):
        udf(function, INT, INT, "immutable", "f", batch_size=batch_size)
    with pytest.raises(TypeError, match=text):
        udf(INT, INT, "immutable")(function)


def test_method_that_returns_before_it_has_run_is_refused() -> None:
    async def update(self: Any, *values: Any) -> None: ...

    made = type("Made", (Total,), {"update": update})
    with pytest.raises(TypeError, match=r"Made\.update is an async function"):
        udaf(made, INT, INT, [INT], "immutable")
    with pytest.raises(TypeError, match=r"Made\.evaluate_all is a generator"):
        udwf(type("Made", (Same,), {"evaluate_all": yields}), INT, INT, "immutable")


@pytest.mark.parametrize("make", [udaf, udwf])
def test_instance_in_the_place_of_a_class_is_named(make: Any) -> None:
    with pytest.raises(TypeError, match="give the class itself, Total"):
        make(Total(), INT, INT, [INT], "immutable", "total")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (fee, r"fee\(\) takes 1 argument, got 0"),
        (lambda: fee(col("a"), col("a")), r"fee\(\) takes 1 argument, got 2"),
        (lambda: total(col("a"), 1), r"total\(\) takes 1 argument, got 2"),
        (same, r"same\(\) takes 1 argument, got 0"),
        (lambda: fee(pa.array([1])), r"fee\(\) argument 1: .*not Int64Array: .*__wrapped__"),
        (lambda: fee(object()), r"fee\(\) argument 1: no literal can be made of object"),
    ],
)
def test_call_that_does_not_fit_is_refused_at_once(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(TypeError, match=text):
        call()


@pytest.mark.parametrize("rows", [np.array([1]), pd.Series([1]), pl.Series([1])])
def test_rows_of_another_library_in_the_place_of_an_expression_are_refused(rows: Any) -> None:
    with pytest.raises(TypeError, match="call its __wrapped__"):
        fee(rows)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (float, FLOAT),
        (int, INT),
        (str, TEXT),
        (bool, pa.bool_()),
        (bytes, pa.binary()),
        ("int64", INT),
        ("bigint", INT),
        ("BIGINT", INT),
        ("double", FLOAT),
        ("varchar", TEXT),
        ("text", TEXT),
        ("decimal(10, 2)", pa.decimal128(10, 2)),
        ("timestamp", pa.timestamp("ns")),
        ("date", pa.date32()),
    ],
)
def test_type_may_be_a_class_of_python_or_a_name_of_sql(given: Any, meant: Any) -> None:
    nulls = udf(lambda a: pa.nulls(len(a), meant), INT, given, "immutable", "nulls")
    frame = SessionContext().from_pydict({"a": [1]})
    assert frame.select(nulls(col("a")).alias("r")).schema().field("r").type == meant


@pytest.mark.parametrize("name", ["", "bigint)", "int; drop", "no_such_type", "a" * 1000])
def test_name_of_no_type_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no type is named") as error:
        udf(lambda a: a, INT, name, "immutable", "f")
    assert len(str(error.value)) < 500


def test_class_that_stands_for_no_type_is_refused() -> None:
    with pytest.raises(TypeError, match="not complex"):
        udf(lambda a: a, INT, complex, "immutable", "f")


def test_decorators_take_classes_of_python() -> None:
    @udf(int, float, "immutable")
    def half(values: pa.Array) -> pa.Array:
        return pc.divide(values.cast(FLOAT), 2.0)

    assert rows(half(col("a"))) == [1.0, 2.0]
    total = udaf(int, int, [int], "immutable", name="total")(Total)
    frame = SessionContext().from_pydict({"a": [2, 4]})
    assert frame.aggregate([], total(col("a")).alias("r")).to_pydict() == {"r": [6]}


def test_types_may_be_annotations() -> None:
    @udf(volatility="immutable")
    def half(values: int) -> float | None:
        return pc.divide(values, 2.0)  # type: ignore[no-any-return]

    def both(a: int, b: INT) -> INT:  # type: ignore[valid-type]
        return pc.add(a, b)  # type: ignore[no-any-return]

    assert rows(half(col("a"))) == [1.0, 2.0]
    assert rows(udf(both, volatility="immutable")(col("a"), col("a"))) == [4, 8]


def test_missing_annotation_is_named() -> None:
    def half(values: Any, other: Any) -> Any:
        return 0.0

    half.__annotations__ = {"values": int, "return": float}
    with pytest.raises(TypeError, match="half has no annotation for other: give input_fields"):
        udf(half, volatility="immutable")
    with pytest.raises(TypeError, match="volatility"):
        udf(lambda a: a, INT, INT)  # type: ignore[call-overload]


def test_aggregate_where_rows_are_computed_says_which_method_computes_it() -> None:
    frame = SessionContext().from_pydict({"a": [1, 2]}, name="t")
    verbs: list[Callable[[], Any]] = [
        lambda: frame.select(total(col("a"))),
        lambda: frame.with_column("b", total(col("a"))),
        lambda: frame.filter(total(col("a")) > 1),
    ]
    for verb in verbs:
        with pytest.raises(planwire.ExecutionError, match=r"use aggregate\(group_by, aggs\)"):
            verb()
    grouped = frame.aggregate([], total(col("a")))
    assert grouped.select(total(col("a")).alias("r")).to_pydict() == {"r": [3]}
    over = total(col("a")).over(partition_by=[]).alias("r")
    assert frame.select(over).to_pydict() == {"r": [3, 3]}


def test_sliding_frame_says_what_an_accumulator_lacks() -> None:
    ctx = SessionContext()
    ctx.from_pydict({"a": [1, 2, 3]}, name="t")
    ctx.register_udaf(total)
    query = "SELECT total(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS r FROM t"
    with pytest.raises(planwire.ExecutionError, match=r"aggregate UDF 'total'.*retract_batch"):
        ctx.sql(query).collect()

    class Sliding(Total):
        def retract_batch(self, values: pa.Array) -> None:
            self.total -= pc.sum(values).as_py() or 0

        def supports_retract_batch(self) -> bool:
            return True

    ctx.register_udaf(udaf(Sliding, INT, INT, [INT], "immutable", "total"))
    assert ctx.sql(query).to_pydict() == {"r": [1, 3, 5]}


def test_function_that_sql_does_not_know_is_to_be_registered() -> None:
    ctx = SessionContext()
    ctx.from_pydict({"a": [1]}, name="t")
    with pytest.raises(planwire.InvalidQuery, match="Invalid function 'fee'") as error:
        ctx.sql("SELECT fee(a) FROM t")
    assert "register_udf" in error.value.__notes__[0]


def test_batch_is_pickled_with_its_rows_and_no_others() -> None:
    secret = "s" * 10_000
    table = pa.table({"a": [secret, "shown"], "k": pa.array(["x", "y"]).dictionary_encode()})
    frame = SessionContext().from_arrow(table.slice(1), name="t")
    batch = next(iter(frame))
    message = pickle.dumps(batch)
    assert secret.encode() not in message
    again = pickle.loads(message)
    assert isinstance(again, planwire.RecordBatch)
    assert again.to_pyarrow().schema == batch.to_pyarrow().schema
    assert again.to_pyarrow().to_pydict() == {"a": ["shown"], "k": ["y"]}


def test_pickle_of_a_batch_that_is_damaged_is_an_error() -> None:
    batch = next(iter(SessionContext().from_pydict({"a": [1, 2]})))
    restore, (stream,) = batch.__reduce__()
    assert restore(stream).to_pyarrow() == batch.to_pyarrow()
    for end in range(len(stream)):
        with pytest.raises((ValueError, planwire.ExecutionError)):
            restore(stream[:end])
