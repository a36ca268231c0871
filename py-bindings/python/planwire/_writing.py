"""Options for writing the rows of a data frame to files and tables."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planwire._internal import Expr, SortExpr

    _SortKey: TypeAlias = SortExpr | Expr | str


class InsertOp(Enum):
    """The treatment of rows that a table already has.

    Raises:
        ValueError: The value is unknown.

    Example:
        >>> from planwire import InsertOp
        >>> [operation.name for operation in InsertOp]
        ['APPEND', 'REPLACE', 'OVERWRITE']
    """

    APPEND = "append"  # they stay
    REPLACE = "replace"  # those that collide with a new row go
    OVERWRITE = "overwrite"  # they go


class Compression(Enum):
    """A compression for the pages of a Parquet file.

    Raises:
        ValueError: The value is unknown.

    Example:
        >>> from planwire.dataframe import Compression
        >>> Compression.from_str("ZSTD").get_default_level()
        4
    """

    UNCOMPRESSED = "uncompressed"
    SNAPPY = "snappy"
    GZIP = "gzip"
    BROTLI = "brotli"
    LZ4 = "lz4"
    ZSTD = "zstd"
    LZ4_RAW = "lz4_raw"

    @classmethod
    def from_str(cls, value: str) -> Compression:
        """Find a compression by its name, in capitals or not.

        Args:
            value: The name.

        Raises:
            ValueError: The name is unknown; the message lists the known ones.

        Example:
            >>> from planwire.dataframe import Compression
            >>> Compression.from_str("Snappy")
            <Compression.SNAPPY: 'snappy'>
        """
        try:
            return cls(value.lower())
        except ValueError:
            known = ", ".join(compression.value for compression in cls)
            message = f"there is no compression {value!r}; there are {known}"
            raise ValueError(message) from None

    def get_default_level(self) -> int | None:
        """Return the default level.

        Example:
            >>> from planwire.dataframe import Compression
            >>> Compression.GZIP.get_default_level(), Compression.SNAPPY.get_default_level()
            (6, None)
        """
        return {Compression.GZIP: 6, Compression.BROTLI: 1, Compression.ZSTD: 4}.get(self)


@dataclass
class DataFrameWriteOptions:
    """Options for the place and order of written rows.

    Args:
        insert_operation: The treatment of existing rows; rows in files always stay.
        single_file_output: Whether the path is a single file, rather than a directory of files.
        partition_by: Columns that become directories instead of values in the files.
        sort_by: The columns and expressions to sort the rows by.

    Example:
        >>> import pathlib, tempfile
        >>> from planwire import DataFrameWriteOptions, SessionContext
        >>> path = pathlib.Path(tempfile.mkdtemp())
        >>> df = SessionContext().from_pydict({"k": ["x", "y"], "v": [1, 2]})
        >>> df.write_csv(path, write_options=DataFrameWriteOptions(partition_by="k"))
        >>> sorted(directory.name for directory in path.iterdir())
        ['k=x', 'k=y']
    """

    insert_operation: InsertOp | None = None
    single_file_output: bool = False
    partition_by: str | Sequence[str] | None = None
    sort_by: _SortKey | Sequence[_SortKey] | None = None


@dataclass
class ParquetColumnOptions:
    """Options for one column of a Parquet file that override those of the file.

    Args:
        encoding: An encoding of Parquet, e.g. `"delta_binary_packed"`.
        dictionary_enabled: Whether values are encoded by a dictionary.
        compression: A compression, with a level or without, e.g. `"zstd(3)"`.
        statistics_enabled: `"none"`, `"chunk"` or `"page"`.
        bloom_filter_enabled: Whether there is a Bloom filter of the values.
        bloom_filter_fpp: How often the filter may be wrong.
        bloom_filter_ndv: How many different values the filter is for.

    Example:
        >>> from planwire import ParquetColumnOptions
        >>> ParquetColumnOptions(compression="snappy").compression
        'snappy'
    """

    encoding: str | None = None
    dictionary_enabled: bool | None = None
    compression: str | None = None
    statistics_enabled: str | None = None
    bloom_filter_enabled: bool | None = None
    bloom_filter_fpp: float | None = None
    bloom_filter_ndv: int | None = None


@dataclass
class ParquetWriterOptions:
    """Options for writing a Parquet file.

    Args:
        data_pagesize_limit: The approximate size limit of a page, in bytes.
        write_batch_size: How many values are written at once.
        writer_version: `"1.0"` or `"2.0"`.
        skip_arrow_metadata: Whether to leave out the Arrow schema.
        compression: A compression, with a level or without, e.g. `"zstd(3)"`.
        compression_level: The compression's level, instead of the one in `compression`.
        dictionary_enabled: Whether values are replaced by their place in a dictionary.
        dictionary_page_size_limit: The approximate size limit of a dictionary, in bytes.
        statistics_enabled: `"none"`, `"chunk"` or `"page"`.
        max_row_group_size: The limit on rows in a row group.
        created_by: Who wrote the file.
        column_index_truncate_length: The limit on bytes of a value in the column index.
        statistics_truncate_length: The limit on bytes of a value in the statistics.
        data_page_row_count_limit: The approximate limit on rows in a page.
        encoding: An encoding of Parquet for every column.
        bloom_filter_on_write: Whether there are Bloom filters of the values.
        bloom_filter_fpp: How often a filter may be wrong.
        bloom_filter_ndv: How many different values a filter is for.
        allow_single_file_parallelism: Whether one file is written by several threads.
        maximum_parallel_row_group_writers: How many row groups are written at the same time.
        maximum_buffered_record_batches_per_stream: How many batches wait to be written.
        column_specific_options: Options for single columns, by name.

    Raises:
        ValueError: There is a compression level and no compression.

    Example:
        >>> from planwire import ParquetWriterOptions
        >>> ParquetWriterOptions(compression="gzip", compression_level=9).compression
        'gzip(9)'
    """

    data_pagesize_limit: int = 1024 * 1024
    write_batch_size: int = 1024
    writer_version: str = "1.0"
    skip_arrow_metadata: bool = False
    compression: str | None = "zstd(3)"
    compression_level: InitVar[int | None] = None
    dictionary_enabled: bool | None = True
    dictionary_page_size_limit: int = 1024 * 1024
    statistics_enabled: str | None = "page"
    max_row_group_size: int = 1024 * 1024
    created_by: str = "planwire"
    column_index_truncate_length: int | None = 64
    statistics_truncate_length: int | None = None
    data_page_row_count_limit: int = 20000
    encoding: str | None = None
    bloom_filter_on_write: bool = False
    bloom_filter_fpp: float | None = None
    bloom_filter_ndv: int | None = None
    allow_single_file_parallelism: bool = True
    maximum_parallel_row_group_writers: int = 1
    maximum_buffered_record_batches_per_stream: int = 2
    column_specific_options: dict[str, ParquetColumnOptions] | None = None

    def __post_init__(self, compression_level: int | None) -> None:
        if compression_level is None:
            return
        if self.compression is None:
            message = f"compression level {compression_level} is given without a compression"
            raise ValueError(message)
        name, _, _ = self.compression.partition("(")
        self.compression = f"{name}({compression_level})"
