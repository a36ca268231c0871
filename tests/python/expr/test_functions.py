"""Every function of DataFusion is a Python function, with the arguments that the wheel's has."""

from __future__ import annotations

import doctest
import inspect
import operator
import pickle
from collections.abc import Iterator
from typing import Any

import datafusion.functions as wheel
import planwire
import pyarrow as pa
import pytest
from planwire import Expr, SessionContext, _internal, col, functions

from support.programs import stubs

# The wheel has one signature of anything for the three of these.
SERIES = {"gen_series", "generate_series", "range"}


def wheel_functions() -> Iterator[str]:
    """The functions that the wheel documents; `spark` is a module of other functions."""
    return (name for name in wheel.__all__ if inspect.isfunction(getattr(wheel, name)))


def arguments(function: Any) -> list[tuple[str, bool]]:
    """The names of the arguments in order, and which must be given."""
    parameters = inspect.signature(function).parameters.values()
    return [(p.name, p.default is p.empty and p.kind < p.VAR_POSITIONAL) for p in parameters]


@pytest.mark.parametrize("name", list(wheel_functions()))
def test_function_of_the_wheel_takes_the_same_arguments(name: str) -> None:
    ours, theirs = getattr(functions, name), getattr(wheel, name)
    assert callable(ours)
    if name not in SERIES:
        wanted, found = arguments(theirs), arguments(ours)
        names = [argument for argument, _ in found]
        assert names[: len(wanted)] == [argument for argument, _ in wanted]
        required = {argument for argument, must in found if must}
        assert required <= {argument for argument, must in wanted if must}


@pytest.mark.parametrize("name", _internal.builtin_names())
def test_registered_function_is_a_documented_python_function(name: str) -> None:
    function = getattr(functions, name)
    assert inspect.isfunction(function)
    assert function.__module__ == "planwire.functions"
    # `list_sort` is written by hand and is `array_sort`.
    assert getattr(functions, function.__name__) is function
    assert any(part in (function.__doc__ or "") for part in ("In SQL:", ">>> "))
    assert function is getattr(functions, name)
    assert pickle.loads(pickle.dumps(function)) is function
    assert name in dir(functions)


@pytest.mark.parametrize(
    "name", [name for name in dir(planwire.Expr) if name in _internal.builtin_names()]
)
def test_method_is_the_function_of_its_first_argument(name: str) -> None:
    method = inspect.signature(getattr(Expr, name))
    function = inspect.signature(getattr(functions, name))
    assert next(iter(method.parameters)) == "self"
    assert len(list(function.parameters)) - len(list(method.parameters)) in {0, -1}


def test_methods_call_the_function() -> None:
    expr = col("a").abs().round(2).alias("r")
    assert str(expr) == "Expr(round(abs(a), Int64(2)) AS r)"
    assert str(col("a").sum(distinct=True)) == "Expr(sum(DISTINCT a))"
    assert col("a").abs.__self__ is not None  # type: ignore[attr-defined]


def test_help_shows_what_datafusion_says() -> None:
    doc = functions.round.__doc__ or ""
    assert doc.startswith("Rounds a number to the nearest integer.")
    assert "decimal_places: Optional. The number of decimal places" in doc
    assert "round(numeric_expression[, decimal_places])" in doc


def test_names_can_be_imported() -> None:
    namespace: dict[str, Any] = {}
    exec(
        "from planwire.functions import sum, array_min, list_min; from planwire.functions import *",
        namespace,
    )
    assert str(namespace["sum"](1)) == "Expr(sum(Int64(1)))"
    assert set(functions.__all__) <= set(namespace)


@pytest.mark.parametrize(
    ("name", "similar"), [("sumn", "sum"), ("array_lenght", "array_length"), ("uper", "upper")]
)
def test_unknown_function_lists_similar_ones(name: str, similar: str) -> None:
    with pytest.raises(AttributeError, match=rf"no function named '{name}'.*\b{similar}\b"):
        getattr(functions, name)
    with pytest.raises(AttributeError, match=rf"no attribute '{name}'.*\b{similar}\b"):
        getattr(col("a"), name)


def test_special_names_are_not_functions() -> None:
    for owner in (functions, col("a")):
        assert not hasattr(owner, "__array__")
        assert not hasattr(owner, "__path__")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: f.abs(), r"abs\(\): missing a required argument: 'arg'"),
        (lambda f: f.abs(1, 2), r"abs\(\): too many positional arguments"),
        (lambda f: f.abs(arg=1, more=2), r"abs\(\): got an unexpected keyword argument 'more'"),
        (lambda f: f.left(col("a"), object()), r"left\(\) argument 'n': no literal .* object"),
        (lambda f: f.concat(1, object()), r"concat\(\) argument 'args': no literal .* object"),
        (lambda f: f.sum(1, filter="a > 1"), r"sum\(\) argument 'filter': .*str"),
        (lambda f: f.rank(order_by=1), r"rank\(\) argument 'order_by': .*int"),
        (lambda f: f.rank(partition_by=[1]), r"rank\(\) argument 'partition_by': .*int"),
        (
            lambda f: f.first_value(1, null_treatment=1),
            r"first_value\(\) argument 'null_treatment': .*int",
        ),
        (
            lambda f: f.abs(1, distinct=True),
            r"abs\(\): got an unexpected keyword argument 'distinct'",
        ),
        (lambda f: f.sum(1, partition_by="a"), r"sum\(\): got an unexpected keyword argument"),
        (lambda f: f.generate_series(), r"generate_series\(\) takes at least one argument"),
        (lambda f: f.max(col("a").sort()), r"max\(\) argument 'expression': .*SortExpr"),
    ],
)
def test_wrong_call_names_the_function_and_the_argument(call: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call(functions)


def test_unknown_null_treatment_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"respect_nulls.*ignore_nulls"):
        functions.first_value(col("a"), null_treatment="nulls")


def test_map_needs_a_value_for_each_key() -> None:
    for args in [(), ("a",), ({"a": 1}, 2), ([1], [1, 2])]:
        with pytest.raises(ValueError, match="make_map"):
            functions.make_map(*args)


def test_lists_may_hold_expressions() -> None:
    df = SessionContext().from_pydict({"a": [1, 2]})
    made = functions.array_append([col("a"), 0], 9).alias("r")
    assert df.select(made).to_pydict() == {"r": [[1, 0, 9], [2, 0, 9]]}


def test_syntax_of_functions_without_a_line_is_read() -> None:
    # `map` has no counterpart in the wheel.
    assert str(inspect.signature(functions.map)) == "(key, value) -> planwire.Expr"


@pytest.mark.parametrize("name", ["case", "when", "col", "lambda_", "lambda_var"])
def test_example_of_a_compiled_function_runs(name: str) -> None:
    finder = doctest.DocTestFinder(recurse=False)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in finder.find(getattr(functions, name), name, module=False, globs={}):
        runner.run(test)
    assert (runner.tries > 0, runner.failures) == (True, 0)


def test_summaries_in_the_stub_are_one_sentence() -> None:
    for name in functions.__all__:
        summary = stubs.summary(getattr(functions, name))
        assert summary[0] == summary[0].upper()
        assert summary.endswith((".", "!", "?"))


@pytest.mark.parametrize("name", ["generate_series", "range"])
def test_table_function_is_a_table(name: str) -> None:
    ctx = SessionContext()
    rows = ctx.table_function(name, 1, 5, 2).to_pydict()
    assert rows == ctx.sql(f"SELECT * FROM {name}(1, 5, 2)").to_pydict()
    assert rows == {"value": [1, 3, 5] if name == "generate_series" else [1, 3]}


def test_unknown_table_function_lists_similar_ones() -> None:
    with pytest.raises(KeyError, match="similar names are range"):
        SessionContext().table_function("rang")
    with pytest.raises(TypeError, match="no literal"):
        SessionContext().table_function("range", object())
    with pytest.raises(planwire.ExecutionError):
        SessionContext().table_function("range", "one")


def test_lambda_has_the_type_of_the_elements() -> None:
    df = SessionContext().from_pydict({"l": [[1.5, 2.0]], "s": [["a", "b"]]})
    doubled = functions.array_transform(col("l"), lambda x: x * 2).alias("l")
    upper = functions.array_transform(col("s"), lambda x: x.upper()).alias("s")
    frame = df.select(doubled, upper)
    assert frame.schema().field("l").type.value_type == pa.float64()
    assert frame.to_pydict() == {"l": [[3.0, 4.0]], "s": [["A", "B"]]}


def test_lambda_sees_columns_and_lambdas_around_it() -> None:
    df = SessionContext().from_pydict({"n": [[[1, 2], [3]]], "k": [10]})
    inner = functions.array_transform(
        col("n"), lambda row: functions.array_transform(row, lambda x: x + col("k"))
    )
    assert df.select(inner.alias("n")).to_pydict() == {"n": [[[11, 12], [13]]]}


@pytest.mark.parametrize("verb", ["filter", "with_column", "sort", "aggregate"])
def test_every_verb_takes_lambdas(verb: str) -> None:
    df = SessionContext().from_pydict({"l": [[1], [2, 3]]})
    some = functions.any_match(col("l"), lambda x: x > 1)
    frame = {
        "filter": lambda: df.filter(some),
        "with_column": lambda: df.with_column("some", some),
        "sort": lambda: df.sort(some.sort(ascending=False)),
        "aggregate": lambda: df.aggregate([], [functions.count(filter=some).alias("n")]),
    }[verb]()
    assert (
        frame.to_pydict()
        == {
            "filter": {"l": [[2, 3]]},
            "with_column": {"l": [[1], [2, 3]], "some": [False, True]},
            "sort": {"l": [[2, 3], [1]]},
            "aggregate": {"n": [1]},
        }[verb]
    )


@pytest.mark.unguarded
def test_lambda_travels() -> None:
    expr = functions.array_filter(col("l"), lambda x: x > 1).alias("l")
    df = SessionContext().from_pydict({"l": [[1, 2, 3]]})
    assert df.select(pickle.loads(pickle.dumps(expr))).to_pydict() == {"l": [[2, 3]]}


def test_lambda_that_does_not_fit_is_refused_where_it_is_used() -> None:
    df = SessionContext().from_pydict({"l": [[1]]})
    two: Any = operator.add
    with pytest.raises(planwire.ExecutionError, match="2 params"):
        df.select(functions.array_transform(col("l"), two))
    with pytest.raises(planwire.ExecutionError, match="lambda variable x"):
        df.select(functions.lambda_var("x"))
