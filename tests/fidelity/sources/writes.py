"""COPY TO and INSERT INTO files of each format with each option: the answer is what was written."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import package
from answer import Row
from query import Query

ROWS = (
    "(SELECT * FROM (VALUES (1, 'x', 1.5, DATE '2024-02-29', TIMESTAMP '2024-03-31T01:30:00'), "
    "(2, NULL, -0.5, NULL, NULL), (3, 'z \"q\" z', NULL, NULL, NULL)) AS v(a, b, c, d, t))"
)
# How a file begins that is packed, and what unpacks it.
PACKED: dict[bytes, tuple[str, Callable[[bytes], bytes]]] = {
    b"\x1f\x8b": ("gzip", gzip.decompress),
    b"BZh": ("bzip2", bz2.decompress),
    b"\xfd7zXZ": ("xz", lzma.decompress),
    b"\x28\xb5\x2f\xfd": ("zstd", lambda data: pa.input_stream(pa.py_buffer(data), "zstd").read()),
}

CSV = {
    "plain": "",
    "header": "'format.has_header' 'true'",
    "no header": "'format.has_header' 'false'",
    "delimiter": "'format.delimiter' ';'",
    "quote": "'format.quote' ''''",
    "escape": "'format.escape' '\\', 'format.double_quote' 'false'",
    "null value": "'format.null_value' 'NA'",
    "date format": "'format.date_format' '%d.%m.%Y'",
    "timestamp format": "'format.timestamp_format' '%Y/%m/%d %H'",
    "terminator": "'format.terminator' '|'",
    "quote style": "'format.quote_style' 'Always'",
    "gzip": "'format.compression' 'gzip'",
    "zstd": "'format.compression' 'zstd'",
    "bzip2": "'format.compression' 'bzip2'",
    "xz": "'format.compression' 'xz'",
    "compression level": "'format.compression' 'gzip', 'format.compression_level' '1'",
}
JSON = {
    "plain": "",
    "gzip": "'format.compression' 'gzip'",
    "zstd": "'format.compression' 'zstd'",
}
PARQUET = {
    "plain": "",
    **{
        f"compression {kind}": f"'format.compression' '{kind}'"
        for kind in ("uncompressed", "snappy", "gzip(6)", "zstd(3)", "lz4_raw", "brotli(4)")
    },
    "compression of a column": "'format.compression::a' 'gzip(1)'",
    "dictionary": "'format.dictionary_enabled' 'false'",
    "dictionary of a column": "'format.dictionary_enabled::a' 'false'",
    "statistics": "'format.statistics_enabled' 'none'",
    "row group size": "'format.max_row_group_size' '2'",
    "writer version": "'format.writer_version' '2.0'",
    "encoding": "'format.encoding' 'plain', 'format.dictionary_enabled' 'false'",
    "encoding of a column": "'format.encoding::a' 'delta_binary_packed', 'format.dictionary_enabled::a' 'false'",
    "bloom filter": "'format.bloom_filter_on_write' 'true'",
    "bloom filter of a column": "'format.bloom_filter_enabled::a' 'true', 'format.bloom_filter_fpp::a' '0.01'",
    "created by": "'format.created_by' 'somebody'",
    "metadata": "'format.metadata::owner' 'me'",
    "no Arrow schema": "'format.skip_arrow_metadata' 'true'",
    "page rows": "'format.data_page_row_count_limit' '1', 'format.write_batch_size' '1'",
}
FORMATS = {"CSV": CSV, "JSON": JSON, "PARQUET": PARQUET, "ARROW": {"plain": ""}}


def queries(name: str, folder: Path) -> Iterator[Query]:
    """Each format with each option, then what holds for all of them."""
    number = 0
    for make in (_copies, _partitioned, _of_the_session, _inserts):
        for place, settings, sql in make():
            if fnmatch(place, f"writes/{name}*"):
                number += 1
                yield _query(place, settings, sql, folder / str(number))


def _query(place: str, settings: tuple[str, ...], sql: str, home: Path) -> Query:
    (home / "out").mkdir(parents=True)
    ctx = package.session()
    for setting in settings:
        ctx.sql(setting.format(at=home)).collect()
    sql = sql.format(at=home, rows=ROWS)
    return Query(place, sql, ctx, written=lambda: taken(home / "out"))


def _copies() -> Iterator[tuple[str, tuple[str, ...], str]]:
    for kind, options in FORMATS.items():
        for option, text in options.items():
            place = f"writes/{kind.lower()} sink/{option}"
            clause = f" OPTIONS ({text})" if text else ""
            yield place, (), f"COPY {{rows}} TO '{{at}}/out/f.x' STORED AS {kind}{clause}"
    rows = "(SELECT * FROM {rows} ORDER BY b DESC, a)"
    yield "writes/parquet sink/sorted", (), f"COPY {rows} TO '{{at}}/out/f.x' STORED AS PARQUET"


def _partitioned() -> Iterator[tuple[str, tuple[str, ...], str]]:
    copy = "COPY {rows} TO '{at}/out/' STORED AS "
    for kind in FORMATS:
        yield f"writes/{kind.lower()} sink/partitions", (), f"{copy}{kind} PARTITIONED BY (a)"
    keep = ("SET datafusion.execution.keep_partition_by_columns = true",)
    yield "writes/csv sink/partition columns kept", keep, f"{copy}CSV PARTITIONED BY (a)"
    yield "writes/csv sink/folder", (), f"{copy}CSV"


def _of_the_session() -> Iterator[tuple[str, tuple[str, ...], str]]:
    copy = "COPY {rows} TO '{at}/out/f.x' STORED AS "
    for option, value in (
        ("compression", "gzip(1)"),
        ("created_by", "somebody"),
        ("writer_version", "2.0"),
    ):
        setting = (f"SET datafusion.execution.parquet.{option} = '{value}'",)
        yield f"writes/parquet sink/{option} of the session", setting, f"{copy}PARQUET"
    header = ("SET datafusion.catalog.has_header = false",)
    yield "writes/csv sink/header of the session", header, f"{copy}CSV"


def _inserts() -> Iterator[tuple[str, tuple[str, ...], str]]:
    rows = "INSERT INTO t SELECT a, b FROM (VALUES (1, 'x'), (2, NULL)) AS v(a, b)"
    for kind in FORMATS:
        table = f"CREATE EXTERNAL TABLE t (a INT, b TEXT) STORED AS {kind} LOCATION '{{at}}/out/'"
        yield f"writes/insert/{kind.lower()}", (table,), rows
    table = "CREATE EXTERNAL TABLE t (a INT, b TEXT) STORED AS CSV LOCATION '{at}/out/' "
    options = {
        "csv delimiter": "OPTIONS ('format.delimiter' ';')",
        "csv gzip": "OPTIONS ('format.compression' 'gzip')",
        "csv null value": "OPTIONS ('format.null_value' 'NA')",
    }
    for option, clause in options.items():
        yield f"writes/insert/{option}", (table + clause,), rows
    parted = table.replace("STORED AS CSV", "STORED AS CSV PARTITIONED BY (b)")
    yield "writes/insert/csv partitions", (parted,), rows.replace("NULL", "'y'")


def taken(folder: Path) -> list[Row]:
    """What stands in a folder, which is empty afterwards."""
    rows: list[Row] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            # A file that is one of many has a name that begins by chance.
            name = re.sub(r"[A-Za-z0-9]{16}(?=[_.])", "", path.relative_to(folder).as_posix())
            rows += [(name, line) for line in _content(path)]
    shutil.rmtree(folder)
    folder.mkdir()
    return rows


def _content(path: Path) -> list[str]:
    data = path.read_bytes()
    if data.startswith(b"PAR1"):
        return _parquet(path)
    if data.startswith(b"ARROW1"):
        table = pa.ipc.open_file(data).read_all()
        return [str(table.schema), str(table.to_pylist())]
    for magic, (kind, unpack) in PACKED.items():
        if data.startswith(magic):
            return [kind, unpack(data).decode()]
    return [data.decode()]


def _parquet(path: Path) -> list[str]:
    """What a Parquet file says of itself, and its rows."""
    file = pq.ParquetFile(path)
    metadata = file.metadata
    lines = [
        f"{metadata.format_version} {metadata.created_by} {metadata.num_row_groups} groups",
        f"{metadata.metadata} {file.schema_arrow}",
        f"sorted by {[metadata.row_group(group).sorting_columns for group in range(metadata.num_row_groups)]}",
        str(file.read().to_pylist()),
    ]
    for group in range(metadata.num_row_groups):
        for at in range(metadata.num_columns):
            column = metadata.row_group(group).column(at)
            lines.append(
                f"{column.path_in_schema}: {column.compression} {sorted(column.encodings)} "
                f"statistics {column.is_stats_set} dictionary {column.has_dictionary_page} "
                f"index {column.has_column_index} {column.has_offset_index}"
            )
    # Bloom filters and pages have no line of their own.
    return [*lines, f"{path.stat().st_size} bytes"]
