"""One small table in a file of every format, as a lake of files would hold it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS: dict[str, list[Any]] = {"a": [3, 1, 2], "b": ["x", "y", None]}
TABLE = pa.table(COLUMNS)


def make(root: Path) -> Path:
    """Writes the files into a directory and returns it."""
    pq.write_table(TABLE, root / "t.parquet")
    with pa.ipc.new_file(root / "t.arrow", TABLE.schema) as file:
        file.write_table(TABLE)
    lines = "".join(f"{json.dumps(row)}\n" for row in TABLE.to_pylist())
    (root / "t.json").write_text(lines, encoding="utf-8")
    (root / "t.avro").write_bytes(avro())
    (root / "t.csv").write_text("a,b\n3,x\n1,y\n2,\n", encoding="utf-8")
    (root / "more.csv").write_text("a,b\n4,z\n", encoding="utf-8")
    (root / "semicolons.csv").write_text("3;x\n1;y\n", encoding="utf-8")
    (root / "odd.txt").write_text("a|b\n#no row\n3|'x|y'\n1|NA\n2\n", encoding="utf-8")
    for name in ("t.csv", "t.json"):
        (root / f"{name}.gz").write_bytes(gzip.compress((root / name).read_bytes()))
    for year in (2023, 2024):
        partition = root / "years" / f"year={year}"
        partition.mkdir(parents=True)
        pq.write_table(pa.table({"a": [year % 100]}), partition / "t.parquet")
        (partition / "t.csv").write_text(f"a\n{year % 100}\n", encoding="utf-8")
        (partition / "t.json").write_text(f'{{"a": {year % 100}}}\n', encoding="utf-8")
    return root


def avro() -> bytes:
    """The table as an Avro object container file of one block."""
    schema = {
        "type": "record",
        "name": "t",
        "fields": [{"name": "a", "type": "long"}, {"name": "b", "type": ["null", "string"]}],
    }
    rows = b"".join(
        long(a) + (long(0) if b is None else long(1) + text(b))
        for a, b in zip(*COLUMNS.values(), strict=True)
    )
    sync = bytes(range(16))
    metadata = long(2) + text("avro.schema") + text(json.dumps(schema))
    metadata += text("avro.codec") + text("null") + long(0)
    return b"Obj\x01" + metadata + sync + long(len(COLUMNS["a"])) + long(len(rows)) + rows + sync


def long(number: int) -> bytes:
    """A number as Avro writes it: zigzag, seven bits a byte."""
    number = (number << 1) ^ (number >> 63)
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def text(characters: str) -> bytes:
    """A string as Avro writes it."""
    encoded = characters.encode()
    return long(len(encoded)) + encoded
