"""Each verb of a data frame gives the rows that the datafusion wheel gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pytest

Case = Callable[[Any, Any], Any]
"""A query, given a package and a session of it with the tables of `session`."""


def session(package: ModuleType) -> Any:
    """A session with a table of each sort that a verb may meet."""
    ctx = package.SessionContext()
    ctx.from_pydict({"a": [3, 1, None, 2], "b": ["x", "y", "x", None]}, name="t")
    ctx.from_pydict({"x": [1.5, None, math.nan], "y": [math.nan, 2.5, None]}, name="floats")
    ctx.from_pydict({"id": [1, 2, 3, None], "v": ["a", "b", "c", "n"]}, name="l")
    ctx.from_pydict({"w": ["B", "C", "D", "N"], "id": [2, 3, 4, None]}, name="r")
    ctx.from_pydict({"k": [2, 3, 4], "v": ["B", "C", "D"]}, name="other")
    ctx.from_pydict({"i": [1, 2, 3], "list": [[[1], [2, 3]], [], None]}, name="nested")
    ctx.from_arrow(pa.table({"a": pa.array([], pa.int64())}), name="empty")
    ctx.from_arrow(pa.table({"a": pa.nulls(3, pa.int64()), "n": pa.nulls(3)}), name="nulls")
    ctx.from_arrow(pa.table({"a": range(10_000)}), name="many")
    return ctx


COLUMNS: dict[str, Case] = {
    "select names": lambda p, c: c.table("t").select("b", "a"),
    "select expressions": lambda p, c: c.table("t").select((p.col("a") + 1).alias("n"), "b"),
    "select nothing": lambda p, c: c.table("t").select(),
    "one column": lambda p, c: c.table("t")["b"],
    "list of columns": lambda p, c: c.table("t")[["b", "a"]],
    "tuple of columns": lambda p, c: c.table("t")["b", "a"],
    "with_column": lambda p, c: c.table("t").with_column("n", p.col("a") * 2),
    "with_column replaces": lambda p, c: c.table("t").with_column("a", p.col("a") * 2),
    "with_column of sql": lambda p, c: c.table("t").with_column("n", "a * 2"),
    "with_columns": lambda p, c: c.table("t").with_columns(
        "a * 2 AS s", [(p.col("a") + 1).alias("e"), "b AS c"], n=p.col("a"), m="a - 1"
    ),
    "with_columns sees the new columns": lambda p, c: c.table("t").with_columns(
        (p.col("a") + 1).alias("a"), (p.col("a") * 10).alias("n")
    ),
    "with_column_renamed": lambda p, c: c.table("t").with_column_renamed("a", "n"),
    "with_column_renamed of none": lambda p, c: c.table("t").with_column_renamed("zz", "n"),
    "drop": lambda p, c: c.table("t").drop("a"),
    "drop none": lambda p, c: c.table("t").drop("zz"),
    "cast": lambda p, c: c.table("t").cast({"a": pa.string()}),
    "alias": lambda p, c: c.table("t").alias("q").select(p.col("q.a")),
    "transform": lambda p, c: c.table("t").transform(lambda df, name: df.select(name), "b"),
    "parse_sql_expr": lambda p, c: c.table("t").select(c.table("t").parse_sql_expr("a + 1 AS n")),
    "col": lambda p, c: c.table("t").select(c.table("t").col("a"), c.table("t").column("b")),
    "find_qualified_columns": lambda p, c: c.table("t").select(
        *c.table("t").find_qualified_columns("b", "a")
    ),
}

ROWS: dict[str, Case] = {
    "filter": lambda p, c: c.table("t").filter(p.col("a") > 1, "b = 'x'"),
    "filter nothing": lambda p, c: c.table("t").filter(),
    "limit": lambda p, c: c.table("t").limit(2, 1),
    "limit none": lambda p, c: c.table("t").limit(0),
    "head": lambda p, c: c.table("t").head(2),
    "tail": lambda p, c: c.table("t").tail(2),
    "tail of more than there is": lambda p, c: c.table("t").tail(9),
    "distinct": lambda p, c: c.table("t").select("b").distinct(),
    "distinct_on": lambda p, c: c.table("t").distinct_on(
        [p.col("b")],
        [p.col("b"), p.col("a")],
        [p.col("b").sort(), p.col("a").sort(ascending=False, nulls_first=False)],
    ),
    "distinct_on without an order": lambda p, c: c.table("t").distinct_on(
        [p.col("b")], [p.col("b")]
    ),
    "repartition": lambda p, c: c.table("many").repartition(3),
    "repartition_by_hash": lambda p, c: c.table("many").repartition_by_hash(
        p.col("a"), "a % 7", num=3
    ),
    "cache": lambda p, c: c.table("t").cache(),
    "unnest_columns": lambda p, c: c.table("nested").unnest_columns("list"),
    "unnest_columns without nulls": lambda p, c: c.table("nested").unnest_columns(
        "list", preserve_nulls=False
    ),
    "unnest_columns twice": lambda p, c: c.table("nested").unnest_columns(
        "list", recursions=[("list", "n", 2)]
    ),
    "fill_null": lambda p, c: c.table("t").fill_null(0),
    "fill_null of another type": lambda p, c: c.table("t").fill_null("none"),
    "fill_null of one column": lambda p, c: c.table("t").fill_null(0, ["a"]),
    "fill_null of no column": lambda p, c: c.table("t").fill_null(0, []),
    "fill_nan": lambda p, c: c.table("floats").fill_nan(9),
    "fill_nan of one column": lambda p, c: c.table("floats").fill_nan(9.5, ["x"]),
    "fill_nan of numbers": lambda p, c: c.table("t").fill_nan(9.5, ["a"]),
}

GROUPS: dict[str, Case] = {
    "aggregate": lambda p, c: c.table("t").aggregate(
        "b", [p.functions.sum(p.col("a")).alias("s"), p.functions.max(p.col("a")).alias("m")]
    ),
    "aggregate by expressions": lambda p, c: c.table("t").aggregate(
        [(p.col("a") > 1).alias("big"), "b"], p.functions.count(p.col("a")).alias("n")
    ),
    "aggregate all": lambda p, c: c.table("t").aggregate(
        None, p.functions.sum(p.col("a")).alias("s")
    ),
    "aggregate of many": lambda p, c: c.table("many").aggregate(
        [(p.col("a") % 3).alias("k")], [p.functions.sum(p.col("a")).alias("s")]
    ),
    "window": lambda p, c: c.table("t").window(
        c.table("t").parse_sql_expr("row_number() OVER (ORDER BY a) AS n")
    ),
    "describe": lambda p, c: c.table("t").describe(),
    "describe nothing": lambda p, c: c.table("empty").describe(),
    "describe nulls": lambda p, c: c.table("nulls").describe(),
}

JOINS: dict[str, Case] = {
    f"{how} join{note}": lambda p, c, how=how, keep=keep: c.table("l").join(
        c.table("r"), "id", how, coalesce_duplicate_keys=keep
    )
    for how in ("inner", "left", "right", "full", "semi", "anti")
    for keep, note in ((True, ""), (False, " with both keys"))
} | {
    "join on a list": lambda p, c: c.table("l").join(c.table("r"), on=["id"]),
    "join on two keys": lambda p, c: c.table("t").join(c.table("t").alias("q"), ["a", "b"]),
    "join on a tuple of lists": lambda p, c: c.table("l").join(c.table("r"), (["id"], ["id"])),
    "join on keys of two names": lambda p, c: c.table("l").join(
        c.table("other"), left_on="id", right_on=["k"], how="full"
    ),
    "join on qualified keys": lambda p, c: c.table("l").join(
        c.table("r"), left_on="l.id", right_on="r.id"
    ),
    "join on some keys of one name": lambda p, c: c.table("l").join(
        c.table("other"), left_on=["id", "v"], right_on=["k", "v"], how="left"
    ),
    "join on nothing": lambda p, c: c.table("l").join(c.table("r"), []),
    "join, then choose": lambda p, c: (
        c.table("l")
        .join(c.table("other"), left_on="id", right_on="k")
        .select(p.col("l.v"), p.col("other.v").alias("w"))
    ),
    "join_on": lambda p, c: c.table("l").join_on(c.table("r"), p.col("l.id") == p.col("r.id")),
    "join_on two predicates": lambda p, c: c.table("l").join_on(
        c.table("other"), p.col("id") == p.col("k"), p.col("id") > 2, how="left"
    ),
    "join_on nothing": lambda p, c: c.table("l").join_on(c.table("other")),
    "join of a query with itself": lambda p, c: c.table("l").join(c.table("l").alias("q"), "id"),
}

SETS: dict[str, Case] = {
    f"{name}{note}": lambda p, c, name=name, distinct=distinct: getattr(
        c.table("t").union(c.table("t")), name
    )(c.table("t").filter("a > 1"), distinct)
    for name in ("union", "union_by_name", "intersect", "except_all")
    for distinct, note in ((False, ""), (True, " distinct"))
} | {
    "union of other columns": lambda p, c: c.table("l").union(c.table("other")),
    "union_by_name of other columns": lambda p, c: c.table("l").union_by_name(c.table("r")),
    "union with an empty table": lambda p, c: c.table("empty").union(c.table("nested")["i"]),
}

EMPTY: dict[str, Case] = {
    "filter nothing": lambda p, c: c.table("empty").filter("a > 1"),
    "aggregate nothing": lambda p, c: c.table("empty").aggregate(
        [], [p.functions.sum(p.col("a")).alias("s")]
    ),
    "group nothing": lambda p, c: c.table("empty").aggregate(
        "a", [p.functions.count(p.col("a")).alias("n")]
    ),
    "join nothing": lambda p, c: c.table("nested").join(
        c.table("empty"), left_on="i", right_on="a", how="left"
    ),
    "tail of nothing": lambda p, c: c.table("empty").tail(2),
    "cache nothing": lambda p, c: c.table("empty").cache(),
    "filter nulls": lambda p, c: c.table("nulls").filter("a IS NULL"),
    "fill nulls": lambda p, c: c.table("nulls").fill_null(1, ["a"]),
    "group nulls": lambda p, c: c.table("nulls").aggregate(
        "a", [p.functions.count(p.col("a")).alias("n")]
    ),
}

CASES = COLUMNS | ROWS | GROUPS | JOINS | SETS | EMPTY


def answer(package: ModuleType, case: Case) -> tuple[list[tuple[str, Any]], list[str]]:
    """The columns and types of a result, and its rows in any order."""
    table = case(package, session(package)).to_arrow_table()
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return [(field.name, field.type) for field in table.schema], sorted(map(repr, rows))


@pytest.mark.parametrize("name", CASES)
def test_rows_are_those_of_the_wheel(name: str) -> None:
    assert answer(planwire, CASES[name]) == answer(datafusion, CASES[name])


ORDERED: dict[str, Case] = {
    "sort": lambda p, c: c.table("t").sort("b", p.col("a").sort(ascending=False)),
    "sort an expression": lambda p, c: c.table("t").sort(p.col("a")),
    "sort with nulls first": lambda p, c: c.table("t").sort(p.col("a").sort(nulls_first=True)),
    "sort_by": lambda p, c: c.table("t").sort_by(p.col("b"), "a"),
    "sort many": lambda p, c: c.table("many").repartition(4).sort(p.col("a").sort(ascending=False)),
}


@pytest.mark.parametrize("name", ORDERED)
def test_order_is_that_of_the_wheel(name: str) -> None:
    ours, theirs = (
        ORDERED[name](package, session(package)).to_pylist() for package in (planwire, datafusion)
    )
    assert ours == theirs


def test_select_exprs_gives_a_data_frame() -> None:
    df = session(planwire).table("t").select_exprs("a + 1 AS n", "b").sort("n").limit(1)
    assert df.to_pydict() == {"n": [2], "b": ["y"]}


def test_name_is_read_as_the_schema_spells_it() -> None:
    df = planwire.SessionContext().from_pydict({"A b": [1], "C": ["c"], "l": [[1]]}, name="t")
    assert df["A b"].with_column("n", "A b").to_pydict() == {"A b": [1], "n": [1]}
    assert df.drop("C", "l").with_column_renamed("A b", "a").to_pydict() == {"a": [1]}
    assert df.select("C").fill_null("x", ["C"]).to_pydict() == {"C": ["c"]}
    assert df.cast({"A b": pa.float32()}).schema().field("A b").type == pa.float32()
    assert df.with_column_renamed("l", "L").unnest_columns("L").to_pydict()["L"] == [1]
    other = df["C", "A b"].alias("q")
    assert df.join(other, "A b").schema().names == ["A b", "C", "l", "C"]


def test_tables_without_names_join() -> None:
    ctx = planwire.SessionContext()
    first, second, third = (ctx.from_pydict({"id": [1, 2], name: [name, name]}) for name in "abc")
    joined = first.join(second, "id").join(third.filter("id = 2"), "id", "right")
    assert joined.to_pydict() == {"id": [2], "a": ["a"], "b": ["b"], "c": ["c"]}
    assert first.join_on(second, planwire.col("a") > planwire.col("b")).count() == 0


def test_key_of_a_join_keeps_its_table() -> None:
    ctx = session(planwire)
    joined = ctx.table("l").join(ctx.table("r"), "id", "full")
    again = joined.join(ctx.table("other"), left_on="id", right_on="k")
    assert again.select(planwire.col("l.id")).sort("id").to_pydict() == {"id": [2, 3, 4]}


def test_deprecated_arguments_work_and_say_so() -> None:
    ctx = session(planwire)
    with pytest.warns(DeprecationWarning, match="left_on"):
        joined = ctx.table("l").join(ctx.table("r"), join_keys=(["id"], ["id"]))
    assert joined.count() == 2
    with pytest.warns(DeprecationWarning, match="distinct=True"):
        assert ctx.table("t").union_distinct(ctx.table("t")).count() == 4


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"left_on": "id"},
        {"right_on": "id"},
        {"on": "id", "left_on": "id", "right_on": "id"},
        {"on": "id", "right_on": "id"},
        {"on": "id", "join_keys": (["id"], ["id"])},
    ],
    ids=lambda arguments: "+".join(arguments) or "none",
)
def test_keys_given_wrongly_are_the_same_error(arguments: dict[str, Any]) -> None:
    for package in (planwire, datafusion):
        ctx = session(package)
        with pytest.raises(ValueError, match="on"):
            ctx.table("l").join(ctx.table("r"), **arguments)


MISTAKES: dict[str, tuple[Case, type[Exception], str]] = {
    "select": (lambda _, c: c.table("t").select("zz"), planwire.ExecutionError, "zz"),
    "filter": (lambda _, c: c.table("t").filter("zz > 1"), planwire.ExecutionError, "zz"),
    "one column": (lambda _, c: c.table("t")["zz"], planwire.ExecutionError, "zz"),
    "number": (lambda _, c: c.table("t")[1], TypeError, "int"),
    "col": (lambda _, c: c.table("t").col("zz"), planwire.ExecutionError, "zz"),
    "sort": (lambda _, c: c.table("t").sort("zz"), planwire.ExecutionError, "zz"),
    "aggregate": (lambda _, c: c.table("t").aggregate("zz", []), planwire.ExecutionError, "zz"),
    "fill_null": (lambda _, c: c.table("t").fill_null(0, ["zz"]), planwire.ExecutionError, "zz"),
    "fill an object": (lambda _, c: c.table("t").fill_null(object()), TypeError, "object"),
    "cast": (lambda _, c: c.table("t").cast({"zz": pa.int8()}), planwire.ExecutionError, "zz"),
    "join": (lambda _, c: c.table("l").join(c.table("r"), "zz"), planwire.ExecutionError, "zz"),
    "join how": (lambda _, c: c.table("l").join(c.table("r"), "id", "out"), ValueError, "full"),
    "join_on how": (lambda _, c: c.table("l").join_on(c.table("r"), how="out"), ValueError, "anti"),
    "join lengths": (
        lambda _, c: c.table("l").join(c.table("r"), left_on=["id", "v"], right_on="id"),
        planwire.ExecutionError,
        "length",
    ),
    "join a number": (lambda _, c: c.table("l").join(1, "id"), TypeError, "int"),
    "join on a number": (lambda _, c: c.table("l").join(c.table("r"), 1), TypeError, "on"),
    "union": (lambda _, c: c.table("t").union(c.table("empty")), planwire.ExecutionError, "2"),
    "limit": (lambda _, c: c.table("t").limit(-1), OverflowError, "negative"),
    "tail": (lambda _, c: c.table("t").tail(-1), OverflowError, "negative"),
    "with_columns": (lambda _, c: c.table("t").with_columns(1), TypeError, "int"),
    "sql": (lambda _, c: c.table("t").parse_sql_expr("a >"), planwire.ExecutionError, "EOF"),
    "unnest": (lambda _, c: c.table("t").unnest_columns("a"), planwire.ExecutionError, "unnest"),
    "collect_column": (lambda _, c: c.table("t").collect_column("z"), planwire.ExecutionError, "z"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_named(name: str) -> None:
    case, error, text = MISTAKES[name]
    with pytest.raises(error, match=text):
        case(planwire, session(planwire))
