"""F24: The metadata of an alias is lost in every form of message."""

from __future__ import annotations

import pickle
from typing import Any

import plans
from scenario import Seen, run

UNIT = {b"unit": b"EUR"}


def expression(package: Any) -> Seen:
    """Pickles an expression."""
    table, alias = made(package)
    return plans.same(lambda: metadata(table.select(pickle.loads(pickle.dumps(alias)))), UNIT)


def logical_plan(package: Any) -> Seen:
    """Sends a logical plan."""
    table, alias = made(package)

    def arrived() -> Any:
        ctx = package.SessionContext()
        message = table.select(alias).logical_plan().to_bytes()
        plan = package.LogicalPlan.from_bytes(ctx, message)
        return metadata(ctx.create_dataframe_from_logical_plan(plan))

    return plans.same(arrived, UNIT)


def physical_plan(package: Any) -> Seen:
    """Sends a physical plan."""
    table, alias = made(package)

    def arrived() -> Any:
        plan = plans.decoded(package, table.select(alias).execution_plan().to_bytes())
        (batch,) = package.SessionContext().execute(plan, 0)
        return batch.to_pyarrow().schema.field("b").metadata

    return plans.same(arrived, UNIT)


def made(package: Any) -> tuple[Any, Any]:
    """A table of values, and an alias with metadata."""
    table = package.SessionContext().sql("SELECT a FROM (VALUES (1), (2)) AS t(a)")
    return table, package.col("a").alias("b", {"unit": "EUR"})


def metadata(frame: Any) -> Any:
    """What the column says of itself."""
    return frame.to_arrow_table().schema.field("b").metadata


if __name__ == "__main__":
    run(expression, logical_plan, physical_plan)
