"""Every type of Arrow goes through functions of every kind and comes back as it was."""

from __future__ import annotations

import decimal
import uuid
from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pytest


class Celsius(pa.ExtensionType):  # type: ignore[misc]
    """A type of the tests' own: degrees, stored as numbers."""

    def __init__(self) -> None:
        super().__init__(pa.float64(), "planwire.tests.celsius")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type: pa.DataType, serialized: bytes) -> Celsius:
        return cls()


pa.register_extension_type(Celsius())

DEGREES = pa.ExtensionArray.from_storage(Celsius(), pa.array([1.5, None, -3.0, 20.0]))
IDS = [uuid.UUID(int=number).bytes for number in (1, 2, 3)]
WORDS = ["plan", None, "", "wire"]
NUMBERS = [1, None, -3, 7]
MOMENTS = [0, None, 1_700_000_000_000, -1_000]

CASES = {
    "null": pa.nulls(4),
    "bool": pa.array([True, None, False, True]),
    "int8": pa.array(NUMBERS, pa.int8()),
    "int64": pa.array(NUMBERS, pa.int64()),
    "uint64": pa.array([1, None, 2**64 - 1, 0], pa.uint64()),
    "float16": pa.array([1.5, None, -2.0, 0.0], pa.float16()),
    "float32": pa.array([1.5, None, -2.0, 0.0], pa.float32()),
    "float64": pa.array([1.5, None, float("inf"), 0.0], pa.float64()),
    "decimal128": pa.array(
        [decimal.Decimal("1.25"), None, decimal.Decimal("-3.50"), 0], pa.decimal128(10, 2)
    ),
    "decimal256": pa.array([decimal.Decimal(10) ** 60, None, 0, -1], pa.decimal256(70, 2)),
    "date32": pa.array(NUMBERS, pa.date32()),
    "date64": pa.array([86_400_000, None, 0, -86_400_000], pa.date64()),
    "time32": pa.array([1, None, 3, 4], pa.time32("ms")),
    "time64": pa.array([1_000, None, 3_000, 4_000], pa.time64("ns")),
    "timestamp": pa.array(MOMENTS, pa.timestamp("us")),
    "timestamp_with_zone": pa.array(MOMENTS, pa.timestamp("ns", "Europe/Berlin")),
    "duration": pa.array(MOMENTS, pa.duration("s")),
    "interval": pa.array([(1, 2, 3), None, (0, 0, 0), (-1, 5, 7)], pa.month_day_nano_interval()),
    "string": pa.array(WORDS),
    "large_string": pa.array(WORDS, pa.large_string()),
    "string_view": pa.array([*WORDS[:3], "longer than twelve bytes"], pa.string_view()),
    "binary": pa.array([b"\xff", None, b"", b"x"]),
    "large_binary": pa.array([b"\xff", None, b"", b"x"], pa.large_binary()),
    "binary_view": pa.array([b"\xff", None, b"", b"longer than twelve bytes"], pa.binary_view()),
    "fixed_size_binary": pa.array([b"ab", None, b"cd", b"\0\0"], pa.binary(2)),
    "dictionary": pa.array(WORDS).dictionary_encode(),
    "list": pa.array([[1, None], None, [], [3]], pa.list_(pa.int64())),
    "list_of_structs": pa.array(
        [[{"x": 1}], None, [], [{"x": None}]], pa.list_(pa.struct([("x", pa.int64())]))
    ),
    "large_list": pa.array([["a"], None, [], ["b", "c"]], pa.large_list(pa.string())),
    "fixed_size_list": pa.array([[1, 2], None, [3, None], [5, 6]], pa.list_(pa.int32(), 2)),
    "struct": pa.array(
        [{"x": 1, "y": "a"}, None, {"x": None, "y": None}, {"x": 2, "y": ""}],
        pa.struct([("x", pa.int64()), ("y", pa.string())]),
    ),
    "map": pa.array([[("a", 1)], None, [], [("b", None)]], pa.map_(pa.string(), pa.int64())),
    "uuid": pa.array([IDS[0], None, IDS[1], IDS[2]], pa.uuid()),
    "json": pa.array(["{}", None, "[1]", '"x"'], pa.json_()),
    "extension": DEGREES,
}

each_type = pytest.mark.parametrize("case", CASES)


def query(package: Any, values: pa.Array, sql: str, function: Any) -> pa.Array:
    """The column `r` of a query over the table `t`: values `v`, their positions `n`, groups `k`."""
    ctx = package.SessionContext()
    numbers = pa.array(range(len(values)), pa.int64())
    groups = pa.array([number % 2 for number in range(len(values))], pa.int64())
    table = pa.table({"v": values, "n": numbers, "k": groups})
    ctx.from_arrow(table, name="t")
    for kind in ("udf", "udaf", "udwf"):
        if kind in type(function).__dict__:
            getattr(ctx, f"register_{kind}")(function)
    return ctx.sql(sql).to_arrow_table()["r"].combine_chunks()


def same(package: Any, values: pa.Array) -> pa.Array:
    """What a scalar function returns that returns what it gets, and checks the type of that."""

    def same(array: pa.Array) -> pa.Array:
        assert array.type == values.type, f"it is given {array.type}"
        return array

    field = pa.field("v", values.type)
    function = package.udf(same, [field], field, "immutable", "same")
    return query(package, values, "SELECT same(v) AS r FROM t ORDER BY n", function)


def last(package: Any, kind: pa.DataType) -> Any:
    """An aggregate function: the last value, which is also the state."""

    class Last(package.Accumulator):  # type: ignore[misc]
        def __init__(self) -> None:
            self.value = pa.scalar(None, kind)

        def update(self, *values: pa.Array) -> None:
            assert values[0].type == kind, f"update is given {values[0].type}"
            self.value = values[0][-1]

        def merge(self, states: list[pa.Array]) -> None:
            assert states[0].type == kind, f"merge is given {states[0].type}"
            self.value = states[0][-1]

        def state(self) -> list[pa.Scalar]:
            return [self.value]

        def evaluate(self) -> pa.Scalar:
            return self.value

    field = pa.field("v", kind)
    return package.udaf(Last, [field], field, [field], "immutable", "last")


def first_of_frame(package: Any, kind: pa.DataType) -> Any:
    """A window function: the first value of each row's frame."""

    class First(package.user_defined.WindowEvaluator):  # type: ignore[misc]
        def uses_window_frame(self) -> bool:
            return True

        def evaluate(self, values: list[pa.Array], eval_range: tuple[int, int]) -> pa.Scalar:
            assert values[0].type == kind, f"evaluate is given {values[0].type}"
            return values[0][eval_range[0]]

    field = pa.field("v", kind)
    return package.udwf(First, [field], field, "immutable", "first")


@each_type
def test_scalar_function_returns_what_it_got(case: str) -> None:
    values = CASES[case]
    ours = same(planwire, values)
    assert (ours.type, ours.to_pylist()) == (values.type, values.to_pylist())
    theirs = same(datafusion, values)
    assert (ours.type, ours.to_pylist()) == (theirs.type, theirs.to_pylist())


@each_type
def test_scalar_function_gets_slices_and_nothing_as_what_they_are(case: str) -> None:
    for values in (CASES[case].slice(1, 2), CASES[case].slice(4)):
        assert same(planwire, values).to_pylist() == values.to_pylist()


@each_type
def test_aggregate_function_keeps_values_in_its_state(case: str) -> None:
    values = CASES[case]
    answer = query(planwire, values, "SELECT last(v) AS r FROM t", last(planwire, values.type))
    assert answer.type == values.type
    assert answer.to_pylist() == values.slice(3).to_pylist()


@each_type
def test_aggregate_function_merges_the_states_of_groups(case: str) -> None:
    values = CASES[case]
    sql = "SELECT last(v) AS r FROM t GROUP BY k ORDER BY k"
    answer = query(planwire, values, sql, last(planwire, values.type))
    assert answer.type == values.type
    assert answer.to_pylist() == values.slice(2).to_pylist()


@each_type
def test_window_function_returns_values_of_its_frame(case: str) -> None:
    values = CASES[case]
    frame = "(ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)"
    sql = f"SELECT first(v) OVER {frame} AS r FROM t ORDER BY n"
    answer = query(planwire, values, sql, first_of_frame(planwire, values.type))
    assert answer.type == values.type
    assert answer.to_pylist() == [values.to_pylist()[at] for at in (0, 0, 1, 2)]


@each_type
def test_constant_argument_has_its_type(case: str) -> None:
    values = CASES[case]
    seen: list[tuple[pa.DataType, int]] = []

    def note(constants: pa.Array, numbers: pa.Array) -> pa.Array:
        seen.append((constants.type, len(constants)))
        return constants

    field = pa.field("v", values.type)
    function = planwire.udf(note, [field, pa.int64()], field, "immutable", "note")
    frame = planwire.SessionContext().from_pydict({"n": [1, 2, 3]})
    query = frame.select(function(planwire.lit(values[0]), planwire.col("n")).alias("r"))
    assert query.to_arrow_table()["r"].combine_chunks().to_pylist() == [values[0].as_py()] * 3
    assert seen == [(values.type, 3)]
