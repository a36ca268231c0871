"""Scans of each file format with each of its options, and of tables with what can be said of them."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

import package
from query import Query
from sources import tables

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: pa.compress(data, "zstd", asbytes=True),
}

QUERIES = {
    "all": "SELECT * FROM t",
    "filter": "SELECT * FROM t WHERE {first} IS NOT NULL",
    "limit": "SELECT {first} FROM t ORDER BY {first} LIMIT 2",
    "count": "SELECT count(*) FROM t",
    "literal": "SELECT 1 AS one FROM t",
}


@dataclass(frozen=True)
class Scan:
    """Files, and the statement that makes them a table."""

    name: str
    files: dict[str, bytes]
    ddl: str
    first: str = "a"
    settings: tuple[str, ...] = ()


def queries(name: str, folder: Path) -> Iterator[Query]:
    """Queries over each scan, or over the one that is asked for."""
    for number, scan in enumerate(all_scans()):
        home = folder / str(number)
        for path, data in scan.files.items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(data)
        ctx = package.session()
        for statement in scan.settings:
            ctx.sql(statement)
        ctx.sql(scan.ddl.format(at=home)).collect()
        for kind, sql in QUERIES.items():
            place = f"scans/{scan.name}/{kind}"
            if fnmatch(place, f"scans/{name}*"):
                yield Query(place, sql.format(first=scan.first), ctx)


def all_scans() -> Iterator[Scan]:
    """Every scan."""
    yield from csv_scans()
    yield from json_scans()
    yield from parquet_scans()
    yield from other_scans()
    yield from sorted_scans()


def csv_scans() -> Iterator[Scan]:
    """CSV files with each option."""
    ddl = "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{{at}}/{file}' OPTIONS ({options})"

    def scan(name: str, text: str, options: str, file: str = "t.csv", ddl: str = ddl) -> Scan:
        return Scan(f"csv/{name}", {"t.csv": text.encode()}, ddl.format(file=file, options=options))

    plain = "a,b\n1,x\n2,y\n"
    yield scan("header", plain, "'format.has_header' 'true'")
    yield scan(
        "no header",
        "1,x\n2,y\n",
        "'format.has_header' 'false'",
        ddl=ddl.replace(" t STORED", " t (a INT, b TEXT) STORED"),
    )
    yield scan("delimiter", "a;b\n1;x\n2;y\n", "'format.delimiter' ';', 'format.has_header' 'true'")
    yield scan("quote", "a,b\n1,'x,1'\n2,y\n", "'format.quote' '''', 'format.has_header' 'true'")
    yield scan(
        "escape", 'a,b\n1,"x\\"1"\n2,y\n', "'format.escape' '\\', 'format.has_header' 'true'"
    )
    yield scan(
        "double quote",
        'a,b\n1,"x""1"\n2,y\n',
        "'format.double_quote' 'true', 'format.has_header' 'true'",
    )
    yield scan(
        "comment", "a,b\n#3,z\n1,x\n2,y\n", "'format.comment' '#', 'format.has_header' 'true'"
    )
    yield scan(
        "terminator",
        "a,b|1,x|2,y|",
        "'format.terminator' '|', 'format.has_header' 'true'",
        ddl=ddl.replace(" t STORED", " t (a INT, b TEXT) STORED"),
    )
    yield scan(
        "null regex", "a,b\n1,NA\n2,y\n", "'format.null_regex' '^NA$', 'format.has_header' 'true'"
    )
    yield scan(
        "newlines in values",
        'a,b\n1,"x\ny"\n2,y\n',
        "'format.newlines_in_values' 'true', 'format.has_header' 'true'",
    )
    yield scan(
        "truncated rows",
        "a,b\n1,x\n2\n",
        "'format.truncated_rows' 'true', 'format.has_header' 'true'",
    )
    yield scan(
        "schema infer",
        "a,b\n1,x\n2,y\n",
        "'format.schema_infer_max_rec' '1', 'format.has_header' 'true'",
    )
    yield scan(
        "not null",
        plain,
        "'format.has_header' 'true'",
        ddl=ddl.replace(" t STORED", " t (a INT NOT NULL, b TEXT) STORED"),
    )
    yield scan(
        "default",
        plain,
        "'format.has_header' 'true'",
        ddl=ddl.replace(" t STORED", " t (a INT DEFAULT 5, b TEXT) STORED"),
    )
    yield scan(
        "primary key",
        plain,
        "'format.has_header' 'true'",
        ddl=ddl.replace(" t STORED", " t (a INT, b TEXT, PRIMARY KEY (a)) STORED"),
    )
    yield scan(
        "unbounded",
        plain,
        "'format.has_header' 'true'",
        ddl=ddl.replace("CREATE EXTERNAL", "CREATE UNBOUNDED EXTERNAL").replace(
            " t STORED", " t (a INT, b TEXT) STORED"
        ),
    )
    for kind, pack in PACKED.items():
        options = f"'format.compression' '{kind}', 'format.has_header' 'true'"
        packed = ddl.format(file="t.csv.x", options=options)
        yield Scan(f"csv/{kind}", {"t.csv.x": pack(plain.encode())}, packed)
    session = ("SET datafusion.catalog.has_header = true",)
    yield Scan(
        "csv/header of the session",
        {"t.csv": plain.encode()},
        ddl.format(file="t.csv", options="'format.delimiter' ','"),
        settings=session,
    )
    parted = {f"p={part}/t.csv": f"a,b\n{part},x\n".encode() for part in (1, 2)}
    yield Scan(
        "csv/partitions",
        parted,
        "CREATE EXTERNAL TABLE t (a INT, b TEXT, p INT) STORED AS CSV PARTITIONED BY (p) LOCATION '{at}/' OPTIONS ('format.has_header' 'true')",
    )
    large = "a,b\n" + "".join(f"{at},text {at}\n" for at in range(200))
    small = ("SET datafusion.optimizer.repartition_file_min_size = 10",)
    yield Scan(
        "csv/split by ranges",
        {"t.csv": large.encode()},
        ddl.format(file="t.csv", options="'format.has_header' 'true'"),
        settings=small,
    )


def json_scans() -> Iterator[Scan]:
    """JSON files with each option."""
    lines = '{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n'
    ddl = "CREATE EXTERNAL TABLE t STORED AS JSON LOCATION '{at}/t.json'"
    yield Scan("json/lines", {"t.json": lines.encode()}, ddl)
    array = '[{"a":1,"b":"x"},{"a":2,"b":"y"}]'
    yield Scan(
        "json/array",
        {"t.json": array.encode()},
        ddl + " OPTIONS ('format.newline_delimited' 'false')",
    )
    yield Scan("json/nested", {"t.json": b'{"a":1,"b":{"c":[1,2]}}\n{"a":2}\n'}, ddl)
    yield Scan(
        "json/columns",
        {"t.json": lines.encode()},
        ddl.replace(" t STORED", " t (a BIGINT NOT NULL, c TEXT) STORED"),
    )
    for kind, pack in PACKED.items():
        packed = ddl.replace(".json'", ".json.x'") + f" OPTIONS ('format.compression' '{kind}')"
        yield Scan(f"json/{kind}", {"t.json.x": pack(lines.encode())}, packed)
    large = "".join(f'{{"a":{at},"b":"text {at}"}}\n' for at in range(200))
    small = ("SET datafusion.optimizer.repartition_file_min_size = 10",)
    yield Scan("json/split by ranges", {"t.json": large.encode()}, ddl, settings=small)


def parquet(rows: pa.Table, **options: object) -> bytes:
    """A Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, **options)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def parquet_scans() -> Iterator[Scan]:
    """Parquet files with each option."""
    rows = pa.table(
        {"a": pa.array(range(40), pa.int64()), "b": [f"text {at % 7}" for at in range(40)]}
    )
    one = {"t.parquet": parquet(rows, row_group_size=10)}
    ddl = "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '{at}/t.parquet'"
    yield Scan("parquet/plain", one, ddl)
    for option in (
        "pruning",
        "enable_page_index",
        "skip_metadata",
        "pushdown_filters",
        "reorder_filters",
        "binary_as_string",
        "schema_force_view_types",
        "bloom_filter_on_read",
    ):
        for value in ("true", "false"):
            yield Scan(
                f"parquet/{option} {value}", one, f"{ddl} OPTIONS ('format.{option}' '{value}')"
            )
            setting = (f"SET datafusion.execution.parquet.{option} = {value}",)
            yield Scan(f"parquet/{option} {value} of the session", one, ddl, settings=setting)
    for option, value in (
        ("coerce_int96", "us"),
        ("metadata_size_hint", "100"),
        ("max_predicate_cache_size", "0"),
    ):
        yield Scan(f"parquet/{option}", one, f"{ddl} OPTIONS ('format.{option}' '{value}')")
    metadata = rows.replace_schema_metadata({"owner": "me"})
    field = metadata.schema.field("a").with_metadata({"unit": "EUR"}).with_nullable(False)
    metadata = metadata.cast(metadata.schema.set(0, field))
    keep = {"t.parquet": parquet(metadata)}
    yield Scan("parquet/with metadata", keep, f"{ddl} OPTIONS ('format.skip_metadata' 'false')")
    yield Scan("parquet/without its metadata", keep, ddl)
    everything = {"t.parquet": parquet(tables.table())}
    yield Scan("parquet/of every type", everything, ddl, first="i")
    yield Scan(
        "parquet/columns", one, ddl.replace(" t STORED", " t (a INT, b TEXT, c DOUBLE) STORED")
    )
    binary = pa.table({"a": pa.array([b"x", b"y"], pa.binary())})
    yield Scan("parquet/binary", {"t.parquet": parquet(binary)}, ddl)
    parted = {
        f"y={y}/m={m}/t.parquet": parquet(rows.slice(y + m, 3)) for y in (1, 2) for m in (1, 2)
    }
    yield Scan(
        "parquet/partitions",
        parted,
        "CREATE EXTERNAL TABLE t STORED AS PARQUET PARTITIONED BY (y, m) LOCATION '{at}/'",
        first="y",
    )
    typed = "CREATE EXTERNAL TABLE t (a BIGINT, b TEXT, y INT, m SMALLINT) STORED AS PARQUET PARTITIONED BY (y, m) LOCATION '{at}/'"
    yield Scan("parquet/typed partitions", parted, typed, first="m")
    files = {f"{at}.parquet": parquet(rows.slice(at * 5, 5)) for at in range(4)}
    folder = ddl.replace("/t.parquet", "/")
    yield Scan("parquet/files", files, folder)
    yield Scan(
        "parquet/without statistics",
        files,
        folder,
        settings=("SET datafusion.execution.collect_statistics = false",),
    )
    below = files | {"below/5.parquet": parquet(rows.slice(30, 5))}
    yield Scan(
        "parquet/files below",
        below,
        folder,
        settings=("SET datafusion.execution.listing_table_ignore_subdirectory = false",),
    )
    small = ("SET datafusion.optimizer.repartition_file_min_size = 10",)
    yield Scan("parquet/split by ranges", one, ddl, settings=small)
    evolved = {
        "1.parquet": parquet(rows.slice(0, 3)),
        "2.parquet": parquet(rows.slice(3, 3).drop_columns("b")),
    }
    yield Scan(
        "parquet/schemas that differ",
        evolved,
        folder.replace(" t STORED", " t (a BIGINT, b TEXT) STORED"),
    )


def other_scans() -> Iterator[Scan]:
    """Arrow and Avro files."""
    rows = tables.table()
    sink = pa.BufferOutputStream()
    pyarrow.feather.write_feather(rows, sink, compression="lz4")
    packed = sink.getvalue().to_pybytes()
    ddl = "CREATE EXTERNAL TABLE t STORED AS ARROW LOCATION '{at}/t.arrow'"
    yield Scan("arrow/file", {"t.arrow": packed}, ddl, first="i")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    yield Scan("arrow/stream", {"t.arrow": sink.getvalue().to_pybytes()}, ddl, first="i")
    few = rows.select(["k", "i", "f", "s"])
    yield Scan(
        "avro",
        {"t.avro": tables.avro(few)},
        "CREATE EXTERNAL TABLE t STORED AS AVRO LOCATION '{at}/t.avro'",
        first="i",
    )


def sorted_scans() -> Iterator[Scan]:
    """Files whose order is declared."""
    rows = pa.table({"a": [1, 2, None], "b": ["z", "y", "x"]})
    ddl = "CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION '{at}/' WITH ORDER "
    files = {"t.parquet": parquet(rows)}
    for order in (
        "(a ASC NULLS LAST)",
        "(b DESC)",
        "(a ASC NULLS LAST, b)",
        "(a ASC NULLS LAST) WITH ORDER (b DESC)",
    ):
        yield Scan(f"parquet/order {order}", files, ddl + order)
    csv = {"t.csv": b"a,b\n1,z\n2,y\n"}
    yield Scan(
        "csv/order",
        csv,
        "CREATE EXTERNAL TABLE t (a INT, b TEXT) STORED AS CSV LOCATION '{at}/' WITH ORDER (a ASC NULLS LAST) OPTIONS ('format.has_header' 'true')",
    )
    several = {
        f"{at}.parquet": parquet(pa.table({"a": [at * 2, at * 2 + 1], "b": ["x", "y"]}))
        for at in range(4)
    }
    yield Scan("parquet/order of files", several, ddl + "(a ASC NULLS LAST)")
    yield Scan(
        "parquet/order of files in groups",
        several,
        ddl + "(a ASC NULLS LAST)",
        settings=(
            "SET datafusion.execution.split_file_groups_by_statistics = true",
            "SET datafusion.execution.target_partitions = 2",
        ),
    )
