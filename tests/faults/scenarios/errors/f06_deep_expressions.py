"""F6: An expression that is long or deep ends the process."""

from __future__ import annotations

from typing import Any

import message
from scenario import Seen, broken, kept, run


def operands(package: Any, count: int) -> Seen:
    """Decodes a chain of operands, and does with it what one does with an expression."""
    chain = message.operands("Plus", [message.column("a")] * count)
    try:
        expr = package.Expr.from_bytes(chain)
    except Exception as error:
        return kept(type(error).__name__)
    assert "a + a" in repr(expr)
    expr.to_bytes()
    del expr
    return kept("decoded, shown, encoded")


def operands_64_000(package: Any) -> Seen:
    """A message of about half a megabyte."""
    return operands(package, 64_000)


def operands_200_000(package: Any) -> Seen:
    """A message of about two megabytes."""
    return operands(package, 200_000)


def negations(package: Any, count: int) -> Seen:
    """Encodes a chain of negations."""
    expr = package.col("a").is_null()
    for _ in range(count):
        expr = ~expr
    try:
        encoded = expr.to_bytes()
    except Exception as error:
        return kept(type(error).__name__)
    package.Expr.from_bytes(encoded)
    return kept("encoded, decoded")


def negations_200(package: Any) -> Seen:
    """Deeper than a receiver can read, and no danger to anyone."""
    try:
        return negations(package, 200)
    except Exception as error:
        return broken(f"encoded, then {type(error).__name__} where it is decoded")


def negations_1_500(package: Any) -> Seen:
    """What ends the wheel's encoder."""
    return negations(package, 1_500)


def negations_3_000(package: Any) -> Seen:
    """Twice that."""
    return negations(package, 3_000)


def one_operand_more(package: Any) -> Seen:
    """Encodes a chain that is one longer than the longest that is decoded."""
    longest, too_long = 1, 64_000
    column = message.column("a")
    while too_long - longest > 1:
        middle = (longest + too_long) // 2
        try:
            expr = package.Expr.from_bytes(message.operands("Plus", [column] * middle))
            longest = middle
        except Exception:
            too_long = middle
    expr = package.Expr.from_bytes(message.operands("Plus", [column] * longest))
    try:
        encoded = (expr + package.col("a")).to_bytes()
    except Exception as error:
        return kept(f"{type(error).__name__} for {longest + 1:,} operands")
    package.Expr.from_bytes(encoded)
    return kept("encoded, decoded")


if __name__ == "__main__":
    run(
        operands_64_000,
        operands_200_000,
        one_operand_more,
        negations_200,
        negations_1_500,
        negations_3_000,
    )
