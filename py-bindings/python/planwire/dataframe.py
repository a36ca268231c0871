"""Data frames: queries that have not run yet, and how their results are explained and written."""

from planwire._explain import ExplainAnalyzeLevel, ExplainFormat, ExplainMetricCategory
from planwire._internal import DataFrame
from planwire._writing import (
    Compression,
    DataFrameWriteOptions,
    InsertOp,
    ParquetColumnOptions,
    ParquetWriterOptions,
)

__all__ = [
    "Compression",
    "DataFrame",
    "DataFrameWriteOptions",
    "ExplainAnalyzeLevel",
    "ExplainFormat",
    "ExplainMetricCategory",
    "InsertOp",
    "ParquetColumnOptions",
    "ParquetWriterOptions",
]
