"""Queries of one function of each kind, as plans of both layers, and what plans say and give."""

from __future__ import annotations

from typing import Any, TypeAlias

import planwire
from planwire import ExecutionPlan, LogicalPlan

from support import kinds

Plan: TypeAlias = LogicalPlan | ExecutionPlan


def query(kind: str, name: str = "crossing", amount: int = 10) -> planwire.DataFrame:
    """A query of a function over rows that stand in the plan itself."""
    numbers = planwire.SessionContext().sql("SELECT a FROM (VALUES (1), (2), (3)) AS t(a)")
    result = kinds.call(kinds.make(kind, name, amount)).alias("r")
    return numbers.aggregate([], [result]) if kind == "aggregate" else numbers.select(result)


def plan_of(layer: type[Plan], frame: planwire.DataFrame) -> Plan:
    return frame.logical_plan() if layer is LogicalPlan else frame.execution_plan()


def executed(
    ctx: planwire.SessionContext, plan: ExecutionPlan, column: str = "r", partition: int = 0
) -> list[Any]:
    """The rows of one partition."""
    batches = [batch.to_pyarrow() for batch in ctx.execute(plan, partition)]
    return [value for batch in batches for value in batch[column].to_pylist()]


def text(plan: Plan) -> str:
    return plan.display_indent()


def shown(plan: Plan) -> None:
    """Asks a plan for all that it says of itself."""
    text(plan)
    if isinstance(plan, LogicalPlan):
        plan.display_indent_schema()
        plan.display_graphviz()
        plan.inputs()
    else:
        plan.collect_metrics()
        plan.children()
        repr(plan.output_partitioning)
