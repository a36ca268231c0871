"""F7: A changed message raises what `except Exception` does not catch."""

from __future__ import annotations

import decimal
import pickle
import random
from collections.abc import Callable
from typing import Any

import cloudpickle
import pyarrow as pa

import functions
import message
from scenario import Seen, run

MUTATIONS = 1_500
SEED = 7
# A schema opens with its length, which costs memory of that size and panics nowhere.
LENGTH = 8


def changed(random_numbers: random.Random, original: bytes, start: int = 0) -> bytes:
    """Bytes of which a few are overwritten."""
    found = bytearray(original)
    for _ in range(random_numbers.randint(1, 4)):
        found[random_numbers.randrange(start, len(found))] = random_numbers.randrange(256)
    return bytes(found)


def survey(original: bytes, decode: Callable[[bytes], Any], start: int = 0) -> Seen:
    """Decodes many changed messages, and counts what gets past `except Exception`."""
    random_numbers = random.Random(SEED)
    escaped: set[str] = set()
    count = 0
    for _ in range(MUTATIONS):
        try:
            decode(changed(random_numbers, original, start))
        except Exception:
            continue
        except BaseException as error:
            escaped.add(type(error).__name__)
            count += 1
    if not count:
        return Seen(True, f"none of {MUTATIONS:,}")
    return Seen(False, f"{', '.join(escaped)} from {count:,} of {MUTATIONS:,}")


def decimal_literal(package: Any) -> Seen:
    """Changes a decimal literal, and shows what it has become."""
    literal = package.lit(decimal.Decimal("1.5")).to_bytes()
    return survey(literal, lambda changed: repr(package.Expr.from_bytes(changed)))


def nested_literal(package: Any) -> Seen:
    """Changes a literal that travels as Arrow data."""
    literal = package.lit(pa.scalar({"x": 1, "y": ["z"]})).to_bytes()
    return survey(literal, lambda changed: repr(package.Expr.from_bytes(changed)))


def logical_plan(package: Any) -> Seen:
    """Changes a logical plan with such literals in it."""
    query = "SELECT [1, 2] AS x, named_struct('y', 1, 'z', 'w') AS y FROM (VALUES (1)) AS t(a)"
    ctx = package.SessionContext()
    plan = ctx.sql(query).optimized_logical_plan().to_bytes()
    return survey(plan, lambda changed: repr(package.LogicalPlan.from_bytes(ctx, changed)))


def schema(package: Any) -> Seen:
    """Changes the schema of a function's result."""
    call = functions.call(package, "scalar").to_bytes()
    frame = message.frame(call)
    stamp, blob = frame[: message.MINOR + 1], frame[message.MINOR + 1 :]
    name, function, arguments, result, volatility = pickle.loads(blob)

    def decode(changed: bytes) -> Any:
        parts = cloudpickle.dumps((name, function, arguments, changed, volatility))
        return package.Expr.from_bytes(message.change(call, lambda _: stamp + parts))

    return survey(result, decode, LENGTH)


if __name__ == "__main__":
    run(decimal_literal, nested_literal, logical_plan, schema)
