"""F11: Every reference to a function is a payload of its own."""

from __future__ import annotations

from typing import Any

import functions
from scenario import Seen, broken, kept, run

REFERENCES = 100


def bytes_of_references(package: Any) -> Seen:
    """Encodes an expression that calls one function many times."""
    one = functions.call(package, "scalar")
    many = one
    for _ in range(REFERENCES - 1):
        many = many + one
    sender = package.SessionContext()
    if hasattr(sender, "with_frames"):
        # The frames that only planwire reads; those of the wheel stand alone at each reference.
        sender = sender.with_frames("python", "native")
    times = len(many.to_bytes(sender)) / len(one.to_bytes(sender))
    # The calls without their payloads are a few bytes each.
    return Seen(times < 10, f"{REFERENCES} references take {times:.1f} times the bytes of one")


def copies_in_one_plan(package: Any) -> Seen:
    """Decodes a plan that compares two calls of one function with each other."""
    ctx = package.SessionContext()
    ctx.register_udf(functions.make(package, "scalar"))
    query = "SELECT DISTINCT ON (f(a)) a FROM (VALUES (1), (1)) AS t(a) ORDER BY f(a)"
    encoded = ctx.sql(query).logical_plan().to_bytes(ctx)
    receiver = package.SessionContext()
    try:
        plan = package.LogicalPlan.from_bytes(receiver, encoded)
        rows = receiver.create_dataframe_from_logical_plan(plan).to_pydict()["a"]
    except Exception as error:
        return broken(f"{type(error).__name__}: the copies are not equal")
    return kept("equal where they are decoded") if rows == [1] else broken(f"{rows}, not [1]")


if __name__ == "__main__":
    run(bytes_of_references, copies_in_one_plan)
