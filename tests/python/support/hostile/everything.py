"""Everything that can be done to a message and to what it becomes, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import planwire
import pyarrow as pa

Step = tuple[str, Callable[[], Any]]


def steps(kind: str, message: bytes, *, run: bool) -> Iterator[Step]:
    """Everything that can be done to a message, each by its name."""
    strict = planwire.SessionContext().with_python_udf_inlining(enabled=False)
    yield "inspect", lambda: str(planwire.inspect(message, strict))
    yield from {"E": of_expression, "L": of_plan, "P": of_execution}[kind](strict, message, run=run)


def of_expression(ctx: Any, message: bytes, *, run: bool) -> Iterator[Step]:
    """What can be done to an expression."""
    found: list[Any] = []
    yield "decode", lambda: found.append(planwire.Expr.from_bytes(message, ctx))
    if not found:
        return
    expr = found[0]
    yield "repr", lambda: repr(expr)
    yield "canonical_name", expr.canonical_name
    yield "schema_name", expr.schema_name
    yield "variant_name", expr.variant_name
    yield "python_value", expr.python_value
    yield "encode", lambda: expr.to_bytes(ctx)
    yield "copy", expr.__copy__
    yield "alias", lambda: expr.alias("a")
    table = ctx.from_pydict({"c": [1, 2], "s": ["x", "y"], "l": [[1], [2]]})
    uses: dict[str, Callable[[], Any]] = {
        "select": lambda: table.select(expr),
        "filter": lambda: table.filter(expr),
        "sort": lambda: table.sort(expr.sort()),
        "group": lambda: table.aggregate([expr], []),
        "aggregate": lambda: table.aggregate([planwire.col("c")], [expr]),
    }
    for use, make in uses.items():
        yield from of_frame(use, make, run=run, explain=use == "select")
    yield "drop", found.clear


def of_plan(ctx: Any, message: bytes, *, run: bool) -> Iterator[Step]:
    """What can be done to a logical plan."""
    found: list[Any] = []
    yield "decode", lambda: found.append(planwire.LogicalPlan.from_bytes(ctx, message))
    if not found:
        return
    plan = found[0]
    yield "repr", lambda: repr(plan)
    yield "display_indent", plan.display_indent
    yield "display_indent_schema", plan.display_indent_schema
    yield "display_graphviz", plan.display_graphviz
    yield "inputs", plan.inputs
    yield "encode", lambda: plan.to_bytes(ctx)
    yield "equal", lambda: plan == plan.__copy__()
    yield from of_frame(
        "frame", lambda: ctx.create_dataframe_from_logical_plan(plan), run=run, explain=True
    )


def of_frame(use: str, make: Callable[[], Any], *, run: bool, explain: bool) -> Iterator[Step]:
    """What can be done to a query."""
    found: list[Any] = []
    yield use, lambda: found.append(make())
    if not found:
        return
    frame = found[0]
    yield f"{use} schema", frame.schema
    yield f"{use} optimise", frame.optimized_logical_plan
    plans: list[Any] = []
    yield f"{use} plan", lambda: plans.append(frame.execution_plan())
    for plan in plans:
        yield from of_physical(f"{use} planned", plan)
    if explain:
        yield f"{use} explain", lambda: frame.explain(format="indent")
        yield f"{use} explain tree", lambda: frame.explain(format="tree")
        yield f"{use} explain json", lambda: frame.explain(format="pgjson")
        yield f"{use} explain graphviz", lambda: frame.explain(format="graphviz")
    if run:
        yield f"{use} run", lambda: frame.limit(10).to_pydict()


def of_execution(ctx: Any, message: bytes, *, run: bool) -> Iterator[Step]:
    """What can be done to a physical plan."""
    found: list[Any] = []
    yield "decode", lambda: found.append(planwire.ExecutionPlan.from_bytes(ctx, message))
    if not found:
        return
    plan = found[0]
    yield from of_physical("plan", plan)
    yield "encode", lambda: plan.to_bytes(ctx)
    if run:
        yield "run", lambda: next(iter(ctx.execute(plan, 0)), None)


def of_physical(use: str, plan: Any) -> Iterator[Step]:
    """What can be asked of a physical plan."""
    yield f"{use} repr", lambda: repr(plan)
    yield f"{use} display", plan.display_indent
    yield f"{use} children", plan.children
    yield f"{use} partitions", lambda: plan.partition_count
    yield f"{use} partitioning", lambda: repr(plan.output_partitioning)
    yield f"{use} metrics", plan.collect_metrics


def exported(step: str, error: BaseException) -> bool:
    """Whether pyarrow does not have a type, or an expression is no literal."""
    if step == "python_value" and isinstance(error, TypeError):
        return True
    exports = step == "python_value" or step.endswith("schema")
    return exports and isinstance(error, pa.ArrowException)
