"""Plans of queries, and the metrics of their operators."""

from planwire._internal import (
    ExecutionPlan,
    LogicalPlan,
    Metric,
    MetricsSet,
    PhysicalPartitioning,
)

__all__ = ["ExecutionPlan", "LogicalPlan", "Metric", "MetricsSet", "PhysicalPartitioning"]
