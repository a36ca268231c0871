"""Values that several parts of the package share."""

from __future__ import annotations

from enum import Enum

__all__ = ["NullTreatment"]


class NullTreatment(Enum):
    """The treatment of nulls by a function that looks up a value among rows.

    Raises:
        ValueError: The value is unknown.

    Example:
        >>> from planwire import NullTreatment, col, functions as f
        >>> f.first_value(col("a"), null_treatment=NullTreatment.IGNORE_NULLS)
        Expr(first_value(a) IGNORE NULLS)
    """

    RESPECT_NULLS = "respect_nulls"
    """Nulls are values."""
    IGNORE_NULLS = "ignore_nulls"
    """Nulls are passed over."""
