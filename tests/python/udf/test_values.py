"""A value means the same in each form: alone for all rows, in a list, and in an array."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from planwire import Accumulator, ExecutionError, SessionContext, col, udaf, udf

INT, TEXT = pa.int64(), pa.string()
DAY, NOON = dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 12)
AWARE = NOON.replace(tzinfo=dt.timezone.utc)
LATE = NOON.replace(microsecond=5)
NAN = float("nan")


def answers(function: Callable[[Any], Any], output: pa.DataType) -> list[Any]:
    frame = SessionContext().from_pydict({"a": [1, 2]})
    call = udf(function, INT, output, "volatile", "fn")(col("a")).alias("r")
    table = frame.select(call).to_arrow_table()
    assert table.schema.field("r").type == output
    return table["r"].to_pylist()  # type: ignore[no-any-return]


def of_accumulator(value: Any, output: pa.DataType) -> list[Any]:
    class Constant(Accumulator):
        def update(self, *values: pa.Array) -> None: ...
        def merge(self, states: list[pa.Array]) -> None: ...
        def state(self) -> list[Any]:
            return [value]

        def evaluate(self) -> Any:
            return value

    frame = SessionContext().from_pydict({"a": [1, 2]})
    made = udaf(Constant, INT, output, [output], "volatile", "fn")
    return frame.aggregate([], made(col("a")).alias("r")).to_pydict()["r"] * 2


def forms(value: Any) -> dict[str, Callable[[Any], Any]]:
    """The forms that a value has: each is a function's answer for two rows."""
    made: dict[str, Callable[[Any], Any]] = {"list": lambda a: [value] * 2}
    if not isinstance(value, (list, tuple, dict)):
        made["value"] = lambda a: value
    if isinstance(value, (np.generic, np.ndarray)):
        made["numpy"] = lambda a: np.repeat(value, 2)
        del made["list"]
    if isinstance(value, pa.Scalar):
        made["arrow"] = lambda a: pa.array([value] * 2, value.type)
    return made


@pytest.mark.parametrize(
    ("value", "output", "wanted"),
    [
        (2.0, INT, 2),
        (np.float32(2), INT, 2),
        (np.array(2.0), INT, 2),
        (Decimal("2.0"), INT, 2),
        (-0.0, INT, 0),
        (-0.0, pa.decimal128(5, 2), Decimal("0.00")),
        ([-0.0], pa.list_(INT), [0]),
        (2**63, pa.uint64(), 2**63),
        (10**20, pa.decimal128(30, 0), Decimal(10**20)),
        (0.1, pa.float32(), float(np.float32(0.1))),
        ([0.1], pa.list_(pa.float32()), [float(np.float32(0.1))]),
        (float("inf"), pa.float32(), float("inf")),
        (DAY, pa.date32(), DAY),
        (NOON, pa.timestamp("s"), NOON),
        (AWARE, pa.timestamp("s", "UTC"), AWARE),
        (LATE, pa.timestamp("us"), LATE),
        (LATE.time(), pa.time64("us"), LATE.time()),
        (dt.timedelta(seconds=2), pa.duration("s"), dt.timedelta(seconds=2)),
        (np.datetime64("2020-01-01T12:00:00"), pa.timestamp("us"), NOON),
        (pd.Timestamp(NOON), pa.timestamp("us"), NOON),
        (pd.NaT, pa.timestamp("us"), None),
        (pd.Timedelta(seconds=2), pa.duration("ms"), dt.timedelta(seconds=2)),
        (pa.scalar(12, pa.int8()), INT, 12),
        (pa.scalar("x", pa.large_string()), TEXT, "x"),
        ("x", pa.dictionary(pa.int32(), TEXT), "x"),
        (b"ab", pa.binary(2), b"ab"),
        ([], pa.list_(INT), []),
        ([1, None], pa.list_(INT), [1, None]),
        (["ab"], pa.list_(TEXT), ["ab"]),
        ((1, 2), pa.list_(INT, 2), [1, 2]),
        ([AWARE], pa.list_(pa.timestamp("us", "UTC")), [AWARE]),
        ({"a": 1}, pa.struct({"a": INT, "b": TEXT}), {"a": 1, "b": None}),
        ((1, "x"), pa.struct({"a": INT, "b": TEXT}), {"a": 1, "b": "x"}),
        ([("b", "x")], pa.struct({"a": INT, "b": TEXT}), {"a": None, "b": "x"}),
        ({"b": [], "a": 2.0}, pa.struct({"a": INT, "b": pa.list_(INT)}), {"a": 2, "b": []}),
        ([("a", 1), ("b", 2)], pa.map_(TEXT, INT), [("a", 1), ("b", 2)]),
        ({"a": 2.0}, pa.map_(TEXT, INT), [("a", 2)]),
        ([{"a": 1}, {}], pa.list_(pa.map_(TEXT, INT)), [[("a", 1)], []]),
    ],
)
def test_value_is_the_same_in_each_form(value: Any, output: Any, wanted: Any) -> None:
    for name, form in forms(value).items():
        assert answers(form, output) == [wanted] * 2, name
    assert of_accumulator(value, output) == [wanted] * 2


@pytest.mark.parametrize(
    ("value", "output"),
    [
        (1.5, INT),
        (np.float32(1.5), INT),
        (np.array(1.5), INT),
        (np.float64(0.1), pa.float32()),
        (Decimal("1.5"), INT),
        (np.True_, INT),
        (True, INT),
        (1e300, pa.float32()),
        (NOON, pa.date32()),
        (DAY, pa.timestamp("us")),
        (NOON, pa.timestamp("us", "UTC")),
        (AWARE, pa.timestamp("us")),
        (LATE, pa.timestamp("s")),
        (LATE.time(), pa.time32("s")),
        (AWARE.timetz(), pa.time64("us")),
        (dt.timedelta(microseconds=5), pa.duration("s")),
        (pd.Timestamp("2020-01-01T00:00:00.000000001"), pa.timestamp("us")),
        (pd.Timedelta(5), pa.duration("us")),
        (np.datetime64("2020-01-01T00:00:00.5"), pa.timestamp("s")),
        (pa.scalar("12"), INT),
        (pa.scalar(12), TEXT),
        (pa.scalar(1.5), INT),
        (5, pa.timestamp("us")),
        (5, pa.date32()),
        ("ab", pa.list_(TEXT)),
        (b"ab", pa.list_(INT)),
        ("ab", pa.binary()),
        (2**64, INT),
        ([1.5], pa.list_(INT)),
        (memoryview(b"ab"), pa.list_(INT)),
        ([("a", 1), ("a", 2)], pa.struct({"a": INT})),
        ([1, 2, 3], pa.list_(INT, 2)),
        ([1e300], pa.list_(pa.float32())),
        ([NOON, AWARE], pa.list_(pa.timestamp("us"))),
        ([DAY, NOON], pa.list_(pa.date32())),
        (["x", b"x"], pa.list_(pa.binary())),
        ({"a": 1.5, "b": 1}, pa.struct({"a": INT, "b": INT})),
        ({"a": 1, "c": 1}, pa.struct({"a": INT, "b": INT})),
        ({"a": 1.5}, pa.map_(TEXT, INT)),
        ({1: 1}, pa.map_(TEXT, INT)),
    ],
)
def test_value_that_would_change_is_refused_in_each_form(value: Any, output: Any) -> None:
    for name, form in forms(value).items():
        with pytest.raises(ExecutionError) as error:
            pytest.fail(f"{name}: {answers(form, output)}")
        assert "scalar UDF 'fn'" in str(error.value)
        assert str(error.value).count("it returned ") == 1
    with pytest.raises(ExecutionError, match=r"aggregate UDF 'fn'.* returned .* where it declares"):
        pytest.fail(str(of_accumulator(value, output)))


@pytest.mark.parametrize(
    ("rows", "output"),
    [
        ([Decimal("1.5"), 2.5], INT),
        ([{"a": 1.5}, {"a": 2.7}], pa.struct({"a": INT, "b": INT})),
        ([{"a": 1, "b": 1}, {"a": 1, "c": 1}], pa.struct({"a": INT, "b": INT})),
        ([NOON, AWARE], pa.timestamp("us")),
        ([AWARE, NOON], pa.timestamp("us", "UTC")),
        ([DAY, NOON], pa.date32()),
        ([NOON, DAY], pa.timestamp("us")),
        ([dt.timedelta(1), 1], pa.duration("us")),
        (["x", b"x"], pa.binary()),
        ([True, 1], INT),
        ([0.1, 1e300], pa.float32()),
    ],
)
def test_rows_of_several_sorts_or_with_lost_digits_are_refused(rows: Any, output: Any) -> None:
    with pytest.raises(ExecutionError, match="it returned "):
        pytest.fail(str(answers(lambda a: rows, output)))


def test_nan_stays_what_it_is_where_a_float_is_declared() -> None:
    forms: list[Any] = [[NAN, 1.0], np.array([NAN, 1.0]), pd.Series([NAN, 1.0])]
    for rows in forms:
        first = answers(partial(lambda rows, a: rows, rows), pa.float64())[0]
        assert first is not None
        assert np.isnan(first)
    assert answers(lambda a: pd.Series([NAN, 1.0]), INT) == [None, 1]
    nullable = pd.Series([None, 1.0], dtype="Float64")
    assert answers(lambda a: nullable, pa.float64()) == [None, 1.0]


def test_array_of_empty_lists_is_taken_for_lists_of_any_type() -> None:
    assert answers(lambda a: pa.array([[], [None]]), pa.list_(INT)) == [[], [None]]


def test_dictionary_with_a_null_among_its_values_is_taken() -> None:
    made = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["x", None]))
    assert answers(lambda a: made, TEXT) == ["x", None]


@pytest.mark.parametrize(
    ("part", "output", "rows"),
    [
        (lambda a: 7, INT, [7, 7]),
        (lambda a: a.to_pylist() if a[0].as_py() == 1 else [2.0], INT, [1, 2]),
        (lambda a: [None] if a[0].as_py() == 1 else ["x"], TEXT, [None, "x"]),
    ],
)
def test_parts_of_a_batch_size_are_converted_like_all_rows(
    part: Any, output: Any, rows: list[Any]
) -> None:
    frame = SessionContext().from_pydict({"a": [1, 2]})
    function = udf(part, INT, output, "volatile", "fn", batch_size=1)
    assert function.__wrapped__ is part
    assert frame.select(function(col("a")).alias("r")).to_pydict()["r"] == rows


def test_array_is_an_argument_where_a_list_is_declared() -> None:
    counts = udf(lambda lists: [len(item) for item in lists], pa.list_(INT), INT, "volatile", "n")
    frame = SessionContext().from_pydict({"a": [1, 2]})
    assert frame.select(counts(pa.array([1, 2, 3])).alias("r")).to_pydict()["r"] == [3, 3]
    whole = udf(lambda a: a, INT, INT, "volatile", "whole")
    with pytest.raises(TypeError, match="call its __wrapped__"):
        whole(pa.array([1, 2]))
