"""What DataFusion's test files read and do not bring: files of the same shape, made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 100


def furnish(folder: Path, root: Path, name: str) -> Path:
    """Makes a folder to run a file in, where its paths lead to what is here."""
    home = folder / "datafusion" / "sqllogictest"
    (home / "test_files" / "scratch" / Path(name).with_suffix("")).mkdir(parents=True)
    for entry in root.iterdir():
        if entry.name != "scratch":
            (home / "test_files" / entry.name).symlink_to(entry)
    (home / "data").symlink_to(root.parent / "data")
    _aggregate_test_100(folder / "testing" / "data" / "csv")
    _alltypes_plain(folder / "parquet-testing" / "data")
    _core(folder / "datafusion" / "core" / "tests" / "data")
    return home


def register(ctx: Any, name: str) -> None:
    """Registers the tables that DataFusion's own runner registers for a file."""
    if name in ("metadata.slt", "arrow_field.slt"):
        ctx.register_batch("table_with_metadata", _with_metadata())


def _with_metadata() -> pa.RecordBatch:
    text = [None, "bar", "baz"]

    def field(name: str, kind: pa.DataType, nullable: bool = True) -> pa.Field:
        return pa.field(name, kind, nullable, {"metadata_key": f"the {name} field"})

    fields = [
        field("id", pa.int32()),
        field("name", pa.string()),
        field("l_name", pa.string()),
        field("ts", pa.timestamp("ns"), nullable=False),
        field("nonnull_name", pa.string(), nullable=False),
    ]
    columns = [[1, None, 3], text, text, [1599572549190855123] * 3, ["no_foo", "no_bar", "no_baz"]]
    schema = pa.schema(fields, {"metadata_key": "the entire schema"})
    arrays = [pa.array(column, each.type) for column, each in zip(columns, fields, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _aggregate_test_100(folder: Path) -> None:
    folder.mkdir(parents=True)
    names = ",".join(f"c{number}" for number in range(1, 14))
    lines = [names, *(_aggregate_row(at) for at in range(ROWS))]
    (folder / "aggregate_test_100.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")


def _aggregate_row(at: int) -> str:
    def whole(bits: int, signed: bool) -> int:
        value = (at + 1) * 0x9E3779B97F4A7C15 % (1 << bits)
        return value - (1 << bits - 1) if signed else value

    values = [
        "abcde"[at * 7 % 5],
        at % 5 + 1,
        whole(8, signed=True),
        whole(16, signed=True),
        whole(32, signed=True),
        whole(63, signed=True),
        whole(8, signed=False),
        whole(16, signed=False),
        whole(32, signed=False),
        whole(63, signed=False),
        round(at * 0.137 % 1, 6),
        at * 0.61803398875 % 1,
        f"text of row {at * 31 % ROWS:03}, which no view holds inline",
    ]
    return ",".join(f'"{value}"' if "," in str(value) else str(value) for value in values)


def _alltypes_plain(folder: Path) -> None:
    folder.mkdir(parents=True)
    rows = range(8)
    table = pa.table(
        {
            "id": pa.array(rows, pa.int32()),
            "bool_col": [at % 2 == 0 for at in rows],
            "tinyint_col": pa.array([at % 2 for at in rows], pa.int32()),
            "smallint_col": pa.array([at % 2 for at in rows], pa.int32()),
            "int_col": pa.array([at % 2 for at in rows], pa.int32()),
            "bigint_col": pa.array([at % 2 * 10 for at in rows], pa.int64()),
            "float_col": pa.array([at % 2 * 1.1 for at in rows], pa.float32()),
            "double_col": [at % 2 * 10.1 for at in rows],
            "date_string_col": pa.array([b"03/01/09"] * 8),
            "string_col": pa.array([b"%d" % (at % 2) for at in rows]),
            "timestamp_col": pa.array([at * 60_000_000_000 for at in rows], pa.timestamp("ns")),
        }
    )
    pq.write_table(table, folder / "alltypes_plain.parquet")
    pq.write_table(table, folder / "alltypes_plain.snappy.parquet", compression="snappy")


def _core(folder: Path) -> None:
    """Files of DataFusion's core: a window's table in three shapes, and a file that is empty."""
    folder.mkdir(parents=True)
    rows = range(ROWS)
    columns = {
        "a0": [1] * ROWS,
        "a": [at // 50 for at in rows],
        "b": [at // 25 for at in rows],
        "c": list(rows),
        "d": [at * 7 % 5 for at in rows],
    }
    lines = [
        ",".join(columns),
        *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True)),
    ]
    (folder / "window_2.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    times = [f"{at},{at * 1000},{at % 7}" for at in rows]
    (folder / "window_1.csv").write_text(
        "\n".join(["ts,inc_col,desc_col", *times, ""]), encoding="utf-8"
    )
    (folder / "empty.csv").touch()
    (folder / "example.csv").write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    (folder / "1.json").write_text(
        '{"a":1,"b":[2.0,1.3],"c":[false,true],"d":"4"}\n', encoding="utf-8"
    )
    (folder / "2.json").write_text('{"a":1}\n{"a":2}\n', encoding="utf-8")
