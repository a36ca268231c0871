"""Arrow's capsule protocols, by which any library can pass types and tables."""

from __future__ import annotations

from typing import Protocol


class ArrowSchemaExportable(Protocol):
    """An object that exports a type or a field, as `pyarrow.DataType` and `pyarrow.Field` do."""

    def __arrow_c_schema__(self) -> object:
        """Return an `arrow_schema` capsule."""


class ArrowStreamExportable(Protocol):
    """An object that exports a table as a stream of batches."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return an `arrow_array_stream` capsule."""
        ...


class ArrowArrayExportable(Protocol):
    """An object that exports one batch."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Return an `arrow_schema` and an `arrow_array` capsule."""
        ...
