"""A function that is used or written wrongly says which it is, and leaves the session as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import planwire
import pyarrow as pa
import pytest
from planwire import ExecutionError, col

INT = pa.int64()
FIELD_WITHOUT_NULLS = pa.field("r", INT, nullable=False)


class Broken(Exception):
    """What the functions raise."""


def breaks(*_: Any) -> Any:
    raise Broken("here")


@pytest.fixture
def ctx() -> planwire.SessionContext:
    """A session with a table, which is asked again after each error."""
    ctx = planwire.SessionContext()
    ctx.from_pydict({"a": [1, 2, 3], "k": [0, 0, 1]}, name="t")
    return ctx


def asked_again(ctx: planwire.SessionContext) -> None:
    """Runs another query, with a function of the same name."""
    ctx.register_udf(planwire.udf(lambda numbers: numbers, INT, INT, "immutable", "f"))
    assert ctx.sql("SELECT f(a) AS r FROM t").to_pydict() == {"r": [1, 2, 3]}


class Good(planwire.Accumulator):
    """An accumulator whose methods are replaced one by one."""

    def update(self, *values: pa.Array) -> None: ...
    def merge(self, states: list[pa.Array]) -> None: ...
    def state(self) -> Any:
        return [0]

    def evaluate(self) -> Any:
        return 0


class GoodEvaluator(planwire.WindowEvaluator):
    """An evaluator whose methods are replaced one by one."""

    def evaluate_all(self, values: list[pa.Array], num_rows: int) -> Any:
        return pa.nulls(num_rows, INT)

    def evaluate(self, values: list[pa.Array], eval_range: tuple[int, int]) -> Any:
        return 0


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        ("f(a, a)", r"f\(Int64\)"),
        ("f()", r"f\(Int64\)"),
        ("f([a])", r"f\(Int64\)"),
        ("none(a)", r"none\(\)"),
    ],
)
def test_wrong_arguments_are_a_planning_error_with_the_signature(
    ctx: planwire.SessionContext, call: str, wanted: str
) -> None:
    ctx.register_udf(planwire.udf(breaks, INT, INT, "immutable", "f"))
    ctx.register_udf(planwire.udf(breaks, [], INT, "immutable", "none"))
    with pytest.raises(ExecutionError, match=wanted) as error:
        ctx.sql(f"SELECT {call} FROM t")
    assert error.value.code == "PW-X001"
    asked_again(ctx)


@pytest.mark.parametrize(
    ("function", "output", "cause", "text"),
    [
        (breaks, INT, Broken, "here"),
        (lambda a: None, INT, TypeError, "returned NoneType where an array of Int64 is wanted"),
        (lambda a: (x for x in a), INT, TypeError, "returned generator"),
        (lambda a: ["x", "y", "z"], INT, TypeError, "Utf8 where it declares Int64"),
        (lambda a: "x", INT, TypeError, "returned str where it declares Int64"),
        (lambda a: a.slice(1), INT, ValueError, "2 values for 3 rows"),
        (lambda a: a.cast(pa.string()), INT, TypeError, "Utf8 where it declares Int64"),
        (
            lambda a: pa.nulls(3, INT),
            FIELD_WITHOUT_NULLS,
            ValueError,
            "declares that there are none",
        ),
        (lambda: pa.array([1]), INT, TypeError, "0 positional arguments but 1 was given"),
    ],
)
def test_scalar_function_that_fails_is_named_with_the_cause(
    ctx: planwire.SessionContext,
    function: Callable[..., Any],
    output: Any,
    cause: type[Exception],
    text: str,
) -> None:
    ctx.register_udf(planwire.udf(function, INT, output, "immutable", "f"))
    with pytest.raises(ExecutionError, match=f"scalar UDF 'f': .*{text}") as error:
        ctx.sql("SELECT f(a) FROM t").collect()
    assert error.value.code == "PW-X002"
    assert isinstance(error.value.__cause__, cause)
    asked_again(ctx)


def test_cause_has_the_traceback_of_the_function(ctx: planwire.SessionContext) -> None:
    ctx.register_udf(planwire.udf(breaks, INT, INT, "immutable", "f"))
    with pytest.raises(ExecutionError) as error:
        ctx.sql("SELECT f(a) FROM t").collect()
    traceback = error.value.__cause__.__traceback__  # type: ignore[union-attr]
    assert traceback is not None
    assert traceback.tb_frame.f_code.co_name == "breaks"


@pytest.mark.parametrize("method", ["__init__", "update", "state", "merge", "evaluate"])
def test_accumulator_that_raises_is_named_with_the_cause(
    ctx: planwire.SessionContext, method: str
) -> None:
    fine = [True]

    def sometimes(self: Any, *args: Any) -> Any:
        # The class is tried once when the function is declared.
        if not fine:
            raise Broken("here")
        fine.clear()

    class Bad(Good):
        pass

    setattr(Bad, method, sometimes if method == "__init__" else breaks)
    ctx.register_udaf(planwire.udaf(Bad, INT, INT, INT, "immutable", "g"))
    with pytest.raises(ExecutionError, match="aggregate UDF 'g': Broken: here") as error:
        ctx.sql("SELECT k, g(a) FROM t GROUP BY k").collect()
    assert isinstance(error.value.__cause__, Broken)
    asked_again(ctx)


@pytest.mark.parametrize("groups", ["", "GROUP BY k"])
@pytest.mark.parametrize(
    ("method", "answer", "text"),
    [
        ("state", [], r"state\(\) returned 0 values where 1 are declared"),
        ("state", [1, 2], r"state\(\) returned 2 values where 1 are declared"),
        ("state", None, "returned NoneType where a list of 1 is wanted"),
        ("state", ["x"], "convert it to Int64"),
        ("state", [3.5], "does not hold all of its values exactly"),
        ("evaluate", "x", "convert it to Int64"),
        ("evaluate", 3.5, "does not hold all of its values exactly"),
        ("evaluate", 2**70, "int"),
        ("evaluate", pa.scalar("x"), "x"),
        ("evaluate", pa.array([1, 2]), r"evaluate\(\) returned 2 values for 1 rows"),
        ("evaluate", None, r"evaluate\(\) returned nulls where it declares"),
    ],
)
def test_accumulator_that_returns_something_else_is_named(
    method: str, answer: Any, text: str, groups: str
) -> None:
    class Bad(Good):
        pass

    setattr(Bad, method, lambda self: answer)
    ctx = planwire.SessionContext()
    ctx.from_arrow(
        pa.table({"a": range(100), "k": [number % 2 for number in range(100)]}), name="t"
    )
    declared = ([INT], FIELD_WITHOUT_NULLS, [INT], "immutable")
    ctx.register_udaf(planwire.udaf(Bad, *declared, name="g"))
    # Two steps, so that there are states also where there are no groups.
    query = f"SELECT g(a) FROM (SELECT * FROM t UNION ALL SELECT * FROM t) {groups}"
    with pytest.raises(ExecutionError, match=f"aggregate UDF 'g': (.|\n)*{text}") as error:
        ctx.sql(query).collect()
    assert error.value.__cause__ is not None


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("evaluate_all", []),
        ("evaluate", ["uses_window_frame"]),
        ("evaluate", ["supports_bounded_execution"]),
        ("get_range", ["supports_bounded_execution"]),
        ("memoize", ["supports_bounded_execution", "is_causal"]),
        ("evaluate_all_with_rank", ["include_rank"]),
        ("is_causal", []),
        ("uses_window_frame", []),
        ("supports_bounded_execution", []),
        ("include_rank", []),
    ],
)
def test_evaluator_that_raises_is_named_with_the_cause(
    ctx: planwire.SessionContext, method: str, said: list[str]
) -> None:
    class Bad(GoodEvaluator):
        pass

    for question in said:
        setattr(Bad, question, lambda self: True)
    setattr(Bad, method, breaks)
    ctx.register_udwf(planwire.udwf(Bad, INT, INT, "immutable", "w"))
    with pytest.raises(ExecutionError, match="window UDF 'w': Broken: here") as error:
        ctx.sql("SELECT w(a) OVER (ORDER BY a) FROM t").collect()
    assert isinstance(error.value.__cause__, Broken)
    asked_again(ctx)


@pytest.mark.parametrize(
    ("method", "answer", "said", "text"),
    [
        ("evaluate_all", None, [], r"evaluate_all\(\) returned NoneType"),
        ("evaluate_all", pa.array([1]), [], r"evaluate_all\(\) returned 1 values for 3 rows"),
        ("evaluate_all", pa.array(["x"] * 3), [], r"returned an array of Utf8"),
        ("evaluate", "x", ["uses_window_frame"], "convert it to Int64"),
        ("get_range", (0, 9), ["supports_bounded_execution"], "no range of the partition"),
        ("get_range", (2, 1), ["supports_bounded_execution"], "no range of the partition"),
        ("get_range", None, ["supports_bounded_execution"], r"get_range\(\) returned None"),
        ("evaluate_all_with_rank", pa.array([1]), ["include_rank"], "1 values for 3 rows"),
    ],
)
def test_evaluator_that_returns_something_else_is_named(
    ctx: planwire.SessionContext, method: str, answer: Any, said: list[str], text: str
) -> None:
    class Bad(GoodEvaluator):
        pass

    for question in said:
        setattr(Bad, question, lambda self: True)
    setattr(Bad, method, lambda *args: answer)
    ctx.register_udwf(planwire.udwf(Bad, INT, INT, "immutable", "w"))
    with pytest.raises(ExecutionError, match=f"window UDF 'w': (.|\n)*{text}"):
        ctx.sql("SELECT w(a) OVER (ORDER BY a) FROM t").collect()
    asked_again(ctx)


@pytest.mark.parametrize("ends", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_the_program_is_not_wrapped(
    ctx: planwire.SessionContext, ends: type[BaseException]
) -> None:
    def stop(numbers: pa.Array) -> pa.Array:
        raise ends("stop")

    ctx.register_udf(planwire.udf(stop, INT, INT, "immutable", "f"))
    with pytest.raises(ends, match="stop"):
        ctx.sql("SELECT f(a) FROM t").collect()
    asked_again(ctx)


def test_error_in_a_query_inside_a_function_is_the_cause(ctx: planwire.SessionContext) -> None:
    def inner(numbers: pa.Array) -> Any:
        return ctx.sql("SELECT missing FROM t").collect()

    frame = planwire.SessionContext().from_pydict({"a": [1]})
    function = planwire.udf(inner, INT, INT, "immutable", "outer")
    with pytest.raises(ExecutionError, match="scalar UDF 'outer'") as error:
        frame.select(function(col("a"))).collect()
    assert isinstance(error.value.__cause__, ExecutionError)
    assert "missing" in str(error.value.__cause__)
    asked_again(ctx)


def test_function_that_raises_in_one_of_many_partitions_is_reported_once() -> None:
    def picky(numbers: pa.Array) -> pa.Array:
        if 777_777 in numbers.to_pylist():
            raise Broken("found it")
        return numbers

    frame = planwire.SessionContext().from_arrow(pa.table({"a": range(1_000_000)}))
    function = planwire.udf(picky, INT, INT, "immutable", "picky")
    with pytest.raises(ExecutionError, match="'picky': Broken: found it"):
        frame.filter(function(col("a")) < 0).collect()
