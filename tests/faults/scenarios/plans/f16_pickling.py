"""F16: Plans, data frames, functions, sessions and tables in memory cannot be sent."""

from __future__ import annotations

import pickle
from typing import Any

import functions
from scenario import Seen, broken, kept, run

QUERY = "SELECT a + 1 AS r FROM (VALUES (1), (2)) AS t(a)"


def frame_of_values(package: Any) -> Any:
    """A data frame whose table is in the query."""
    return package.SessionContext().sql(QUERY)


def crossed(found: Any, wanted: Any) -> Seen:
    """What was sent gives the same."""
    return kept("sent") if found == wanted else broken(f"{found}, not {wanted}")


def scalar_udf(package: Any) -> Seen:
    """Pickles a scalar function."""
    return function(package, "scalar", [[11, 12]])


def aggregate_udf(package: Any) -> Seen:
    """Pickles an aggregate function."""
    return function(package, "aggregate", [[13]])


def window_udf(package: Any) -> Seen:
    """Pickles a window function."""
    return function(package, "window", [[11, 13]])


def function(package: Any, kind: str, wanted: list[list[int]]) -> Seen:
    """Pickles a function."""
    again = sent(functions.make(package, kind))
    if isinstance(again, Seen):
        return again
    return crossed(functions.rows(package, kind, again(package.col("a"))), wanted)


def logical_plan(package: Any) -> Seen:
    """Pickles a logical plan."""
    plan = sent(frame_of_values(package).logical_plan())
    if isinstance(plan, Seen):
        return plan
    frame = package.SessionContext().create_dataframe_from_logical_plan(plan)
    return crossed(frame.to_pydict(), {"r": [2, 3]})


def execution_plan(package: Any) -> Seen:
    """Pickles a physical plan."""
    plan = frame_of_values(package).execution_plan()
    again = sent(plan)
    if isinstance(again, Seen):
        return again
    return crossed(again.display_indent(), plan.display_indent())


def data_frame(package: Any) -> Seen:
    """Pickles a data frame."""
    frame = sent(frame_of_values(package))
    return frame if isinstance(frame, Seen) else crossed(frame.to_pydict(), {"r": [2, 3]})


def session(package: Any) -> Seen:
    """Pickles a strict session, which must not be another one afterwards."""
    message = functions.call(package, "scalar").to_bytes()
    again = sent(functions.strict(package))
    if isinstance(again, Seen):
        return again
    try:
        package.Expr.from_bytes(message, again)
    except Exception:
        return crossed(again.sql(QUERY).to_pydict(), {"r": [2, 3]})
    return broken("strict before, and inline after")


def table_in_memory(package: Any) -> Seen:
    """Encodes a logical plan over a table in memory."""
    plan = functions.numbers(package).logical_plan()
    try:
        encoded = plan.to_bytes()
    except Exception as error:
        return broken(type(error).__name__)
    ctx = package.SessionContext()
    again = ctx.create_dataframe_from_logical_plan(package.LogicalPlan.from_bytes(ctx, encoded))
    return crossed(again.to_pydict(), {"a": [1, 2]})


def sent(thing: Any) -> Any:
    """Pickles and unpickles a thing, or says what went wrong."""
    try:
        return pickle.loads(pickle.dumps(thing))
    except Exception as error:
        return broken(type(error).__name__)


if __name__ == "__main__":
    run(
        scalar_udf,
        aggregate_udf,
        window_udf,
        logical_plan,
        execution_plan,
        data_frame,
        session,
        table_in_memory,
    )
