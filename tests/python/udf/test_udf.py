"""Functions are declared as code for the datafusion wheel declares them, and run the same."""

from __future__ import annotations

import functools
import threading
from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest

INT = pa.int64()

each_package = pytest.mark.parametrize("package", [planwire, datafusion], ids=["ours", "theirs"])


def double(numbers: pa.Array) -> pa.Array:
    return pc.multiply(numbers, 2)


class Doubling:
    """An object that can be called, and has methods of each kind."""

    def __call__(self, numbers: pa.Array) -> pa.Array:
        return double(numbers)

    def method(self, numbers: pa.Array) -> pa.Array:
        return double(numbers)

    @staticmethod
    def static(numbers: pa.Array) -> pa.Array:
        return double(numbers)

    @classmethod
    def of_class(cls, numbers: pa.Array) -> pa.Array:
        return double(numbers)


CALLABLES = {
    "double": double,
    "<lambda>": lambda numbers: pc.multiply(numbers, 2),
    "doubling": Doubling(),
    "doubling.method": Doubling().method,
    "doubling.static": Doubling.static,
    "doubling.of_class": Doubling.of_class,
    "partial": functools.partial(pc.multiply, 2),
}


def sums(package: Any, start: int = 0) -> Any:
    """A class of accumulators that sum from `start` on."""

    class Sum(package.Accumulator):  # type: ignore[misc]
        def __init__(self, first: int = start) -> None:
            self.total = first

        def update(self, *values: pa.Array) -> None:
            self.total += pc.sum(values[0]).as_py() or 0

        def merge(self, states: list[pa.Array]) -> None:
            self.update(states[0])

        def state(self) -> list[pa.Scalar]:
            return [pa.scalar(self.total)]

        def evaluate(self) -> pa.Scalar:
            return pa.scalar(self.total)

    return Sum


def running(package: Any) -> Any:
    """A class of evaluators that sum the rows so far."""

    class Running(package.user_defined.WindowEvaluator):  # type: ignore[misc]
        def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
            return pc.cumulative_sum(values[0])

    return Running


def select(package: Any, expr: Any) -> list[Any]:
    """The expression over the numbers one to three."""
    frame = package.SessionContext().from_pydict({"a": [1, 2, 3]})
    rows: list[Any] = frame.select(expr.alias("r")).to_pydict()["r"]
    return rows


def total(package: Any, expr: Any) -> list[Any]:
    """The aggregate of the numbers one to three."""
    frame = package.SessionContext().from_pydict({"a": [1, 2, 3]})
    rows: list[Any] = frame.aggregate([], [expr.alias("r")]).to_pydict()["r"]
    return rows


@each_package
@pytest.mark.parametrize("name", CALLABLES)
def test_whatever_can_be_called_is_a_function_of_its_own_name(package: Any, name: str) -> None:
    function = package.udf(CALLABLES[name], [INT], INT, "immutable")
    assert function.name.split(".<locals>.")[-1] == name
    assert select(package, function(package.col("a"))) == [2, 4, 6]


@each_package
@pytest.mark.parametrize(
    "inputs",
    [INT, [INT], (INT,), pa.field("x", INT), [pa.field("x", INT, nullable=False)], ["int64"]],
    ids=["type", "list", "tuple", "field", "fields", "names"],
)
@pytest.mark.parametrize("output", [INT, pa.field("y", INT)], ids=["type", "field"])
def test_types_and_fields_declare_a_function(package: Any, inputs: Any, output: Any) -> None:
    called = package.udf(double, inputs, output, "immutable", "twice")
    decorated = package.udf(inputs, output, "immutable", "twice")(double)
    static = package.ScalarUDF.udf(double, inputs, output, "immutable", name="twice")
    named = package.udf(
        func=double, input_fields=inputs, return_field=output, volatility="immutable", name="twice"
    )
    for function in (called, decorated, static, named):
        assert select(package, function(package.col("a"))) == [2, 4, 6]


@each_package
@pytest.mark.parametrize("name", ["immutable", "stable", "volatile"])
def test_volatility_is_a_name_or_a_member(package: Any, name: str) -> None:
    member = package.user_defined.Volatility[name.capitalize()]
    for volatility in (name, member):
        function = package.udf(double, [INT], INT, volatility, "twice")
        assert select(package, function(package.col("a"))) == [2, 4, 6]


@each_package
def test_accumulators_come_from_classes_and_from_what_makes_them(package: Any) -> None:
    accumulator, col = sums(package), package.col
    declared = ([INT], INT, [INT], "immutable")
    plain = package.udaf(accumulator, *declared)
    assert plain.name.split(".<locals>.")[-1] == "sum"
    assert total(package, plain(col("a"))) == [6]
    assert total(package, package.AggregateUDF.udaf(accumulator, *declared)(col("a"))) == [6]
    assert total(package, package.udaf(*declared)(accumulator)(col("a"))) == [6]
    for factory in (lambda: accumulator(10), functools.partial(accumulator, 10)):
        function = package.udaf(factory, *declared)
        assert function.name == plain.name
        assert total(package, function(col("a"))) == [16]


@each_package
def test_evaluators_come_from_classes_and_from_what_makes_them(package: Any) -> None:
    evaluator, col = running(package), package.col
    declared = ([INT], INT, "immutable")
    plain = package.udwf(evaluator, *declared)
    assert plain.name.split(".<locals>.")[-1] == "running"
    for function in (
        plain,
        package.WindowUDF.udwf(evaluator, *declared),
        package.udwf(*declared)(evaluator),
        package.udwf(functools.partial(evaluator), *declared),
    ):
        assert select(package, function(col("a"))) == [1, 3, 6]


@each_package
@pytest.mark.parametrize("wrong", [int, lambda: 3], ids=["class", "factory"])
def test_what_makes_something_else_is_a_type_error(package: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match="Accumulator"):
        package.udaf(wrong, [INT], INT, [INT], "immutable")
    with pytest.raises(TypeError, match="WindowEvaluator"):
        package.udwf(wrong, [INT], INT, "immutable")


@pytest.mark.parametrize("define", [planwire.udf, planwire.udaf, planwire.udwf])
def test_what_cannot_be_called_is_a_type_error(define: Any) -> None:
    with pytest.raises(TypeError, match="neither callable nor a type"):
        define(3, [INT], INT, "immutable")


def test_what_is_no_type_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not complex"):
        planwire.udf(double, [complex], INT, "immutable")
    with pytest.raises(ValueError, match="int65"):
        planwire.udf(double, ["int65"], INT, "immutable")
    with pytest.raises(ValueError, match="sometimes"):
        planwire.udf(double, [INT], INT, "sometimes")


@each_package
def test_constant_arguments_are_computed_once_unless_volatile(package: Any) -> None:
    lengths: list[int] = []

    def measured(numbers: pa.Array) -> pa.Array:
        lengths.append(len(numbers))
        return numbers

    for volatility, length in (("immutable", 1), ("volatile", 3)):
        function = package.udf(measured, [INT], INT, volatility)
        assert select(package, function(package.lit(5))) == [5, 5, 5]
        assert lengths.pop() == length


def test_constants_among_columns_have_the_length_of_the_columns() -> None:
    def weighted(numbers: pa.Array, weights: pa.Array) -> pa.Array:
        assert len(numbers) == len(weights) == 3
        return pc.multiply(numbers, weights)

    function = planwire.udf(weighted, [INT, INT], INT, "immutable")
    assert select(planwire, function(planwire.col("a"), 10)) == [10, 20, 30]
    assert select(planwire, function(planwire.lit(10), planwire.col("a"))) == [10, 20, 30]


def test_function_without_arguments_gives_each_row_a_value() -> None:
    answers = iter(range(100))
    counted = planwire.udf(lambda: pa.array([next(answers)]), [], INT, "volatile", "counted")
    constant = planwire.udf(lambda: pa.array([7]), [], INT, "immutable", "constant")
    assert sorted(select(planwire, counted())) == [0, 1, 2]
    assert select(planwire, constant()) == [7, 7, 7]


@each_package
def test_function_without_arguments_may_know_how_many_rows_there_are(package: Any) -> None:
    known = package.udf(lambda: pa.array([7, 8, 9]), [], INT, "volatile", "known")
    assert select(package, known()) == [7, 8, 9]


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize(
    "state",
    [
        lambda numbers: [numbers],
        lambda numbers: (pa.array(numbers, INT),),
        lambda numbers: [pa.scalar(numbers, pa.list_(INT))],
        lambda numbers: [pa.chunked_array([numbers, []], INT)],
        lambda numbers: (item for item in [numbers]),
    ],
    ids=["list", "array", "scalar", "chunked", "generator"],
)
def test_state_and_result_may_be_lists(grouped: bool, state: Any) -> None:
    class Collect(planwire.Accumulator):
        def __init__(self) -> None:
            self.numbers: list[int] = []

        def update(self, *values: pa.Array) -> None:
            self.numbers += values[0].to_pylist()

        def merge(self, states: list[pa.Array]) -> None:
            self.update(states[0].flatten())

        def state(self) -> Any:
            return state(self.numbers)

        def evaluate(self) -> Any:
            (numbers,) = state(sorted(self.numbers))
            return numbers

    lists = pa.list_(INT)
    collect = planwire.udaf(Collect, INT, lists, lists, "immutable")(planwire.col("a")).alias("r")
    frame = planwire.SessionContext().from_pydict({"a": [1, 2, 3], "k": [0, 1, 0]})
    if grouped:
        assert frame.aggregate("k", collect).sort("k").to_pydict()["r"] == [[1, 3], [2]]
    else:
        assert frame.aggregate([], collect).to_pydict()["r"] == [[1, 2, 3]]


@pytest.mark.parametrize("answer", [3, 3.0, pa.scalar(3), pa.scalar(3, pa.int8()), pa.array([3])])
def test_result_may_be_any_value_of_the_type(answer: Any) -> None:
    class Constant(sums(planwire)):  # type: ignore[misc]
        def evaluate(self) -> Any:
            return answer

    constant = planwire.udaf(Constant, INT, INT, INT, "immutable")
    assert total(planwire, constant(planwire.col("a"))) == [3]


@pytest.mark.inline
def test_fields_keep_whether_there_are_nulls_and_their_metadata() -> None:
    field = pa.field("y", INT, nullable=False, metadata={"unit": "cm"})
    functions: dict[str, Any] = {
        "scalar": planwire.udf(double, [INT], field, "immutable"),
        "aggregate": planwire.udaf(sums(planwire), [INT], field, [INT], "immutable"),
        "window": planwire.udwf(running(planwire), [INT], field, "immutable"),
    }
    frame = planwire.SessionContext().from_pydict({"a": [1, 2, 3]})
    for kind, function in functions.items():
        call = function(planwire.col("a"))
        for expr in (call, planwire.Expr.from_bytes(call.to_bytes())):
            result = expr.alias("r")
            answer = frame.aggregate([], result) if kind == "aggregate" else frame.select(result)
            found = answer.to_arrow_table().schema.field("r")
            assert (found.nullable, found.metadata) == (False, {b"unit": b"cm"})


def test_extension_type_of_the_declaration_reaches_a_function() -> None:
    seen: list[pa.DataType] = []

    def note(values: pa.Array) -> pa.Array:
        seen.append(values.type)
        return values

    field = pa.field("id", pa.uuid())
    function = planwire.udf(note, [field], field, "immutable")
    plain = pa.table({"id": pa.array([bytes(16)], pa.binary(16))})
    frame = planwire.SessionContext().from_arrow(plain)
    answer = frame.select(function(planwire.col("id")).alias("r")).to_arrow_table()
    assert seen == [pa.uuid()]
    assert answer.schema.field("r").type == pa.uuid()


def test_function_runs_a_query_of_its_own() -> None:
    ctx = planwire.SessionContext()
    ctx.from_pydict({"k": [1, 2, 3], "name": ["x", "y", "z"]}, name="names")

    def looked_up(keys: pa.Array) -> pa.Array:
        names = ctx.sql("SELECT k, name FROM names").to_pydict()
        by_key = dict(zip(names["k"], names["name"], strict=True))
        return pa.array([by_key[key] for key in keys.to_pylist()])

    function = planwire.udf(looked_up, [INT], pa.string(), "stable")
    assert select(planwire, function(planwire.col("a"))) == ["x", "y", "z"]


def test_function_runs_in_several_threads() -> None:
    function = planwire.udf(double, [INT], INT, "immutable")
    answers: list[list[Any]] = []

    def ask() -> None:
        answers.extend(select(planwire, function(planwire.col("a"))) for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[2, 4, 6]] * 80


def test_large_input_in_several_batches_and_groups() -> None:
    rows, groups = 1_000_000, 1_024
    numbers = pa.array(range(rows), INT)
    table = pa.table({"a": numbers, "k": pc.bit_wise_and(numbers, groups - 1)})
    ctx = planwire.SessionContext()
    frame = ctx.from_arrow(table)
    col = planwire.col
    twice = planwire.udf(double, [INT], INT, "immutable")(col("a"))
    added = planwire.udaf(sums(planwire), [INT], INT, [INT], "immutable")(twice).alias("r")
    (answer,) = frame.aggregate([], added).to_pydict()["r"]
    assert answer == rows * (rows - 1)
    by_group = frame.aggregate("k", added).to_arrow_table()
    expected = table.group_by("k").aggregate([("a", "sum")]).sort_by("k")
    assert by_group.sort_by("k")["r"].equals(pc.multiply(expected["a_sum"], 2))
