"""Objects of other libraries built on DataFusion, by their methods that return capsules."""

from __future__ import annotations

from typing import Any, Protocol

# A capsule has a type only since Python 3.13.
Capsule = Any


class ScalarUDFExportable(Protocol):
    """A scalar function."""

    def __datafusion_scalar_udf__(self) -> Capsule:
        """Return a capsule."""


class AggregateUDFExportable(Protocol):
    """An aggregate function."""

    def __datafusion_aggregate_udf__(self) -> Capsule:
        """Return a capsule."""


class WindowUDFExportable(Protocol):
    """A window function."""

    def __datafusion_window_udf__(self) -> Capsule:
        """Return a capsule."""


class TableProviderExportable(Protocol):
    """A table."""

    def __datafusion_table_provider__(self, session: Any, /) -> Capsule:
        """Return a capsule for the session that is going to use it."""


class LogicalExtensionCodecExportable(Protocol):
    """A codec for logical plans."""

    def __datafusion_logical_extension_codec__(self, session: Any, /) -> Capsule:
        """Return a capsule for the session that is going to use it."""


class PhysicalExtensionCodecExportable(Protocol):
    """A codec for physical plans."""

    def __datafusion_physical_extension_codec__(self, session: Any, /) -> Capsule:
        """Return a capsule for the session that is going to use it."""
