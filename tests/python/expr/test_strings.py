"""A string means one thing in each place: a column, SQL, text, a value, or an error."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pytest
from planwire import SessionContext, col, functions, lit, udaf, udf, udwf

# A checker of types would say it before.
f: Any = functions

TEXT = pa.string()
CLAUSES = {"distinct", "filter", "order_by", "partition_by", "null_treatment"}
# What else an argument has to be, so that the call gets as far as the string.
VALUES = {"percentile": 0.5, "shift_offset": 1, "num_centroids": 2, "start": 1, "n": 1}
# Functions of which every argument is a Python value, or whose first is no argument of a call.
OF_VALUES = {"generate_series", "gen_series", "range", "make_map"}
WRITTEN = {"alias", "case", "col", "in_list", "lambda_", "lambda_var", "named_struct", "order_by"}
WRITTEN |= {"when", "with_metadata"}


class Same(planwire.WindowEvaluator):
    def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
        return values[0]


class Nothing(planwire.Accumulator):
    def update(self, *values: pa.Array) -> None: ...
    def merge(self, states: list[pa.Array]) -> None: ...
    def state(self) -> list[Any]:
        return [""]

    def evaluate(self) -> Any:
        return ""


def arguments() -> Iterator[tuple[str, int, bool]]:
    """Each argument of the functions that the wheel has too, and whether it is text there."""
    for name in sorted(set(f.__all__) & set(datafusion.functions.__all__) - WRITTEN):
        theirs = inspect.signature(getattr(datafusion.functions, name)).parameters
        for place, parameter in enumerate(inspect.signature(getattr(f, name)).parameters.values()):
            if parameter.name in CLAUSES or parameter.annotation == "bool":
                continue
            kind = theirs[parameter.name].annotation if parameter.name in theirs else ""
            is_text = not {"str", "Any"}.isdisjoint(kind.split(" | "))
            # The wheel does not have a time zone, and takes any values for a series.
            is_text |= name in OF_VALUES or parameter.name == "timezone"
            yield name, place, is_text


def called(name: str, place: int) -> planwire.Expr:
    """The function with a string at one place and something that fits before it."""
    function = getattr(f, name)
    parameters = list(inspect.signature(function).parameters.values())
    needed = [
        at
        for at, parameter in enumerate(parameters)
        if at <= place
        or (
            parameter.default is parameter.empty
            and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        )
    ]
    given = ["b" if at == place else VALUES.get(parameters[at].name, col("x")) for at in needed]
    return function(*given) if name != "make_map" else function(*given, "c")  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "place", "is_text"),
    [pytest.param(*each, id=f"{each[0]}-{each[1]}") for each in arguments()],
)
def test_string_in_a_function_is_text_where_it_is_in_the_wheel_and_else_an_error(
    name: str, place: int, is_text: bool
) -> None:
    if is_text:
        assert '"b"' in str(called(name, place))
    else:
        with pytest.raises(TypeError, match=r"use col\('b'\) or lit\('b'\)"):
            called(name, place)


def test_error_names_the_function_and_the_argument() -> None:
    with pytest.raises(TypeError) as error:
        f.upper("b")
    assert str(error.value) == (
        "upper() argument 'arg': a string could be a column or a constant here: "
        "use col('b') or lit('b')"
    )
    assert f.upper(lit("b")).variant_name() == "ScalarFunction"


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: udf(lambda b: b, TEXT, TEXT, "immutable", "own")("b"), id="udf"),
        pytest.param(lambda: udaf(Nothing, TEXT, TEXT, [TEXT], "immutable", "own")("b"), id="udaf"),
        pytest.param(lambda: udwf(Same, TEXT, TEXT, "immutable", "own")("b"), id="udwf"),
        pytest.param(lambda: f.case("b"), id="case"),
        pytest.param(lambda: f.case(col("x")).when("b", 1), id="case-when"),
        pytest.param(lambda: f.case(col("x")).when(1, "b"), id="case-then"),
        pytest.param(lambda: f.when(col("x") > 1, "b"), id="then"),
        pytest.param(lambda: f.when(col("x") > 1, 1).otherwise("b"), id="otherwise"),
        pytest.param(lambda: f.lambda_(["y"], "b"), id="lambda"),
        pytest.param(lambda: f.alias("b", "c"), id="alias"),
        pytest.param(lambda: f.in_list("b", ["x"]), id="in_list"),
        pytest.param(lambda: f.order_by("b"), id="order_by"),
        pytest.param(lambda: f.named_struct([("x", "b")]), id="named_struct"),
        pytest.param(lambda: f.with_metadata("b", {}), id="with_metadata"),
        pytest.param(lambda: f.array_append([col("x"), "b"], 1), id="list-of-expressions"),
        pytest.param(lambda: col("x").concat("b"), id="method"),
        pytest.param(lambda: untyped().aggregate([], "b"), id="aggregate"),
        pytest.param(lambda: untyped().window("b"), id="window"),
    ],
)
def test_string_that_could_be_two_things_is_an_error(call: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match=r"use col\('b'\) or lit\('b'\)"):
        call()


def untyped() -> Any:
    return frame()


def frame() -> planwire.DataFrame:
    return SessionContext().from_pydict({"a": [2, 1], "b": ["y", "x"]}, name="t")


@pytest.mark.parametrize(
    ("verb", "rows"),
    [
        (lambda t: t.select("b"), {"b": ["y", "x"]}),
        (lambda t: t["b"], {"b": ["y", "x"]}),
        (lambda t: t.sort("b").select("a"), {"a": [1, 2]}),
        (lambda t: t.sort_by("b").select("a"), {"a": [1, 2]}),
        (
            lambda t: t.aggregate("b", [f.count().alias("n")]).sort("b").select("b"),
            {"b": ["x", "y"]},
        ),
        (lambda t: t.distinct_on("b", "a", ["b"]), {"a": [1, 2]}),
        (lambda t: t.drop("a"), {"b": ["y", "x"]}),
        (lambda t: t.select(f.row_number().over(order_by="b").alias("r")).sort("r"), {"r": [1, 2]}),
        (
            lambda t: t.aggregate([], [f.array_agg(col("a"), order_by="b").alias("r")]),
            {"r": [[1, 2]]},
        ),
        (lambda t: t.with_column("c", "b").select("c"), {"c": ["y", "x"]}),
        (lambda t: t.repartition_by_hash("b", num=2).sort("b").select("a"), {"a": [1, 2]}),
    ],
)
def test_string_in_a_method_of_a_query_is_a_column(
    verb: Callable[[planwire.DataFrame], planwire.DataFrame], rows: dict[str, list[Any]]
) -> None:
    assert verb(frame()).to_pydict() == rows


@pytest.mark.parametrize(
    ("verb", "rows"),
    [
        (lambda t: t.filter("b = 'x'").select("a"), {"a": [1]}),
        (lambda t: t.with_column("c", "upper(b)").select("c"), {"c": ["Y", "X"]}),
        (lambda t: t.with_columns("upper(b) AS c").select("c"), {"c": ["Y", "X"]}),
        (lambda t: t.select_exprs("upper(b) AS c"), {"c": ["Y", "X"]}),
    ],
)
def test_string_is_sql_where_the_method_says_so(
    verb: Callable[[planwire.DataFrame], planwire.DataFrame], rows: dict[str, list[Any]]
) -> None:
    assert verb(frame()).to_pydict() == rows


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        (col("b") == "x", [False, True]),
        (col("b") > "x", [True, False]),
        (col("b").between("w", "x"), [False, True]),
        (col("b").in_list(["x"]), [False, True]),
        (f.nullif(col("b"), lit("x")).fill_null("b"), ["y", "b"]),
        (f.make_map({"k": "b"})["k"], ["b", "b"]),
    ],
)
def test_string_beside_an_operator_or_in_a_container_is_a_value(
    expression: planwire.Expr, values: list[Any]
) -> None:
    assert frame().select(expression.alias("r")).to_pydict() == {"r": values}
