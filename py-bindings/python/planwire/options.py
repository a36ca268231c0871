"""Options for reading files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from planwire._base.arrow import ArrowSchemaExportable
    from planwire._internal import Expr, SortExpr

    _PartitionColumn: TypeAlias = tuple[str, str | ArrowSchemaExportable]
    _SortKey: TypeAlias = SortExpr | Expr | str

__all__ = ["CsvReadOptions"]


class CsvReadOptions:
    r"""Options for reading CSV files.

    A method that sets an option changes these options and returns them, so calls can be chained.
    Values that cannot be used are reported when files are read.

    Args:
        has_header: Whether the first line names the columns.
        delimiter: The separator of two values, one ASCII character.
        quote: The quote around a value that holds a delimiter, one ASCII character.
        terminator: The end of a line, one ASCII character; without it, any system's end of line.
        escape: The character before a quote inside a value, one ASCII character.
        comment: The start of a line to skip, one ASCII character.
        newlines_in_values: Whether quoted values may hold ends of lines, which is slower.
        schema: The columns; without it they are inferred.
        schema_infer_max_records: How many rows are read to infer the columns.
        file_extension: The ending of the files' names.
        table_partition_cols: The columns whose values are in the names of directories, each with
            its type.
        file_compression_type: `"gzip"`, `"bz2"`, `"xz"` or `"zstd"`; empty for plain files.
        file_sort_order: Orders that the rows of each file are in.
        null_regex: A regular expression of the values that stand for null.
        truncated_rows: Whether values missing at the end of a line are null, rather than an error.

    Raises:
        ValueError: An argument is not one ASCII character.

    Example:
        >>> import pathlib, tempfile
        >>> from planwire import CsvReadOptions, SessionContext
        >>> path = pathlib.Path(tempfile.mkdtemp(), "t.csv")
        >>> _ = path.write_text("a|b\n# nothing\n1|NA\n")
        >>> options = CsvReadOptions(delimiter="|", null_regex="NA").with_comment("#")
        >>> SessionContext().read_csv(path, options=options).to_pydict()
        {'a': [1], 'b': [None]}
    """

    def __init__(
        self,
        *,
        has_header: bool = True,
        delimiter: str = ",",
        quote: str = '"',
        terminator: str | None = None,
        escape: str | None = None,
        comment: str | None = None,
        newlines_in_values: bool = False,
        schema: ArrowSchemaExportable | None = None,
        schema_infer_max_records: int = 1000,
        file_extension: str = ".csv",
        table_partition_cols: Sequence[_PartitionColumn] | None = None,
        file_compression_type: str = "",
        file_sort_order: Sequence[Sequence[_SortKey]] | None = None,
        null_regex: str | None = None,
        truncated_rows: bool = False,
    ) -> None:
        self.has_header = has_header
        self.delimiter = _character("delimiter", delimiter)
        self.quote = _character("quote", quote)
        self.terminator = _optional("terminator", terminator)
        self.escape = _optional("escape", escape)
        self.comment = _optional("comment", comment)
        self.newlines_in_values = newlines_in_values
        self.schema = schema
        self.schema_infer_max_records = schema_infer_max_records
        self.file_extension = file_extension
        self.table_partition_cols = table_partition_cols or []
        self.file_compression_type = file_compression_type
        self.file_sort_order = file_sort_order or []
        self.null_regex = null_regex
        self.truncated_rows = truncated_rows

    def with_has_header(self, has_header: bool) -> CsvReadOptions:
        """Set the option `has_header`.

        Args:
            has_header: Whether the first line names the columns.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_has_header(True)
        """
        self.has_header = has_header
        return self

    def with_delimiter(self, delimiter: str) -> CsvReadOptions:
        """Set the option `delimiter`.

        Args:
            delimiter: The separator of two values, one ASCII character.

        Raises:
            ValueError: It is not one ASCII character.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_delimiter("|")
        """
        self.delimiter = _character("delimiter", delimiter)
        return self

    def with_quote(self, quote: str) -> CsvReadOptions:
        """Set the option `quote`.

        Args:
            quote: The quote around a value that holds a delimiter, one ASCII character.

        Raises:
            ValueError: It is not one ASCII character.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_quote("'")
        """
        self.quote = _character("quote", quote)
        return self

    def with_terminator(self, terminator: str | None) -> CsvReadOptions:
        """Set the option `terminator`.

        Args:
            terminator: The end of a line, one ASCII character; without it the end of line of any
                system.

        Raises:
            ValueError: It is not one ASCII character.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_terminator("$")
        """
        self.terminator = _optional("terminator", terminator)
        return self

    def with_escape(self, escape: str | None) -> CsvReadOptions:
        r"""Set the option `escape`.

        Args:
            escape: The character before a quote inside a value, one ASCII character.

        Raises:
            ValueError: It is not one ASCII character.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_escape("\\")
        """
        self.escape = _optional("escape", escape)
        return self

    def with_comment(self, comment: str | None) -> CsvReadOptions:
        """Set the option `comment`.

        Args:
            comment: The start of a line to skip, one ASCII character.

        Raises:
            ValueError: It is not one ASCII character.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_comment("#")
        """
        self.comment = _optional("comment", comment)
        return self

    def with_newlines_in_values(self, newlines_in_values: bool) -> CsvReadOptions:
        """Set the option `newlines_in_values`.

        Args:
            newlines_in_values: Whether quoted values may hold ends of lines, which is slower.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_newlines_in_values(True)
        """
        self.newlines_in_values = newlines_in_values
        return self

    def with_schema(self, schema: ArrowSchemaExportable | None) -> CsvReadOptions:
        """Set the option `schema`.

        Args:
            schema: The columns; without it they are inferred.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_schema(None)
        """
        self.schema = schema
        return self

    def with_schema_infer_max_records(self, schema_infer_max_records: int) -> CsvReadOptions:
        """Set the option `schema_infer_max_records`.

        Args:
            schema_infer_max_records: How many rows are read to infer the columns.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_schema_infer_max_records(10)
        """
        self.schema_infer_max_records = schema_infer_max_records
        return self

    def with_file_extension(self, file_extension: str) -> CsvReadOptions:
        """Set the option `file_extension`.

        Args:
            file_extension: The ending of the files' names.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_file_extension(".tsv")
        """
        self.file_extension = file_extension
        return self

    def with_table_partition_cols(
        self, table_partition_cols: Sequence[_PartitionColumn]
    ) -> CsvReadOptions:
        """Set the option `table_partition_cols`.

        Args:
            table_partition_cols: The columns whose values are in the names of directories, each
                with its type.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_table_partition_cols([("year", "int")])
        """
        self.table_partition_cols = table_partition_cols
        return self

    def with_file_compression_type(self, file_compression_type: str) -> CsvReadOptions:
        """Set the option `file_compression_type`.

        Args:
            file_compression_type: `"gzip"`, `"bz2"`, `"xz"` or `"zstd"`; empty for plain files.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_file_compression_type("gzip")
        """
        self.file_compression_type = file_compression_type
        return self

    def with_file_sort_order(self, file_sort_order: Sequence[Sequence[_SortKey]]) -> CsvReadOptions:
        """Set the option `file_sort_order`.

        Args:
            file_sort_order: Orders that the rows of each file are in.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_file_sort_order([["a"]])
        """
        self.file_sort_order = file_sort_order
        return self

    def with_null_regex(self, null_regex: str | None) -> CsvReadOptions:
        """Set the option `null_regex`.

        Args:
            null_regex: A regular expression of the values that stand for null.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_null_regex("NA")
        """
        self.null_regex = null_regex
        return self

    def with_truncated_rows(self, truncated_rows: bool) -> CsvReadOptions:
        """Set the option `truncated_rows`.

        Args:
            truncated_rows: Whether values missing at the end of a line are null, rather than an
                error.

        Example:
            >>> from planwire import CsvReadOptions
            >>> options = CsvReadOptions().with_truncated_rows(True)
        """
        self.truncated_rows = truncated_rows
        return self


def _character(option: str, text: str) -> str:
    if len(text) != 1 or not text.isascii():
        raise ValueError(f"the {option} {text!r} is not one ASCII character")
    return text


def _optional(option: str, text: str | None) -> str | None:
    return None if text is None else _character(option, text)
