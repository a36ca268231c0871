"""What a data frame writes is what the datafusion wheel writes, and reads back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

PACKAGES = (planwire, datafusion)
DATA = pa.table({"k": ["x", "y", "x"], "a": [3, 1, None]})

Write = Callable[[Any, Any, Path], Any]
"""Writes to a path, given the module of data frames of a package and a data frame."""


def frame(package: ModuleType) -> Any:
    return package.SessionContext().from_arrow(DATA)


def written(package: ModuleType, write: Write, root: Path) -> dict[str, str]:
    """The files that were written: directories by their names, and the text of each file."""
    root = root / package.__name__
    root.mkdir()
    write(package.dataframe, frame(package), root)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    # Names of files in a directory are made up.
    return {
        str(path.parent.relative_to(root)) + ("" if path.stem == "t" else "/*"): path.read_text()
        for path in files
    }


TEXTS: dict[str, Write] = {
    "csv": lambda m, df, root: df.write_csv(root / "t.csv"),
    "csv by a string": lambda m, df, root: df.write_csv(str(root / "t.csv")),
    "csv with a header": lambda m, df, root: df.write_csv(root / "t.csv", True),
    "csv directory": lambda m, df, root: df.write_csv(root / "many"),
    "csv as options say": lambda m, df, root: df.write_csv(
        root / "t.csv", write_options=m.DataFrameWriteOptions()
    ),
    "csv file without extension": lambda m, df, root: df.write_csv(
        root / "t", write_options=m.DataFrameWriteOptions(single_file_output=True)
    ),
    "csv by partitions": lambda m, df, root: df.write_csv(
        root, True, m.DataFrameWriteOptions(partition_by="k")
    ),
    "csv in an order": lambda m, df, root: df.write_csv(
        root / "t.csv",
        write_options=m.DataFrameWriteOptions(None, True, [], df.col("a").sort(ascending=False)),
    ),
    "json": lambda m, df, root: df.write_json(root / "t.json"),
    "json by partitions": lambda m, df, root: df.write_json(
        root, m.DataFrameWriteOptions(partition_by=["k"], sort_by=[df.col("a")])
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_files_are_those_of_the_wheel(name: str, tmp_path: Path) -> None:
    ours, theirs = (written(package, TEXTS[name], tmp_path) for package in PACKAGES)
    assert ours == theirs
    assert ours


def compressed(name: str) -> Write:
    return lambda m, df, path: df.write_parquet(path, m.Compression[name])


PARQUETS: dict[str, Write] = {
    "plain": lambda m, df, path: df.write_parquet(path),
    "level": lambda m, df, path: df.write_parquet(path, "gzip", 9),
    "capitals": lambda m, df, path: df.write_parquet(path, "Snappy"),
    "options": lambda m, df, path: df.write_parquet(
        path, m.ParquetWriterOptions(max_row_group_size=2, writer_version="2.0")
    ),
    "options by name": lambda m, df, path: df.write_parquet_with_options(
        path, m.ParquetWriterOptions(compression="gzip", compression_level=3, created_by="me")
    ),
    "no compression": lambda m, df, path: df.write_parquet(
        path, m.ParquetWriterOptions(compression="uncompressed", dictionary_enabled=False)
    ),
    "options of a column": lambda m, df, path: df.write_parquet_with_options(
        path,
        m.ParquetWriterOptions(
            statistics_enabled="none",
            column_specific_options={
                "a": m.ParquetColumnOptions(
                    encoding="delta_binary_packed",
                    dictionary_enabled=False,
                    compression="snappy",
                    statistics_enabled="chunk",
                    bloom_filter_enabled=True,
                    bloom_filter_fpp=0.01,
                    bloom_filter_ndv=100,
                )
            },
        ),
    ),
    **{
        compression.value: compressed(compression.name)
        for compression in planwire.dataframe.Compression
    },
}


def described(path: Path) -> list[Any]:
    """How each chunk of a file is written."""
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(number).to_dict() for number in range(metadata.num_row_groups)]
    return [metadata.format_version, json.dumps(groups, default=str)]


@pytest.mark.parametrize("name", PARQUETS)
def test_parquet_is_that_of_the_wheel(name: str, tmp_path: Path) -> None:
    files = []
    for package in PACKAGES:
        path = tmp_path / f"{package.__name__}.parquet"
        PARQUETS[name](package.dataframe, frame(package), path)
        files.append(described(path))
    assert files[0] == files[1]


def test_file_names_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    frame(planwire).write_parquet(path, planwire.ParquetWriterOptions())
    assert pq.read_metadata(path).created_by == "planwire"


@pytest.mark.parametrize("how", ["csv", "json", "parquet"])
def test_file_reads_back_as_it_was(how: str, tmp_path: Path) -> None:
    ctx, path = planwire.SessionContext(), tmp_path / f"t.{how}"
    arguments = {"with_header": True} if how == "csv" else {}
    getattr(ctx.from_arrow(DATA), f"write_{how}")(path, **arguments)
    assert getattr(ctx, f"read_{how}")(path).sort("a").to_pylist() == sorted(
        DATA.to_pylist(), key=lambda row: row["a"] or 9
    )


@pytest.mark.parametrize("how", ["csv", "json", "parquet"])
def test_empty_result_is_a_file(how: str, tmp_path: Path) -> None:
    path = tmp_path / f"t.{how}"
    getattr(frame(planwire).filter("a > 9"), f"write_{how}")(path)
    assert path.is_file()


def test_many_partitions_are_many_files(tmp_path: Path) -> None:
    ctx = planwire.SessionContext()
    numbers = ctx.from_arrow(pa.table({"a": range(100_000)}))
    numbers.repartition(3).write_parquet(tmp_path / "many")
    assert len(list((tmp_path / "many").iterdir())) > 1
    assert pa.dataset.dataset(tmp_path / "many").count_rows() == 100_000


def test_table_gets_the_rows_of_both(tmp_path: Path) -> None:
    rows = []
    for package in PACKAGES:
        ctx = package.SessionContext()
        ctx.sql("CREATE TABLE t (k VARCHAR, a BIGINT)").collect()
        df = ctx.from_arrow(DATA)
        append = package.dataframe.InsertOp.APPEND
        options = package.dataframe.DataFrameWriteOptions(append, sort_by=[df.col("a")])
        df.write_table("t")
        df.write_table("t", options)
        rows.append(sorted(map(str, ctx.table("t").to_pylist())))
    assert rows[0] == rows[1]
    assert len(rows[0]) == 6


MISTAKES: dict[str, tuple[Write, type[Exception], str]] = {
    "compression": (lambda m, df, path: df.write_parquet(path, "zip"), ValueError, "lz4_raw"),
    "level": (lambda m, df, path: df.write_parquet(path, "zstd", 99), ValueError, "22"),
    "level of none": (lambda m, df, path: df.write_parquet(path, "snappy", 1), ValueError, "level"),
    "number": (lambda m, df, path: df.write_parquet(path, 1), TypeError, "int"),
    "level besides options": (
        lambda m, df, path: df.write_parquet(path, m.ParquetWriterOptions(), 1),
        ValueError,
        "ParquetWriterOptions",
    ),
    "level without compression": (
        lambda m, df, path: m.ParquetWriterOptions(compression=None, compression_level=1),
        ValueError,
        "level 1",
    ),
    "compression of a column": (
        lambda m, df, path: df.write_parquet(
            path,
            m.ParquetWriterOptions(
                column_specific_options={"a": m.ParquetColumnOptions(compression="zip")}
            ),
        ),
        ValueError,
        "zip",
    ),
    "version": (
        lambda m, df, path: df.write_parquet(path, m.ParquetWriterOptions(writer_version="3")),
        ValueError,
        r"2\.0",
    ),
    "encoding": (
        lambda m, df, path: df.write_parquet(path, m.ParquetWriterOptions(encoding="morse")),
        planwire.ExecutionError,
        "morse",
    ),
    "overwriting files": (
        lambda m, df, path: df.write_csv(
            path, False, m.DataFrameWriteOptions(m.InsertOp.OVERWRITE)
        ),
        planwire.ExecutionError,
        "Overwrite",
    ),
    "no table": (lambda m, df, path: df.write_table("nowhere"), planwire.ExecutionError, "nowhere"),
    "no place": (
        lambda m, df, path: df.write_csv("/proc/nowhere/t.csv"),
        planwire.ExecutionError,
        "write",
    ),
    "options of another class": (
        lambda m, df, path: df.write_csv(path, False, {"sort_by": "a"}),
        TypeError,
        "dict",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_named(name: str, tmp_path: Path) -> None:
    write, error, text = MISTAKES[name]
    with pytest.raises(error, match=text):
        write(planwire.dataframe, frame(planwire), tmp_path / "t.parquet")


def test_function_that_raises_while_rows_are_written_is_the_cause(tmp_path: Path) -> None:
    def fail(values: pa.Array) -> pa.Array:
        raise ZeroDivisionError

    failing = planwire.udf(fail, [pa.int64()], pa.int64(), "volatile", "failing")
    df = frame(planwire)
    with pytest.raises(planwire.ExecutionError) as failed:
        df.select(failing(planwire.col("a"))).write_parquet(tmp_path / "t.parquet")
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    df.write_parquet(tmp_path / "again.parquet")
    assert pq.read_table(tmp_path / "again.parquet").num_rows == 3
