"""The tables of the grammar: the same rows in memory and in a file of each format."""

from __future__ import annotations

import datetime
import json
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather
import pyarrow.parquet as pq

import package
from package import tried

ROWS = 12

SCHEMA = pa.schema(
    [
        pa.field("k", pa.int64(), nullable=False),
        pa.field("i", pa.int64(), metadata={"unit": "EUR"}),
        pa.field("f", pa.float64()),
        pa.field("s", pa.string()),
        pa.field("d", pa.date32()),
        pa.field("t", pa.timestamp("ns")),
        pa.field("m", pa.decimal128(12, 2)),
        pa.field("l", pa.list_(pa.int64())),
        pa.field("r", pa.struct([("x", pa.int64()), ("y", pa.string())])),
    ]
)
FLAT = pa.schema([SCHEMA.field(at) for at in range(7)])


def table(rows: range = range(ROWS)) -> pa.Table:
    """The rows, with nulls in every column but the key."""

    def or_null(at: int, every: int, value: Any) -> Any:
        return None if at % every == every - 1 else value

    columns = [
        list(rows),
        [or_null(at, 5, at * 7 % 6) for at in rows],
        [or_null(at, 4, at * 0.25 - 1) for at in rows],
        [or_null(at, 6, "abcdefgh"[at % 8] * (at % 3 + 1)) for at in rows],
        [or_null(at, 7, datetime.date(2024, 1 + at % 12, 28)) for at in rows],
        [or_null(at, 8, datetime.datetime(2024, 3, 31, at % 24, 15)) for at in rows],
        [or_null(at, 9, Decimal(at * 123 - 400).scaleb(-2)) for at in rows],
        [or_null(at, 5, [at, None, at % 3][: at % 4]) for at in rows],
        [or_null(at, 6, {"x": at % 4, "y": or_null(at, 3, "y")}) for at in rows],
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def session(folder: Path) -> Any:
    """A session with the tables; the files are made if the folder has none."""
    if not (folder / "parquet").exists():
        write(folder)
    ctx = package.session()
    halves = [[table(range(5)).to_batches()[0]], [table(range(5, ROWS)).to_batches()[0]]]
    ctx.register_record_batches("memory", halves)
    ctx.register_parquet("parquet", folder / "parquet")
    ctx.register_arrow("arrow", folder / "t.arrow")
    ctx.register_csv("csv", folder / "csv", schema=FLAT, delimiter="|")
    ctx.register_json(
        "json", folder / "t.json", schema=pa.schema([FLAT.field(at) for at in range(4)])
    )
    ctx.register_avro("avro", folder / "t.avro")
    ctx.sql("CREATE VIEW view AS SELECT k, i + 1 AS i, f, upper(s) AS s FROM parquet WHERE k > 1")
    for register, function in functions():
        getattr(ctx, register)(function)
    return ctx


def write(folder: Path) -> None:
    """Writes the rows in each format, and those that are read in parallel in several files."""
    for name in ("parquet", "csv"):
        (folder / name).mkdir()
    for part in range(3):
        rows = table(range(part * 4, part * 4 + 4))
        pq.write_table(rows, folder / "parquet" / f"{part}.parquet")
        lines = ["|".join(FLAT.names)]
        for row in rows.select(FLAT.names).to_pylist():
            lines.append("|".join("" if value is None else str(value) for value in row.values()))
        (folder / "csv" / f"{part}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    pyarrow.feather.write_feather(table(), str(folder / "t.arrow"), compression="uncompressed")
    few = table().select(FLAT.names[:4])
    lines = [json.dumps(row) for row in few.to_pylist()]
    (folder / "t.json").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (folder / "t.avro").write_bytes(avro(few))


def functions() -> list[tuple[str, Any]]:
    """A Python function of each kind, and how it is registered."""
    number = pa.int64()

    class Sum(tried.Accumulator):  # type: ignore[misc]
        def __init__(self) -> None:
            self.total = 0

        def update(self, values: pa.Array) -> None:
            self.total += sum(value % 1000 for value in values.to_pylist() if value is not None)

        def merge(self, states: list[pa.Array]) -> None:
            # Whole, so that the rows do not depend on how many partitions there were.
            self.total += sum(states[0].to_pylist())

        def state(self) -> list[pa.Scalar]:
            return [pa.scalar(self.total)]

        def evaluate(self) -> pa.Scalar:
            return pa.scalar(self.total)

    class Halves(tried.user_defined.WindowEvaluator):  # type: ignore[misc]
        def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
            return pc.divide(values[0], 2)

    scalar = tried.udf(
        lambda values: pc.divide(values, 3), [number], number, "immutable", "own_scalar"
    )
    aggregate = tried.AggregateUDF("own_aggregate", Sum, [number], number, [number], "immutable")
    window = tried.WindowUDF("own_window", Halves, [number], number, "immutable")
    return [("register_udf", scalar), ("register_udaf", aggregate), ("register_udwf", window)]


def avro(rows: pa.Table) -> bytes:
    """An Avro file of one block, written by hand, because no package here writes any."""
    kinds = {"k": "long", "i": "long", "f": "double", "s": "string"}
    fields = [{"name": name, "type": ["null", kind]} for name, kind in kinds.items()]
    schema = json.dumps({"type": "record", "name": "t", "fields": fields}).encode()
    head = b"Obj\x01" + _long(2)
    head += _bytes(b"avro.schema") + _bytes(schema) + _bytes(b"avro.codec") + _bytes(b"null")
    body = b"".join(b"".join(_union(value) for value in row.values()) for row in rows.to_pylist())
    sync = bytes(16)
    return head + _long(0) + sync + _long(rows.num_rows) + _bytes(body) + sync


def _union(value: Any) -> bytes:
    if value is None:
        return _long(0)
    if isinstance(value, float):
        return _long(1) + struct.pack("<d", value)
    return _long(1) + (_bytes(value.encode()) if isinstance(value, str) else _long(value))


def _bytes(value: bytes) -> bytes:
    return _long(len(value)) + value


def _long(value: int) -> bytes:
    zigzag = (value << 1) ^ (value >> 63)
    out = bytearray()
    while zigzag > 0x7F:
        out.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    return bytes([*out, zigzag])
