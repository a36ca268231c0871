"""Queries take values and parts for their placeholders."""

from __future__ import annotations

import datetime
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import datafusion
import planwire
import pyarrow as pa
import pytest
from planwire import col, functions, lit

from support import kinds

COLUMNS = {"a": [1, 2, 3], "B": ["x", "y", "z"]}

Arguments = Callable[[Any, Any], dict[str, Any]]
"""Makes the arguments of a query, given a package and a frame of it."""

ALIKE: dict[str, tuple[str, Arguments]] = {
    "a value": ("select a from t where a > $m", lambda *_: {"param_values": {"m": 1}}),
    "a string": ('select a from t where "B" = $m', lambda *_: {"param_values": {"m": "x"}}),
    "positions": (
        "select a from t where a > $1 and a < $2",
        lambda *_: {"param_values": {"1": 1, "2": 3}},
    ),
    "a value of Arrow": ("select $m as m", lambda *_: {"param_values": {"m": pa.scalar(1, "i1")}}),
    "a date": ("select $m as m", lambda *_: {"param_values": {"m": datetime.date(2024, 2, 29)}}),
    "no value": ("select $m as m", lambda *_: {"param_values": {"m": None}}),
    "a list": ("select $m as m", lambda *_: {"param_values": {"m": [1, 2]}}),
    "a value too many": ("select 1 as one", lambda *_: {"param_values": {"m": 1}}),
    "text": ("select $c from t", lambda *_: {"c": "a + 1 as b, a"}),
    "text that begins another": ("select $aa, $a from t", lambda *_: {"a": "a", "aa": '"B"'}),
    "text in a string": ("select '$c $c' as c, $c from t", lambda *_: {"c": "a"}),
    "text in a comment": ("select /* $c */ $c from t -- $c", lambda *_: {"c": "a"}),
    "text after another alphabet": ("select 'é\n$c' as \"ß\", $c from t", lambda *_: {"c": "a"}),
    "a number": ("select a from t where a > $m", lambda *_: {"m": 1.5}),
    "a boolean": ("select a from t where $m", lambda *_: {"m": True}),
    "a list as text": ("select $m as m", lambda *_: {"m": [1, 2]}),
    "a tuple": ("select a from t where a in $m", lambda *_: {"m": (1, 3)}),
    "a part too many": ("select a from t", lambda *_: {"m": 1}),
    "a table's name": ("select a from $t", lambda *_: {"t": "t"}),
    "a data frame": ("select a from $f where a > 1", lambda _, frame: {"f": frame}),
    "a data frame twice": (
        "select x.a from $f as x join $f as y on x.a = y.a + 1",
        lambda _, frame: {"f": frame},
    ),
    "a data frame and a value": (
        "select a from $f where a > $m",
        lambda _, frame: {"f": frame, "param_values": {"m": 1}},
    ),
}


def frame_of(ctx: Any) -> Any:
    """The table of a session that queries are about."""
    return ctx.from_pydict(COLUMNS, name="t")


@pytest.mark.parametrize("case", ALIKE)
def test_placeholders_stand_for_what_they_stand_for_in_the_wheel(case: str) -> None:
    query, arguments = ALIKE[case]
    answers = []
    for package in (planwire, datafusion):
        ctx = package.SessionContext()
        frame = frame_of(ctx)
        answers.append(ctx.sql(query, **arguments(package, frame)).to_pydict())
    ours, theirs = answers
    assert sorted(ours.items()) == sorted(theirs.items())


RIGHT: dict[str, tuple[str, Arguments, list[Any]]] = {
    "an expression": ("select $e as r from t", lambda *_: {"e": col("a") * 2 + 1}, [3, 5, 7]),
    "a column of mixed case": (
        "select $e as r from t",
        lambda *_: {"e": col('"B"')},
        ["x", "y", "z"],
    ),
    "a predicate": ("select a as r from t where not $e", lambda *_: {"e": col("a") > lit(1)}, [1]),
    "an expression with a name": (
        "select $e from t",
        lambda *_: {"e": (-col("a")).alias("r")},
        [-1, -2, -3],
    ),
    "an aggregate": ("select $e as r from t", lambda *_: {"e": functions.sum(col("a"))}, [6]),
    "an expression with a quote": ("select $e as r", lambda *_: {"e": lit("it's")}, ["it's"]),
    "a literal": ("select a as r from t where a = $e", lambda *_: {"e": lit(2)}, [2]),
    "a negative number": ("select a -$m as r from t", lambda *_: {"m": -1}, [2, 3, 4]),
    "nothing": ("select $m as r", lambda *_: {"m": None}, [None]),
    "strings": ('select a as r from t where "B" in $m', lambda *_: {"m": ("x", "it's")}, [1]),
    "a date": (
        "select $m + interval '1 day' as r",
        lambda *_: {"m": datetime.date(2024, 2, 28)},
        [datetime.date(2024, 2, 29)],
    ),
    "a decimal": ("select $m as r", lambda *_: {"m": Decimal("1.50")}, [Decimal("1.50")]),
}


@pytest.mark.parametrize("case", RIGHT)
def test_parts_mean_in_the_query_what_they_mean_in_python(case: str) -> None:
    query, arguments, expected = RIGHT[case]
    ctx = planwire.SessionContext()
    found = ctx.sql(query, **arguments(planwire, frame_of(ctx))).to_pydict()["r"]
    assert found == expected


EXACT: dict[str, Any] = {
    "a small integer": pa.scalar(4, pa.int8()),
    "no small integer": pa.scalar(None, pa.int8()),
    "a great integer": 2**63,
    "a small float": pa.scalar(1.5, pa.float32()),
    "no number": float("inf"),
    "a decimal": Decimal("-1.50"),
    "bytes": b"x\x00",
    "a date": datetime.date(2024, 2, 29),
    "a time": datetime.time(1, 2, 3, 4),
    "a time stamp": datetime.datetime(2024, 2, 29, 3, 4, 5, 678901),
    "a time stamp of a zone": datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc),
    "a duration": datetime.timedelta(days=1, seconds=3),
    "a large string": pa.scalar("it's", pa.large_string()),
}


@pytest.mark.parametrize("case", EXACT)
def test_value_keeps_its_type_wherever_it_stands(case: str) -> None:
    ctx = planwire.SessionContext()
    bound = ctx.sql("select $m as r", param_values={"m": EXACT[case]})
    for parts in ({"m": EXACT[case]}, {"m": lit(EXACT[case])}):
        part = ctx.sql("select $m as r", **parts)
        assert part.schema().types == bound.schema().types
        assert part.to_pydict() == bound.to_pydict()


@pytest.mark.parametrize(
    "to", [pa.timestamp("s", "UTC"), pa.large_string(), pa.decimal128(10, 2), pa.int8(), pa.int32()]
)
def test_cast_of_an_expression_keeps_its_type(to: Any) -> None:
    ctx = planwire.SessionContext()
    cast = frame_of(ctx).select(col("a").cast(to).alias("r"))
    part = ctx.sql("select $e as r from t", e=col("a").cast(to))
    assert part.schema().types == cast.schema().types
    assert part.to_pydict() == cast.to_pydict()


def test_what_sql_has_no_words_for_is_refused() -> None:
    ctx = planwire.SessionContext()
    with pytest.raises(planwire.InvalidQuery, match=r"no words .* bind it by param_values"):
        ctx.sql("select $e", e=lit({"a": 1}))
    with pytest.raises(ValueError, match="no words"):
        ctx.sql("select $e", e=[{"a": 1}])
    assert ctx.sql("select $e as r", e={"a": 1}).to_pydict() == {"r": [{"a": 1}]}


def test_data_frame_is_a_table_for_one_query_only() -> None:
    ctx = planwire.SessionContext()
    frame = planwire.SessionContext().from_pydict({"a": [1, 2]})
    kept = ctx.sql("select a from $f", f=frame)
    ctx.sql("create view v as select max(a) as m from $f", f=frame)
    with pytest.raises(planwire.InvalidQuery):
        ctx.sql("select nothing from $f", f=frame)
    assert ctx.catalog().schema().table_names() == {"v"}
    assert kept.to_pydict() == {"a": [1, 2]}
    assert ctx.table("v").to_pydict() == {"m": [2]}


def test_statement_that_runs_at_once_has_its_values() -> None:
    ctx = planwire.SessionContext()
    ctx.sql("create table u as select $m as a", param_values={"m": 7})
    assert ctx.table("u").to_pydict() == {"a": [7]}


def test_placeholder_has_a_value_or_a_part() -> None:
    with pytest.raises(ValueError, match=r"\$m has a value in param_values and a part"):
        planwire.SessionContext().sql("select $m", param_values={"m": 1}, m=2)


def test_missing_value_is_named() -> None:
    with pytest.raises(planwire.InvalidQuery, match=r"\$m"):
        planwire.SessionContext().sql("select $m", param_values={"n": 1})


def test_function_of_an_expression_is_the_one_that_runs() -> None:
    ctx = planwire.SessionContext()
    frame_of(ctx)
    twice, other = (kinds.make("scalar", "same", amount) for amount in (10, 20))
    with pytest.raises(planwire.InvalidQuery, match='calls "same", which is not registered'):
        ctx.sql("select $e from t", e=twice(col("a")))
    ctx.register_udf(twice)
    assert ctx.sql("select $e as r from t", e=twice(col("a"))).to_pydict() == {"r": [11, 12, 13]}
    with pytest.raises(planwire.InvalidQuery, match='function "same" is another one'):
        ctx.sql("select $e from t", e=other(col("a")))


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("create table u as select 1", lambda package: package.SQLOptions().with_allow_ddl(False)),
        (
            "insert into t values (4, 'w')",
            lambda package: package.SQLOptions().with_allow_dml(False),
        ),
        (
            "set datafusion.execution.batch_size = 1",
            lambda package: package.SQLOptions().with_allow_statements(False),
        ),
    ],
)
def test_options_refuse_what_they_refuse_in_the_wheel(
    query: str, options: Callable[[Any], Any]
) -> None:
    messages = []
    for package in (planwire, datafusion):
        ctx = package.SessionContext()
        frame_of(ctx)
        with pytest.raises(ValueError, match="not supported") as refused:
            ctx.sql(query, options(package))
        messages.append(str(refused.value))
        with pytest.raises(ValueError, match="not supported"):
            ctx.sql_with_options(query, options(package))
        ctx.sql_with_options(query, package.SQLOptions()).collect()
    assert messages[0].startswith(messages[1])


@pytest.mark.parametrize("query", ["selec 1", "select a from nothing", "select 1; select 2", "'"])
def test_text_that_is_no_query_is_a_value_error_as_in_the_wheel(query: str) -> None:
    for package in (planwire, datafusion):
        with pytest.raises(ValueError):  # noqa: PT011
            package.SessionContext().sql(query)
    with pytest.raises(planwire.ExecutionError):
        planwire.SessionContext().sql(query)


def test_sql_expression_is_read_over_a_schema() -> None:
    schema = pa.schema([("a", pa.int64())])
    ctx = planwire.SessionContext()
    parsed = ctx.parse_sql_expr("a * 2", schema)
    assert frame_of(ctx).select(parsed.alias("r")).to_pydict() == {"r": [2, 4, 6]}
    with pytest.raises(planwire.InvalidQuery):
        ctx.parse_sql_expr("b", schema)


SMALL_STACK = """
import threading
import planwire

ctx = planwire.SessionContext()
ctx.from_pydict({"a": [1]}, name="t")
deep = "1" + "+a" * 600

def plan():
    ctx.sql("select $x as b from t", x=deep)
    ctx.sql(f"create view v as select {deep} as b from t")
    ctx.sql("select b from v")
    print("planned", flush=True)

threading.stack_size(1 << 20)
thread = threading.Thread(target=plan)
thread.start()
thread.join()
"""


def test_a_query_that_is_deeper_than_its_text_is_planned_on_a_small_stack() -> None:
    command = [sys.executable, "-c", SMALL_STACK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.stdout == "planned\n", done.stderr
    assert done.returncode == 0, done.stderr
