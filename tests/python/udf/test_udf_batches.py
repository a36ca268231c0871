"""A function that asks for a batch size gets at most so many rows in one call."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest

INT = pa.int64()


def answer(function: Any, rows: int) -> list[Any]:
    frame = planwire.SessionContext().from_pydict({"a": list(range(rows))})
    return frame.select(function(planwire.col("a")).alias("r")).to_pydict()["r"]


@pytest.mark.parametrize(
    ("rows", "sizes"), [(0, [0]), (4, [4]), (5, [4, 1]), (8, [4, 4]), (9, [4, 4, 1])]
)
def test_no_call_gets_more_rows(rows: int, sizes: list[int]) -> None:
    seen: list[int] = []

    @planwire.udf([INT], INT, "immutable", batch_size=4)
    def doubled(numbers: pa.Array) -> pa.Array:
        seen.append(len(numbers))
        return pc.multiply(numbers, 2)

    assert answer(doubled, rows) == [2 * number for number in range(rows)]
    # A query over no rows need not call it at all.
    assert [size for size in seen if size] == [size for size in sizes if size]


@pytest.mark.inline
@pytest.mark.unguarded
def test_it_keeps_its_name_and_batch_size_when_it_travels() -> None:
    def widest(numbers: pa.Array) -> pa.Array:
        return pa.array([len(numbers)] * len(numbers))

    function = planwire.udf(widest, INT, INT, "immutable", batch_size=3)
    assert repr(function) == f'ScalarUDF("{widest.__qualname__.lower()}")'
    assert answer(pickle.loads(pickle.dumps(function)), 7) == [3, 3, 3, 3, 3, 3, 1]


@pytest.mark.inline
def test_a_receiver_needs_no_planwire_for_it() -> None:
    function = planwire.udf(lambda a: pc.add(a, 1), INT, INT, "immutable", "more", batch_size=2)
    message = function(planwire.col("a")).alias("r").to_bytes()
    program = (
        "import sys, datafusion\n"
        "sys.modules['planwire'] = None\n"
        "expr = datafusion.Expr.from_bytes(bytes.fromhex(sys.stdin.read()))\n"
        "frame = datafusion.SessionContext().from_pydict({'a': [1, 2, 3]})\n"
        "print(frame.select(expr).to_pydict())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=message.hex(),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("{'r': [2, 3, 4]}\n", 0), done.stderr


@pytest.mark.parametrize(
    "part", [np.array([1, 2]), pa.chunked_array([[1], [2]]), pa.array([1, 2])], ids=type
)
def test_parts_of_any_sort_are_put_together(part: Any) -> None:
    function = planwire.udf(lambda _: part, INT, INT, "immutable", "parts", batch_size=2)
    assert answer(function, 4) == [1, 2, 1, 2]


def test_a_part_of_another_length_is_refused() -> None:
    function = planwire.udf(lambda _: pa.array([1]), INT, INT, "immutable", "one", batch_size=2)
    with pytest.raises(planwire.ExecutionError, match="returned 1 values for 2 rows"):
        answer(function, 4)


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_has_at_least_one_row(size: int) -> None:
    with pytest.raises(ValueError, match=f"batch_size is {size}, and has to be at least 1"):
        planwire.udf(lambda a: a, INT, INT, "immutable", "none", batch_size=size)


def test_what_is_not_callable_is_refused_with_a_batch_size_too() -> None:
    with pytest.raises(TypeError, match="'upper' is not callable"):
        planwire.udf(  # type: ignore[call-overload]
            func="upper",
            input_fields=INT,
            return_field=INT,
            volatility="immutable",
            name="text",
            batch_size=2,
        )
