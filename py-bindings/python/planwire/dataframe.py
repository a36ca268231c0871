"""Data frames: queries that have not run yet; how they are explained, watched and written."""

from planwire._explain import ExplainAnalyzeLevel, ExplainFormat, ExplainMetricCategory
from planwire._internal import DataFrame
from planwire._progress import OperatorProgress, Progress, StageProgress
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
    "OperatorProgress",
    "ParquetColumnOptions",
    "ParquetWriterOptions",
    "Progress",
    "StageProgress",
]
