"""What a function returns becomes the declared type where no value changes, and else is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import planwire
import polars as pl
import pyarrow as pa
import pytest
from planwire import Accumulator, ExecutionError, GroupedAccumulator, SessionContext, col, udaf, udf

INT, FLOAT, TEXT = pa.int64(), pa.float64(), pa.string()
DAY = dt.date(2020, 1, 1)


def rows_of(function: Callable[..., Any], output: Any) -> list[Any]:
    frame = SessionContext().from_pydict({"a": [1, 2, 3]})
    call = udf(function, INT, output, "immutable", "f")(col("a")).alias("r")
    batch = frame.select(call).to_arrow_table()
    wanted = output.type if isinstance(output, pa.Field) else output
    assert batch.schema.field("r").type == wanted
    return batch["r"].to_pylist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("function", "output", "rows"),
    [
        (lambda a: np.asarray(a) / 2 * 2, FLOAT, [1.0, 2.0, 3.0]),
        (lambda a: np.asarray(a) * 2.0, INT, [2, 4, 6]),
        (lambda a: np.array([-0.0, 1.0, 2.0]), INT, [0, 1, 2]),
        (lambda a: np.array([0.5, 0.25, np.inf]), pa.float32(), [0.5, 0.25, np.inf]),
        (lambda a: np.asarray(a) > 1, pa.bool_(), [False, True, True]),
        (lambda a: np.ma.array([1, 2, 3], mask=[False, True, False]), INT, [1, None, 3]),
        (lambda a: np.array(["2020-01-01"] * 3, "datetime64[D]"), pa.date32(), [DAY] * 3),
        (lambda a: np.float64(2), FLOAT, [2.0] * 3),
        (lambda a: np.array(7), INT, [7] * 3),
        (lambda a: a.to_pandas() * 2, INT, [2, 4, 6]),
        (lambda a: pd.Series(["u", None, "w"]), TEXT, ["u", None, "w"]),
        (lambda a: pl.Series([1, None, 3]), INT, [1, None, 3]),
        (lambda a: pl.Series(["u", None, "w"]), TEXT, ["u", None, "w"]),
        (lambda a: [1, None, 3], INT, [1, None, 3]),
        (lambda a: (1.0, 2.0, 3.0), INT, [1, 2, 3]),
        (lambda a: [2**63, 1, 2], pa.uint64(), [2**63, 1, 2]),
        (lambda a: [None] * 3, TEXT, [None] * 3),
        (lambda a: [[1], [2, 3], None], pa.list_(INT), [[1], [2, 3], None]),
        (lambda a: [[("k", 1)]] * 3, pa.map_(TEXT, INT), [[("k", 1)]] * 3),
        (lambda a: 7, INT, [7] * 3),
        (lambda a: "text", TEXT, ["text"] * 3),
        (lambda a: pa.scalar(7, pa.int8()), INT, [7] * 3),
        (lambda a: DAY, pa.date32(), [DAY] * 3),
        (lambda a: a.cast(pa.int32()), INT, [1, 2, 3]),
        (lambda a: a, pa.int8(), [1, 2, 3]),
        (lambda a: a.cast(TEXT).cast(pa.string_view()), TEXT, ["1", "2", "3"]),
        (lambda a: a.cast(pa.large_string()), TEXT, ["1", "2", "3"]),
        (lambda a: a.cast(TEXT), pa.large_string(), ["1", "2", "3"]),
        (lambda a: a.cast(TEXT).dictionary_encode(), TEXT, ["1", "2", "3"]),
        (lambda a: ["x", "y", "x"], pa.dictionary(pa.int32(), TEXT), ["x", "y", "x"]),
        (
            lambda a: pa.array([Decimal("1.5"), Decimal("2.25"), None]),
            pa.decimal128(10, 4),
            [Decimal("1.5000"), Decimal("2.2500"), None],
        ),
        (lambda a: pa.array([[1], [2], [3]], pa.large_list(INT)), pa.list_(INT), [[1], [2], [3]]),
    ],
)
def test_result_becomes_the_declared_type(function: Any, output: Any, rows: list[Any]) -> None:
    assert rows_of(function, output) == rows


@pytest.mark.parametrize(
    ("function", "output", "text"),
    [
        (lambda a: np.asarray(a) / 2, INT, "Int64 does not hold all of its values exactly"),
        (
            lambda a: np.full(3, 0.1),
            pa.float32(),
            "Float32 does not hold all of its values exactly",
        ),
        (lambda a: [300] * 3, pa.int8(), "Int8 does not hold all of its values exactly"),
        (lambda a: [2**53 + 1] * 3, FLOAT, "Float64 does not hold all of its values exactly"),
        (lambda a: [Decimal("0.25")] * 3, pa.decimal128(9, 1), "does not hold all of its values"),
        (lambda a: [[1.5]] * 3, pa.list_(INT), "does not hold all of its values exactly"),
        (
            lambda a: a,
            TEXT,
            "it returned an array of Int64 where it declares Utf8; "
            "convert it to Utf8 in the function, or declare Int64",
        ),
        (lambda a: a.cast(TEXT), INT, "convert it to Int64 in the function, or declare Utf8"),
        (lambda a: np.asarray(a) > 1, INT, "or declare Boolean"),
        (lambda a: np.ones((3, 2)), FLOAT, "returned ndarray where an array of Float64 is wanted"),
        (lambda a: None, INT, "returned NoneType where an array of Int64 is wanted"),
        (lambda a: {1, 2, 3}, INT, "returned set where an array of Int64 is wanted"),
        (lambda a: "text", INT, "it returned str where it declares Int64"),
        (lambda a: 1.5, INT, "it returned float where it declares Int64"),
        (lambda a: [1, 2], INT, "2 values for 3 rows"),
        (lambda a: [1, None, 2], pa.field("r", INT, nullable=False), "returned nulls"),
    ],
)
def test_result_that_would_change_is_named_with_the_remedy(
    function: Any, output: Any, text: str
) -> None:
    with pytest.raises(ExecutionError) as error:
        rows_of(function, output)
    assert str(error.value).startswith("running scalar UDF 'f': ")
    assert text in str(error.value)


class Sum(Accumulator):
    """An accumulator of which a method is replaced."""

    def __init__(self) -> None:
        self.total = 0

    def update(self, *values: pa.Array) -> None:
        self.total += sum(values[0].to_pylist())

    def merge(self, states: list[pa.Array]) -> None:
        self.update(states[0])

    def state(self) -> Any:
        return [self.total]

    def evaluate(self) -> Any:
        return self.total


@pytest.mark.parametrize(
    ("method", "returned", "text"),
    [
        ("state", 3, "state() returned int where a list of 1 is wanted, one value for each state"),
        ("state", "abc", "state() returned str where a list of 1 is wanted"),
        ("state", [1, 2], "state() returned 2 values where 1 are declared"),
        ("state", ["x"], "state() returned str where it declares Int64"),
        ("evaluate", "x", "evaluate() returned str where it declares Int64"),
        ("evaluate", [1], "evaluate() returned list where it declares Int64"),
        ("evaluate", 1.5, "evaluate() returned float where it declares Int64"),
    ],
)
def test_method_that_returned_something_else_is_named(
    method: str, returned: Any, text: str
) -> None:
    made = type("Made", (Sum,), {method: lambda self: returned})
    total = udaf(made, INT, INT, [INT], "immutable", "total")
    ctx = SessionContext(planwire.SessionConfig().with_target_partitions(2))
    batch = pa.record_batch({"a": [1, 2, 3]})
    # States cross from one partition to another.
    ctx.register_record_batches("t", [[batch], [batch]])
    frame = ctx.table("t")
    with pytest.raises(ExecutionError) as error:
        frame.aggregate([], total(col("a"))).collect()
    assert text in str(error.value)
    assert "aggregate UDF 'total'" in str(error.value)


def test_grouped_accumulator_may_return_arrays_of_numpy() -> None:
    class Total(GroupedAccumulator):
        def __init__(self) -> None:
            self.totals = np.zeros(0)

        def update(self, groups: pa.Array, count: int, *values: pa.Array) -> None:
            self.totals.resize(count)
            np.add.at(self.totals, groups.to_numpy(), values[0].to_numpy())

        def merge(self, groups: pa.Array, count: int, states: list[pa.Array]) -> None:
            self.update(groups, count, states[0])

        def state(self, which: slice) -> Any:
            return [self.totals[which]]

        def evaluate(self, which: slice) -> Any:
            return self.totals[which]

    total = udaf(Total, INT, INT, [FLOAT], "immutable", "total")
    frame = SessionContext().from_pydict({"k": ["x", "y", "x"], "a": [1, 2, 3]})
    grouped = frame.aggregate("k", total(col("a")).alias("r")).sort("k")
    assert grouped.to_pydict() == {"k": ["x", "y"], "r": [4, 2]}
