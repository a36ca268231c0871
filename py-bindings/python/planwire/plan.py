"""Plans: what a query is to do, and what it did when it ran."""

from planwire._internal import (
    ExecutionPlan,
    LogicalPlan,
    Metric,
    MetricsSet,
    PhysicalPartitioning,
)

__all__ = ["ExecutionPlan", "LogicalPlan", "Metric", "MetricsSet", "PhysicalPartitioning"]
