"""Expressions: what their operators and methods come to, and what they refuse."""

from __future__ import annotations

import copy
import datetime as dt
import operator
import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import planwire
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from planwire import Expr, SessionContext, col, lit
from planwire import functions as f
from planwire.expr import CaseBuilder, SortExpr

ROWS = pa.table(
    {
        "a": pa.array([7, -3, 0, None], pa.int64()),
        "b": pa.array([2, 2, 5, 1], pa.int64()),
        "x": pa.array([0.5, -1.5, None, 2.0]),
        "p": pa.array([True, False, None, True]),
        "q": pa.array([True, True, False, None]),
        "s": pa.array(["one", "", None, "två"]),
    }
)


def values(expr: Expr, table: pa.Table = ROWS) -> list[Any]:
    """What an expression comes to, row by row."""
    frame = SessionContext().from_arrow(table)
    return frame.select(expr.alias("r")).to_pydict()["r"]


BINARY: list[tuple[Callable[[Any, Any], Any], Callable[[Any, Any], pa.Array]]] = [
    (operator.add, pc.add),
    (operator.sub, pc.subtract),
    (operator.mul, pc.multiply),
    (operator.truediv, pc.divide),
    (operator.pow, pc.power),
    (operator.xor, pc.bit_wise_xor),
    (operator.lt, pc.less),
    (operator.le, pc.less_equal),
    (operator.eq, pc.equal),
    (operator.ne, pc.not_equal),
    (operator.gt, pc.greater),
    (operator.ge, pc.greater_equal),
]


@pytest.mark.parametrize(("python", "arrow"), BINARY, ids=lambda part: part.__name__)
def test_operator_does_what_pyarrow_does(python: Any, arrow: Any) -> None:
    a, b = ROWS["a"], ROWS["b"]
    assert values(python(col("a"), col("b"))) == arrow(a, b).to_pylist()
    assert values(python(col("a"), 3)) == arrow(a, pa.scalar(3)).to_pylist()
    # A value on the left calls the reflected operator.
    assert values(python(3, col("b"))) == arrow(pa.scalar(3), b).to_pylist()


def test_remainder_has_the_sign_of_the_dividend() -> None:
    assert values(col("a") % col("b")) == [1, -1, 0, None]
    assert values(7 % col("b")) == [1, 1, 2, 0]


def test_logic_is_that_of_sql() -> None:
    p, q = ROWS["p"], ROWS["q"]
    assert values(col("p") & col("q")) == pc.and_kleene(p, q).to_pylist()
    assert values(col("p") | col("q")) == pc.or_kleene(p, q).to_pylist()
    assert values(True & col("q")) == q.to_pylist()
    assert values(False | col("q")) == q.to_pylist()
    assert values(~col("p")) == pc.invert(p).to_pylist()


def test_one_operand_suffices_for_signs() -> None:
    assert values(-col("a")) == pc.negate(ROWS["a"]).to_pylist()
    assert values(abs(col("a"))) == pc.abs(ROWS["a"]).to_pylist()
    assert values(+col("a")) == ROWS["a"].to_pylist()


@pytest.mark.parametrize("python", [operator.floordiv, operator.lshift, operator.matmul])
def test_operator_that_sql_has_not_is_refused(python: Any) -> None:
    with pytest.raises(TypeError):
        python(col("a"), 2)


@pytest.mark.parametrize("python", [operator.add, operator.pow, operator.xor, operator.and_])
def test_operand_without_a_type_is_refused(python: Any) -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        python(col("a"), object())


def test_truth_iteration_and_membership_are_refused() -> None:
    with pytest.raises(TypeError, match="no truth value"):
        bool(col("a"))
    with pytest.raises(TypeError, match="not iterable"):
        iter(col("a"))
    with pytest.raises(TypeError, match="not iterable"):
        assert 1 in col("a")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("python", "arrow"),
    [
        (bool, pa.bool_()),
        (int, pa.int64()),
        (float, pa.float64()),
        (str, pa.string()),
        (bytes, pa.binary()),
        (dt.date, pa.date32()),
        (dt.datetime, pa.timestamp("us")),
        (pa.int8(), pa.int8()),
        (pa.field("named", pa.decimal128(9, 2)), pa.decimal128(9, 2)),
    ],
    ids=str,
)
def test_types_of_python_and_arrow_can_be_cast_to(python: Any, arrow: pa.DataType) -> None:
    frame = SessionContext().from_pydict({"a": [None]})
    for cast in (col("a").cast(python), col("a").try_cast(python)):
        assert frame.select(cast.alias("r")).schema().field("r").type == arrow


def test_cast_fails_where_try_cast_gives_null() -> None:
    assert values(col("s").try_cast(int)) == [None] * 4
    with pytest.raises(planwire.ExecutionError, match="one"):
        values(col("s").cast(int))


@pytest.mark.parametrize("wrong", [list, Decimal, "int64", 1, None])
def test_what_is_no_type_cannot_be_cast_to(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"expected an Arrow type or one of bool, int(?s:.*)'to'"):
        col("a").cast(wrong)


def test_tests_of_a_value() -> None:
    assert values(col("a").is_null()) == [False, False, False, True]
    assert values(col("a").is_not_null()) == [True, True, True, False]
    assert values((col("x") / 0).is_nan()) == [False, False, None, False]
    assert values(lit(float("nan")).is_nan())[0] is True
    assert values(col("a").between(-3, 0)) == [False, True, True, None]
    assert values(col("a").between(-3, col("b"), negated=True)) == [True, False, False, None]
    assert values(col("a").in_list([7, col("b") - 5])) == [True, True, True, None]
    assert values(col("a").in_list([7, 8], negated=True)) == [False, True, True, None]


def test_replacements() -> None:
    assert values(col("a").fill_null(col("b"))) == [7, -3, 0, 1]
    assert values(col("a").fill_null()) == [7, -3, 0, None]
    nan = f.nullif(col("x"), 0.5).fill_null(float("nan"))
    assert values(nan.fill_nan(9.0)) == [9.0, -1.5, 9.0, 2.0]
    assert values(nan.fill_nan()) == [None, -1.5, None, 2.0]


def test_wrong_arguments_are_named() -> None:
    calls: list[tuple[str, Callable[[], Any]]] = [
        ("name", lambda: col("a").alias(1)),  # type: ignore[arg-type]
        ("metadata", lambda: col("a").alias("b", {"unit": 1})),  # type: ignore[dict-item]
        ("low", lambda: col("a").between(object(), 1)),
        ("values", lambda: col("a").in_list(1)),  # type: ignore[arg-type]
        ("value", lambda: col("a").fill_null(object())),
        ("ascending", lambda: col("a").sort(1)),  # type: ignore[arg-type]
        ("when_expr", lambda: f.case(col("a")).when(object(), 1)),
        ("window", lambda: f.rank().over("a")),  # type: ignore[arg-type]
        ("partition_by", lambda: f.rank().over(partition_by=1)),  # type: ignore[arg-type]
        ("filter", lambda: f.sum(col("a")).filter("a > 1")),  # type: ignore[arg-type]
        ("expr", lambda: SortExpr(1, True, True)),  # type: ignore[arg-type]
    ]
    for name, call in calls:
        with pytest.raises(TypeError, match=f"'{name}'"):
            call()


def metadata(expr: Expr) -> dict[bytes, bytes] | None:
    found = SessionContext().from_arrow(ROWS).select(expr).schema().field(0).metadata
    return dict(found) if found else None


def test_metadata_are_in_the_schema() -> None:
    unit = {b"unit": b"m"}
    assert metadata(col("a").alias("b", {"unit": "m"})) == unit
    assert metadata(f.alias(col("a"), "b", metadata={"unit": "m"})) == unit
    assert metadata(Expr.literal_with_metadata(1, {"unit": "m"})) == unit
    assert metadata(col("a").alias("b")) is None


@pytest.mark.unguarded
def test_metadata_that_a_function_gives_travel() -> None:
    expr = f.with_metadata(col("a"), {"unit": "m"}).alias("b")
    assert metadata(pickle.loads(pickle.dumps(expr))) == {b"unit": b"m"}


def test_parts_are_counted_as_python_counts() -> None:
    rows = [[1, 2, 3, 4], [5], []]
    table = pa.table({"l": pa.array(rows)})
    for i in (0, 1, -1, -2):
        expected = [row[i] if -len(row) <= i < len(row) else None for row in rows]
        assert values(col("l")[i], table) == expected
    for part in (
        slice(None),
        slice(1, None),
        slice(0, 2),
        slice(None, 0),
        slice(1, 3),
        slice(-2, None),
        slice(None, -1),
        slice(1, -1),
        slice(None, None, 2),
    ):
        assert values(col("l")[part], table) == [row[part] for row in rows], part


def test_fields_are_found_by_name() -> None:
    table = pa.table({"s": pa.array([{"x": 1, "y": {"z": "in"}}])})
    assert values(col("s")["x"], table) == [1]
    assert values(col("s")["y"]["z"], table) == ["in"]


@pytest.mark.parametrize("key", [1.5, None, col("a")])
def test_other_keys_are_refused(key: Any) -> None:
    with pytest.raises(TypeError, match="the name of a field, a position or a slice"):
        col("a")[key]
    with pytest.raises(IndexError, match="forwards"):
        col("a")[::-1]


@pytest.mark.parametrize(
    "value",
    [
        1,
        2**63,
        -1.5,
        True,
        None,
        "text",
        b"bytes",
        [1, None],
        {"a": 1},
        Decimal("1.50"),
        dt.date(2024, 2, 29),
        dt.datetime(2024, 2, 29, 1, 2, 3),
        dt.timedelta(seconds=1),
    ],
    ids=repr,
)
def test_literal_gives_back_its_value(value: Any) -> None:
    for expr in (lit(value), Expr.literal(value)):
        assert expr.python_value() == value
        assert expr.variant_name() == "Literal"


def test_only_literals_have_a_python_value() -> None:
    with pytest.raises(TypeError, match="only a literal has a Python value, not a Column"):
        col("a").python_value()
    with pytest.raises(TypeError, match="expected a value, got the expression a"):
        Expr.literal_with_metadata(col("a"), {})


def test_statics_begin_expressions() -> None:
    assert str(Expr.column("a")) == "Expr(a)"
    assert str(Expr.string_literal("a")) == 'Expr(Utf8("a"))'
    with pytest.raises(TypeError):
        Expr.string_literal(1)  # type: ignore[arg-type]


@pytest.mark.unguarded
def test_copy_is_the_expression_and_pickle_names_a_public_function() -> None:
    expr = f.sum(col("a") + 1)
    assert copy.copy(expr) is expr
    assert copy.deepcopy([expr])[0] is expr
    function, (message,) = expr.__reduce__()
    assert function == Expr.from_bytes
    assert str(function(message)) == str(expr)


def test_sort_expressions_can_be_made_by_hand() -> None:
    made, called = SortExpr(col("a"), False, True), col("a").sort(ascending=False, nulls_first=True)
    assert repr(made) == repr(called) == repr(SortExpr("a", False, True))
    assert (str(made.expr()), made.ascending(), made.nulls_first()) == ("Expr(a)", False, True)


def test_case_takes_the_first_branch_that_fits() -> None:
    by_value = f.case(col("b")).when(2, lit("two")).when(1, col("s"))
    assert values(by_value.end()) == ["two", "two", None, "två"]
    assert values(by_value.otherwise(lit("else"))) == ["two", "two", "else", "två"]
    by_condition = f.when(col("a") > 0, 1).when(col("b") > 1, 2.5)
    assert values(by_condition.end()) == [1.0, 2.5, 2.5, None]


def test_case_builders_do_not_change() -> None:
    first = f.case(col("b")).when(2, lit("two"))
    first.when(5, lit("five"))
    assert values(first.end()) == ["two", "two", None, None]


def test_case_without_a_branch_is_refused() -> None:
    empty = f.case(col("a"))
    assert isinstance(empty, CaseBuilder)
    for end in (empty.end, lambda: empty.otherwise(1)):
        with pytest.raises(ValueError, match="at least one `when`"):
            end()


def test_column_name_is_that_of_the_plan() -> None:
    plan = SessionContext().from_arrow(ROWS).logical_plan()
    exprs = (col("a"), col("a") + 1, col("a").alias("b"), f.abs(col("a")))
    assert [expr.column_name(plan) for expr in exprs] == ["a", "a + Int64(1)", "b", "abs(a)"]
    with pytest.raises(planwire.ExecutionError, match="missing"):
        col("missing").column_name(plan)
