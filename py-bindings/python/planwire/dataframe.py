"""Data frames: queries that have not run yet."""

from planwire._internal import DataFrame

__all__ = ["DataFrame"]
