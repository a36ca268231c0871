"""Chains of operators: operands are shared until an expression is used."""

from __future__ import annotations

import operator
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import planwire
import pytest
from planwire import col

if TYPE_CHECKING:
    from collections.abc import Callable

A = [1, 2, 3]


def answer(expr: planwire.Expr) -> list[Any]:
    frame = planwire.SessionContext().from_pydict({"a": A})
    return frame.select(expr.alias("r")).to_pydict()["r"]


def test_an_operand_that_is_kept_stays_as_it_was() -> None:
    one = col("a") + 1
    two = one * 2
    both = two - one
    assert answer(both) == [2 * (a + 1) - (a + 1) for a in A]
    assert answer(one) == [a + 1 for a in A]
    assert answer(two + one) == [3 * (a + 1) for a in A]
    assert str(one) == "Expr(a + Int64(1))"


@pytest.mark.parametrize(
    "step",
    [lambda x: x + 1, lambda x: 1 - x, lambda x: x * 2 - (x - 1), lambda x: (x % 5) + (3 * x)],
    ids=["left", "right", "both sides", "nested"],
)
def test_a_chain_gives_what_its_steps_give_in_python(step: Callable[[Any], Any]) -> None:
    expr, plain = col("a"), list(A)
    for _ in range(5):
        expr = step(expr)
        plain = [step(value) for value in plain]
    assert answer(expr) == plain


LONG = """
from planwire import col
for step in (lambda x: x + 1, lambda x: 1 + x, lambda x: x & (x == 1)):
    expr = col("a")
    for _ in range(200_000):
        expr = step(expr)
    kept = expr + 1
    del expr
    del kept
print("gone")
"""


def test_a_chain_of_any_length_can_be_dropped() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LONG], capture_output=True, text=True, timeout=50, check=False
    )
    assert (done.returncode, done.stdout) == (0, "gone\n"), done.stderr


@pytest.mark.parametrize("compare", [operator.eq, operator.lt, operator.ge])
def test_an_operand_that_is_no_value_is_refused_at_once(compare: Any) -> None:
    with pytest.raises(TypeError):
        compare(col("a"), object())
