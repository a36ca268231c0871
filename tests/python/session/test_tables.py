"""Tables of files are read as the datafusion wheel reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pyarrow.dataset
import pytest

from support import lake

Read = Callable[[Any, Any, Path], Any]
"""Reads from a lake, given a package and a session of it."""

INT8 = pa.schema([("a", pa.int8())])

READS: dict[str, Read] = {
    "parquet": lambda _, ctx, root: ctx.read_parquet(root / "t.parquet"),
    "parquet by a string": lambda _, ctx, root: ctx.read_parquet(str(root / "t.parquet")),
    "parquet of a schema": lambda _, ctx, root: ctx.read_parquet(root / "t.parquet", schema=INT8),
    "parquet in positions": lambda _, ctx, root: ctx.read_parquet(
        root / "t.parquet", [], False, ".parquet", False, INT8
    ),
    "parquet partitioned by a number": lambda _, ctx, root: ctx.read_parquet(
        root / "years", [("year", "int")]
    ),
    "parquet partitioned by a string": lambda _, ctx, root: ctx.read_parquet(
        root / "years", [("year", "string")]
    ),
    "parquet partitioned by a type": lambda _, ctx, root: ctx.read_parquet(
        root / "years", [("year", pa.int16())]
    ),
    "csv": lambda _, ctx, root: ctx.read_csv(root / "t.csv"),
    "csv files": lambda _, ctx, root: ctx.read_csv([root / "t.csv", str(root / "more.csv")]),
    "csv without a header": lambda _, ctx, root: ctx.read_csv(
        root / "semicolons.csv", has_header=False, delimiter=";"
    ),
    "csv of another delimiter": lambda _, ctx, root: ctx.read_csv(root / "t.csv", delimiter=";"),
    "csv of a schema": lambda _, ctx, root: ctx.read_csv(
        root / "t.csv", pa.schema([("n", pa.float32()), ("s", pa.string())])
    ),
    "csv of which no row is read first": lambda _, ctx, root: ctx.read_csv(
        root / "t.csv", schema_infer_max_records=0
    ),
    "csv compressed": lambda _, ctx, root: ctx.read_csv(
        root / "t.csv.gz", file_extension=".csv.gz", file_compression_type="gzip"
    ),
    "csv partitioned": lambda _, ctx, root: ctx.read_csv(
        root / "years", table_partition_cols=[("year", "int")]
    ),
    "csv by options": lambda package, ctx, root: ctx.read_csv(
        root / "odd.txt", options=odd(package), delimiter="!"
    ),
    "json": lambda _, ctx, root: ctx.read_json(root / "t.json"),
    "json of a schema": lambda _, ctx, root: ctx.read_json(root / "t.json", INT8),
    "json compressed": lambda _, ctx, root: ctx.read_json(
        root / "t.json.gz", file_extension=".json.gz", file_compression_type="gzip"
    ),
    "json partitioned": lambda _, ctx, root: ctx.read_json(
        root / "years", table_partition_cols=[("year", "int")]
    ),
    "arrow": lambda _, ctx, root: ctx.read_arrow(root / "t.arrow"),
    "avro": lambda _, ctx, root: ctx.read_avro(root / "t.avro"),
    "by the functions of the module": lambda package, _, root: package.read_csv(root / "t.csv"),
    "batches": lambda _, ctx, root: ctx.read_batches(lake.TABLE.to_batches()),
    "a batch": lambda _, ctx, root: ctx.read_batch(lake.TABLE.to_batches()[0]),
    "partitions": lambda _, ctx, root: ctx.create_dataframe([lake.TABLE.to_batches()] * 2),
    "partitions of a schema": lambda _, ctx, root: ctx.create_dataframe([[]], None, INT8),
    "rows": lambda _, ctx, root: ctx.from_pylist(lake.TABLE.to_pylist()),
    "nothing": lambda _, ctx, root: ctx.read_empty(),
    "a data frame": lambda _, ctx, root: ctx.read_table(ctx.from_pydict({"a": [1]})),
    "a dataset": lambda _, ctx, root: ctx.read_table(pa.dataset.dataset(lake.TABLE)),
}

REGISTERS: dict[str, Read] = {
    "parquet": lambda _, ctx, root: ctx.register_parquet("t", root / "t.parquet"),
    "parquet partitioned": lambda _, ctx, root: ctx.register_parquet(
        "t", root / "years", [("year", "int")]
    ),
    "csv": lambda _, ctx, root: ctx.register_csv("t", root / "t.csv"),
    "csv files": lambda _, ctx, root: ctx.register_csv("t", [root / "t.csv", root / "more.csv"]),
    "csv by options": lambda package, ctx, root: ctx.register_csv(
        "t", root / "odd.txt", options=odd(package)
    ),
    "json": lambda _, ctx, root: ctx.register_json("t", root / "t.json"),
    "arrow": lambda _, ctx, root: ctx.register_arrow("t", root / "t.arrow"),
    "avro": lambda _, ctx, root: ctx.register_avro("t", root / "t.avro"),
    "a listing": lambda _, ctx, root: ctx.register_listing_table(
        "t", root / "years", [("year", "int")], file_sort_order=[["a"]]
    ),
    "a view": lambda _, ctx, root: ctx.register_view("t", ctx.from_pydict({"a": [1, 2]})),
    "a data frame": lambda _, ctx, root: ctx.register_table("t", ctx.from_pydict({"a": [1, 2]})),
    "a table": lambda package, ctx, root: ctx.register_table(
        "t", package.Table(pa.dataset.dataset(lake.TABLE))
    ),
    "a dataset": lambda _, ctx, root: ctx.register_dataset("t", pa.dataset.dataset(lake.TABLE)),
    "a batch": lambda _, ctx, root: ctx.register_batch("t", lake.TABLE.to_batches()[0]),
    "batches": lambda _, ctx, root: ctx.register_record_batches("t", [lake.TABLE.to_batches()] * 2),
    "a named frame": lambda _, ctx, root: ctx.from_arrow(lake.TABLE, "t"),
    "another schema": lambda _, ctx, root: (
        ctx.sql("create schema other"),
        ctx.register_csv("other.t", root / "t.csv"),
        ctx.register_view("t", ctx.table("other.t")),
    ),
}


def odd(package: Any) -> Any:
    """The options of a file that has everything a CSV file can have."""
    return (
        package.CsvReadOptions(delimiter="|", quote="'", file_extension=".txt", null_regex="NA")
        .with_comment("#")
        .with_truncated_rows(True)
        .with_schema_infer_max_records(2)
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of files."""
    return lake.make(tmp_path_factory.mktemp("lake"))


def rows(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame in an order of their own; partitions are read in no particular one."""
    batches = frame.collect()
    return sorted(pa.Table.from_batches(batches, frame.schema()).to_pylist(), key=repr)


@pytest.mark.parametrize("case", READS)
def test_read_gives_what_the_wheel_reads(case: str, root: Path) -> None:
    ours = READS[case](planwire, planwire.SessionContext(), root)
    theirs = READS[case](datafusion, datafusion.SessionContext(), root)
    assert ours.schema() == theirs.schema()
    assert rows(ours) == rows(theirs)


@pytest.mark.parametrize("case", REGISTERS)
def test_registered_table_holds_what_the_wheel_has(case: str, root: Path) -> None:
    ours, theirs = planwire.SessionContext(), datafusion.SessionContext()
    REGISTERS[case](planwire, ours, root)
    REGISTERS[case](datafusion, theirs, root)
    assert ours.table("t").schema() == theirs.table("t").schema()
    assert rows(ours.sql("select * from t")) == rows(theirs.sql("select * from t"))
    assert ours.table_provider("t").kind == theirs.table_provider("t").kind
    ours.deregister_table("t")
    assert not ours.table_exist("t")


def test_files_that_are_in_order_are_not_sorted_again(root: Path) -> None:
    ctx = planwire.SessionContext(planwire.SessionConfig().with_target_partitions(1))
    order = [[planwire.col("a").sort(ascending=False, nulls_first=True)]]
    ctx.register_parquet("t", root / "t.parquet", file_sort_order=order)
    plans = ctx.sql("explain select a from t order by a desc").to_pydict()["plan"]
    assert "SortExec" not in plans[1]
    # Believed, not checked.
    assert ctx.sql("select a from t order by a desc").to_pydict() == {"a": [3, 1, 2]}


@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.avro", "t.arrow"])
def test_listing_table_is_of_the_format_that_its_files_are_named_after(
    name: str, root: Path
) -> None:
    ctx = planwire.SessionContext()
    ctx.register_listing_table("t", root / name, file_extension=Path(name).suffix)
    assert ctx.table("t").to_pydict()["a"] == lake.COLUMNS["a"]


def test_dataset_is_read_when_a_query_needs_it(tmp_path: Path) -> None:
    pa.dataset.write_dataset(lake.TABLE, tmp_path, format="parquet")
    ctx = planwire.SessionContext()
    ctx.register_dataset("t", pa.dataset.dataset(tmp_path))
    (file,) = tmp_path.glob("*.parquet")
    assert ctx.sql("select count(*) as n from t where a > 1").to_pydict() == {"n": [2]}
    assert ctx.sql("select b from t order by a limit 1").to_pydict() == {"b": ["y"]}
    file.unlink()
    with pytest.raises(planwire.ExecutionError, match="Failed to open local file"):
        ctx.table("t").collect()


def test_arrow_data_of_any_library_is_a_table() -> None:
    ctx = planwire.SessionContext()
    ctx.register_table("t", lake.TABLE)
    assert ctx.table("t").to_pydict() == lake.COLUMNS


REFUSED: dict[str, tuple[Read, type[Exception], str]] = {
    "a file that is not there": (
        lambda _, ctx, root: ctx.read_csv(root / "no.csv"),
        planwire.ExecutionError,
        "No files found at file:.*/no.csv",
    ),
    "a file of another extension": (
        lambda _, ctx, root: ctx.read_parquet(root / "t.csv"),
        planwire.ExecutionError,
        'does not end in ".parquet"',
    ),
    "a file of another format": (
        lambda _, ctx, root: ctx.read_parquet(root / "t.csv", file_extension=".csv"),
        planwire.ExecutionError,
        "Invalid Parquet file",
    ),
    "no files": (
        lambda _, ctx, root: ctx.read_csv([]),
        planwire.ExecutionError,
        "there are no paths",
    ),
    "a delimiter of two characters": (
        lambda _, ctx, root: ctx.read_csv(root / "t.csv", delimiter=";;"),
        ValueError,
        '";;" is not one ASCII character',
    ),
    "a delimiter that is not ASCII": (
        lambda _, ctx, root: ctx.read_csv(root / "t.csv", delimiter="é"),
        ValueError,
        "is not one ASCII character",
    ),
    "options of two characters": (
        lambda package, ctx, root: package.CsvReadOptions(quote="''"),
        ValueError,
        "the quote .* is not one ASCII character",
    ),
    "an unknown compression": (
        lambda _, ctx, root: ctx.read_json(root / "t.json", file_compression_type="zip"),
        ValueError,
        'known are "gzip", "bz2", "xz" and "zstd"',
    ),
    "an unknown type": (
        lambda _, ctx, root: ctx.read_parquet(root / "years", [("year", "int64")]),
        ValueError,
        'known are "int" and "string"',
    ),
    "a store": (
        lambda _, ctx, root: ctx.read_parquet(root / "t.parquet", object_store=object()),
        TypeError,
        "object_store has to be None",
    ),
    "a name that is taken": (
        lambda _, ctx, root: [ctx.register_csv("t", root / "t.csv") for _ in range(2)],
        planwire.ExecutionError,
        "already exists",
    ),
    "a table that is none": (
        lambda _, ctx, root: ctx.register_table("t", 1),
        TypeError,
        "expected a Table, .* got int",
    ),
    "a dataset that is none": (
        lambda _, ctx, root: ctx.register_dataset("t", lake.TABLE),
        TypeError,
        "expected a pyarrow.dataset.Dataset, got Table",
    ),
    "a table that is not there": (
        lambda _, ctx, root: (ctx.from_arrow(lake.TABLE, "numbers"), ctx.table("number")),
        KeyError,
        "no table is named .*number.*, known are .*numbers",
    ),
    "batches without any": (
        lambda _, ctx, root: ctx.create_dataframe([[]]),
        ValueError,
        "neither a record batch nor a schema",
    ),
    "batches that differ": (
        lambda _, ctx, root: ctx.create_dataframe([[lake.TABLE.to_batches()[0]]], None, INT8),
        planwire.ExecutionError,
        "Mismatch between schema and batches",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_says_why(case: str, root: Path) -> None:
    read, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        read(planwire, planwire.SessionContext(), root)
