"""Physical plans that have travelled, and their rows."""

from __future__ import annotations

from typing import Any

from planwire import ExecutionPlan, SessionContext


def rows_of(plan: ExecutionPlan, ctx: SessionContext, partition: int) -> list[dict[str, Any]]:
    """The rows of one partition."""
    return [row for batch in ctx.execute(plan, partition) for row in batch.to_pyarrow().to_pylist()]


def in_turn(plan: ExecutionPlan, ctx: SessionContext) -> list[str]:
    """The rows of all partitions, in an order of their own."""
    parts = (rows_of(plan, ctx, partition) for partition in range(plan.partition_count))
    return sorted(repr(row) for part in parts for row in part)


def crossed(ctx: SessionContext, query: str) -> list[str]:
    """The rows of a query whose physical plan has travelled."""
    message = ctx.sql(query).execution_plan().to_bytes(ctx)
    return in_turn(ExecutionPlan.from_bytes(ctx, message), ctx)
