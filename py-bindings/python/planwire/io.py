"""Read files in the session of the process, `SessionContext.global_ctx()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planwire._internal import SessionContext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from planwire._base.arrow import ArrowSchemaExportable
    from planwire._internal import DataFrame
    from planwire.options import (
        CsvReadOptions,
        _PartitionColumn,  # pyright: ignore[reportPrivateUsage]
        _SortKey,  # pyright: ignore[reportPrivateUsage]
    )

    _Path = str | PathLike[str]

__all__ = ["read_avro", "read_csv", "read_json", "read_parquet"]


def read_parquet(
    path: _Path,
    table_partition_cols: Sequence[_PartitionColumn] | None = None,
    parquet_pruning: bool = True,
    file_extension: str = ".parquet",
    skip_metadata: bool = True,
    schema: ArrowSchemaExportable | None = None,
    file_sort_order: Sequence[Sequence[_SortKey]] | None = None,
) -> DataFrame:
    """Read Parquet files, as `SessionContext.read_parquet` does.

    Args:
        path: The file, or a directory of files.
        table_partition_cols: The columns whose values are in the names of directories.
        parquet_pruning: Whether to skip parts of a file by its statistics.
        file_extension: The ending of the files' names.
        skip_metadata: Whether to ignore the metadata of the files' own schema.
        schema: The columns; without it they are inferred.
        file_sort_order: Orders that the rows of each file are in.

    Raises:
        ExecutionError: There is nothing to read, or it is not Parquet.
        ValueError: A partition column has no such type.

    Example:
        >>> import pathlib, tempfile
        >>> import pyarrow as pa, pyarrow.parquet
        >>> from planwire import read_parquet
        >>> path = pathlib.Path(tempfile.mkdtemp(), "t.parquet")
        >>> pa.parquet.write_table(pa.table({"a": [1, 2]}), path)
        >>> read_parquet(path).count()
        2
    """
    return SessionContext.global_ctx().read_parquet(
        path,
        table_partition_cols,
        parquet_pruning,
        file_extension,
        skip_metadata,
        schema,
        file_sort_order,
    )


def read_csv(
    path: _Path | Sequence[_Path],
    schema: ArrowSchemaExportable | None = None,
    has_header: bool = True,
    delimiter: str = ",",
    schema_infer_max_records: int = 1000,
    file_extension: str = ".csv",
    table_partition_cols: Sequence[_PartitionColumn] | None = None,
    file_compression_type: str | None = None,
    options: CsvReadOptions | None = None,
) -> DataFrame:
    r"""Read CSV files, as `SessionContext.read_csv` does.

    Args:
        path: The file, or a directory of files; or a list of them.
        schema: The columns; without it they are inferred.
        has_header: Whether the first line names the columns.
        delimiter: The separator of two values, one ASCII character.
        schema_infer_max_records: How many rows are read to infer the columns.
        file_extension: The ending of the files' names.
        table_partition_cols: The columns whose values are in the names of directories.
        file_compression_type: `"gzip"`, `"bz2"`, `"xz"` or `"zstd"`.
        options: All of the options in one object, used instead of the other arguments.

    Raises:
        ExecutionError: There is nothing to read.
        ValueError: An option cannot be what it is.

    Example:
        >>> import pathlib, tempfile
        >>> from planwire import read_csv
        >>> path = pathlib.Path(tempfile.mkdtemp(), "t.csv")
        >>> _ = path.write_text("a\n1\n")
        >>> read_csv(path).to_pydict()
        {'a': [1]}
    """
    return SessionContext.global_ctx().read_csv(
        path,
        schema,
        has_header,
        delimiter,
        schema_infer_max_records,
        file_extension,
        table_partition_cols,
        file_compression_type,
        options,
    )


def read_json(
    path: _Path,
    schema: ArrowSchemaExportable | None = None,
    schema_infer_max_records: int = 1000,
    file_extension: str = ".json",
    table_partition_cols: Sequence[_PartitionColumn] | None = None,
    file_compression_type: str | None = None,
) -> DataFrame:
    """Read JSON files, as `SessionContext.read_json` does.

    Args:
        path: The file, or a directory of files.
        schema: The columns; without it they are inferred.
        schema_infer_max_records: How many rows are read to infer the columns.
        file_extension: The ending of the files' names.
        table_partition_cols: The columns whose values are in the names of directories.
        file_compression_type: `"gzip"`, `"bz2"`, `"xz"` or `"zstd"`.

    Raises:
        ExecutionError: There is nothing to read, or it is not JSON.
        ValueError: There is no such compression, or no such type of a partition column.

    Example:
        >>> import pathlib, tempfile
        >>> from planwire import read_json
        >>> path = pathlib.Path(tempfile.mkdtemp(), "t.json")
        >>> _ = path.write_text('{"a": 1}')
        >>> read_json(path).to_pydict()
        {'a': [1]}
    """
    return SessionContext.global_ctx().read_json(
        path,
        schema,
        schema_infer_max_records,
        file_extension,
        table_partition_cols,
        file_compression_type,
    )


def read_avro(
    path: _Path,
    schema: ArrowSchemaExportable | None = None,
    file_partition_cols: Sequence[_PartitionColumn] | None = None,
    file_extension: str = ".avro",
) -> DataFrame:
    """Read Avro files, as `SessionContext.read_avro` does.

    Args:
        path: The file, or a directory of files.
        schema: The columns; without it they are inferred.
        file_partition_cols: The columns whose values are in the names of directories.
        file_extension: The ending of the files' names.

    Raises:
        ExecutionError: There is nothing to read, or it is not Avro.
        ValueError: A partition column has no such type.

    Example:
        >>> from planwire import read_avro
        >>> read_avro("missing.avro")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        planwire.errors.ExecutionError: Error during planning: No files found at ...
    """
    return SessionContext.global_ctx().read_avro(path, schema, file_partition_cols, file_extension)
