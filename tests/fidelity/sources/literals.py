"""A literal of each type, as a value and as a null, in expressions and in plans; and metadata."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pyarrow as pa

import package
from package import tried
from query import Query

DAY = datetime.date(2024, 2, 29)
MOMENT = datetime.datetime(2024, 3, 31, 1, 30)
LATER = datetime.timedelta(days=1, seconds=2)
TIME = datetime.time(1, 2, 3)

VALUES: list[tuple[Any, pa.DataType]] = [
    (None, pa.null()),
    (True, pa.bool_()),
    *((1, kind()) for kind in (pa.int8, pa.int16, pa.int32, pa.int64)),
    *((1, kind()) for kind in (pa.uint8, pa.uint16, pa.uint32, pa.uint64)),
    (1.5, pa.float32()),
    (-0.0, pa.float64()),
    (float("nan"), pa.float64()),
    *(
        (Decimal("1.25"), kind(9, 2))
        for kind in (pa.decimal32, pa.decimal64, pa.decimal128, pa.decimal256)
    ),
    *(("ü", kind()) for kind in (pa.string, pa.large_string, pa.string_view)),
    *((b"\x00\xff", kind()) for kind in (pa.binary, pa.large_binary, pa.binary_view)),
    (b"\x00\xff", pa.binary(2)),
    (DAY, pa.date32()),
    (DAY, pa.date64()),
    *((TIME, kind) for kind in (pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"))),
    *((MOMENT, pa.timestamp(unit)) for unit in ("s", "ms", "us", "ns")),
    (MOMENT, pa.timestamp("us", "Europe/Berlin")),
    *((LATER, pa.duration(unit)) for unit in ("s", "ms", "us", "ns")),
    (pa.MonthDayNano([1, 2, 3]), pa.month_day_nano_interval()),
    ([1, None], pa.list_(pa.int64())),
    ([1, None], pa.large_list(pa.int64())),
    ([1, 2], pa.list_(pa.int64(), 2)),
    ([1, None], pa.list_view(pa.int64())),
    ([], pa.list_(pa.field("element", pa.int64(), nullable=False))),
    ([["a"], None], pa.list_(pa.list_(pa.string()))),
    ({"x": 1, "y": "a"}, pa.struct([("x", pa.int64()), ("y", pa.string())])),
    ({"x": 1}, pa.struct([pa.field("x", pa.int64(), False, {"unit": "EUR"})])),
    ([("a", 1)], pa.map_(pa.string(), pa.int64())),
    ("a", pa.dictionary(pa.int8(), pa.string())),
]


def queries(name: str, folder: Path) -> Iterator[Query]:
    """A query for each type, and those about metadata."""
    ctx = package.session()
    table = ctx.sql("SELECT * FROM (VALUES (1), (2)) AS t(value)")
    for value, kind in VALUES:
        place = f"literals/literal/{kind}{' not a number' if repr(value) == 'nan' else ''}"
        makers = [_literal(value, kind), _literal(None, kind)]
        if fnmatch(place, f"literals/{name}*"):
            yield _query(place, ctx, table, makers)
    for option, maker in _WITH_METADATA.items():
        if fnmatch(f"literals/metadata/{option}", f"literals/{name}*"):
            yield _query(f"literals/metadata/{option}", ctx, table, [maker])


def _query(place: str, ctx: Any, table: Any, makers: list[Callable[[], Any]]) -> Query:
    def exprs() -> list[Any]:
        return [make().alias(f"x{at}") for at, make in enumerate(makers)]

    def select() -> tuple[Any, list[Any]]:
        return table, exprs()

    return Query(place, "", ctx, select=select, make=lambda: table.select(*exprs()))


def _literal(value: Any, kind: pa.DataType) -> Callable[[], Any]:
    return lambda: tried.lit(pa.scalar(value, kind))


_UNIT = {"unit": "EUR"}
_WITH_METADATA: dict[str, Callable[[], Any]] = {
    "alias": lambda: tried.col("value").alias("a", _UNIT),
    "alias within an expression": lambda: tried.col("value").alias("a", _UNIT) + tried.lit(1),
    "literal": lambda: tried.Expr.literal_with_metadata(1, _UNIT),
    "literal in a sum": lambda: tried.col("value") + tried.Expr.literal_with_metadata(1, _UNIT),
    "cast": lambda: tried.col("value").cast(pa.field("c", pa.int32(), False, _UNIT)),
    "try cast": lambda: tried.col("value").try_cast(pa.field("c", pa.int32(), True, _UNIT)),
    "Python function": lambda: _with_fields()(tried.col("value")),
}


def _with_fields() -> Any:
    result = pa.field("r", pa.int64(), nullable=False, metadata=_UNIT)
    return tried.udf(lambda values: values, [pa.int64()], result, "immutable", "kept")
