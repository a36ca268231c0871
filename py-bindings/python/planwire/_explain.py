"""The options of `DataFrame.explain`."""

from __future__ import annotations

from enum import Enum


class ExplainFormat(Enum):
    """A format in which a plan is drawn.

    Raises:
        ValueError: The value is unknown.

    Example:
        >>> from planwire import ExplainFormat, SessionContext
        >>> df = SessionContext().from_pydict({"a": [1]})
        >>> df.explain(format=ExplainFormat.TREE)
        DataFrame()
        +---------------+-------------------------------+
        | plan_type     | plan                          |
        +---------------+-------------------------------+
        | physical_plan | ┌───────────────────────────┐ |
        |               | │       DataSourceExec      │ |
        |               | │    --------------------   │ |
        |               | │         bytes: 104        │ |
        |               | │       format: memory      │ |
        |               | │          rows: 1          │ |
        |               | └───────────────────────────┘ |
        |               |                               |
        +---------------+-------------------------------+
    """

    INDENT = "indent"
    TREE = "tree"
    PGJSON = "pgjson"
    GRAPHVIZ = "graphviz"


class ExplainAnalyzeLevel(Enum):
    """The amount of metrics that is printed.

    Raises:
        ValueError: The value is unknown.

    Example:
        >>> from planwire.dataframe import ExplainAnalyzeLevel
        >>> ExplainAnalyzeLevel("summary")
        <ExplainAnalyzeLevel.SUMMARY: 'summary'>
    """

    SUMMARY = "summary"
    DEV = "dev"


class ExplainMetricCategory(Enum):
    """A category of metrics: rows, bytes, times, or an operator's own.

    Raises:
        ValueError: The value is unknown.

    Example:
        >>> from planwire.dataframe import ExplainMetricCategory
        >>> [category.value for category in ExplainMetricCategory]
        ['rows', 'bytes', 'timing', 'uncategorized']
    """

    ROWS = "rows"
    BYTES = "bytes"
    TIMING = "timing"
    UNCATEGORIZED = "uncategorized"
