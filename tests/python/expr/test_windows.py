"""Calls over rows: their clauses, their windows and the frames of those."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any

import pyarrow as pa
import pytest
from planwire import Expr, NullTreatment, SessionContext, WindowFrame, col, lit
from planwire import functions as f
from planwire.expr import Window

WINDOW_ROWS: dict[str, list[Any]] = {
    "k": ["x", "x", "x", "y", "y"],
    "o": [1, 2, 2, 1, 5],
    "v": [1, 2, 4, 8, 16],
}


def over(expr: Expr) -> list[Any]:
    """What a window function comes to, in the order of `v`."""
    frame = SessionContext().from_pydict(WINDOW_ROWS).select("v", expr.alias("r"))
    return frame.sort("v").to_pydict()["r"]


def sql_over(clause: str) -> list[Any]:
    ctx = SessionContext()
    ctx.from_pydict(WINDOW_ROWS, name="t")
    return ctx.sql(f"SELECT v, {clause} AS r FROM t ORDER BY v").to_pydict()["r"]


@pytest.mark.parametrize(
    ("expr", "sql"),
    [
        (f.sum(col("v")).over(), "sum(v) OVER ()"),
        (f.sum(col("v")).over(Window()), "sum(v) OVER ()"),
        (f.sum(col("v")).over(Window("k")), "sum(v) OVER (PARTITION BY k)"),
        (f.sum(col("v")).over(order_by="o"), "sum(v) OVER (ORDER BY o)"),
        (
            f.sum(col("v")).over(Window(order_by="o"), partition_by=["k"]),
            "sum(v) OVER (PARTITION BY k ORDER BY o)",
        ),
        (
            f.sum(col("v")).over(Window(order_by=col("o").sort(ascending=False))),
            "sum(v) OVER (ORDER BY o DESC)",
        ),
        (
            f.sum(col("v"), filter=col("v") > 1, distinct=False).over(partition_by="k"),
            "sum(v) FILTER (WHERE v > 1) OVER (PARTITION BY k)",
        ),
        (
            f.sum(col("v")).over(Window("k", WindowFrame("rows", 1, 0), "v")),
            "sum(v) OVER (PARTITION BY k ORDER BY v ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
        ),
        (
            f.sum(col("v")).over(order_by="o", window_frame=WindowFrame("range", 1, 0)),
            "sum(v) OVER (ORDER BY o RANGE BETWEEN 1 PRECEDING AND CURRENT ROW)",
        ),
        (
            f.sum(col("v")).over(order_by="o", window_frame=WindowFrame("groups", 1, 0)),
            "sum(v) OVER (ORDER BY o GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW)",
        ),
        (
            f.sum(col("v")).window_frame(WindowFrame("rows", 0, None)).order_by("v").build(),
            "sum(v) OVER (ORDER BY v ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)",
        ),
        (
            f.sum(col("v")).partition_by("k").order_by("o").build(),
            "sum(v) OVER (PARTITION BY k ORDER BY o)",
        ),
        (
            f.first_value(f.nullif(col("v"), 1), null_treatment=NullTreatment.IGNORE_NULLS).over(
                order_by="v", window_frame=WindowFrame("rows", None, None)
            ),
            "first_value(nullif(v, 1)) IGNORE NULLS OVER (ORDER BY v ROWS BETWEEN UNBOUNDED "
            "PRECEDING AND UNBOUNDED FOLLOWING)",
        ),
        (
            f.rank(order_by="o").over(partition_by="k"),
            "rank() OVER (PARTITION BY k ORDER BY o)",
        ),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_window_is_that_of_sql(expr: Expr, sql: str) -> None:
    assert over(expr) == sql_over(sql)


def summed(window: Window, table: pa.Table) -> list[Any]:
    frame = SessionContext().from_arrow(table)
    return frame.select(f.sum(col("v")).over(window).alias("r")).to_pydict()["r"]


def test_ranges_are_measured_in_the_type_of_the_order() -> None:
    days = [dt.datetime(2024, 1, day) for day in (1, 2, 4)]
    for order, distance in [
        (pa.array([1.0, 1.5, 2.1]), 0.5),
        (pa.array([1, 2, 4], pa.int8()), 1),
        (pa.array([1, 2, 4], pa.uint64()), lit(1)),
        (pa.array(days), dt.timedelta(days=1)),
        (pa.array(days), "1 day"),
    ]:
        table = pa.table({"o": order, "v": [1, 2, 4]})
        window = Window(order_by="o", window_frame=WindowFrame("range", distance, 0))
        assert summed(window, table) == [1, 3, 4], order.type


def test_frames_say_what_they_are() -> None:
    frame = WindowFrame("ROWS", 2, None)
    assert repr(frame) == "WindowFrame(ROWS BETWEEN 2 PRECEDING AND UNBOUNDED FOLLOWING)"
    lower, upper = frame.get_lower_bound(), frame.get_upper_bound()
    assert frame.get_frame_units() == "ROWS"
    assert (lower.get_offset(), lower.is_preceding(), lower.is_unbounded()) == (2, True, False)
    assert (upper.get_offset(), upper.is_following(), upper.is_unbounded()) == (None, True, True)
    assert not lower.is_current_row()
    # A bound keeps its direction, so a frame may start after the row.
    later = WindowFrame("rows", WindowFrame("rows", 0, 1).get_upper_bound(), 2)
    assert repr(later) == "WindowFrame(ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING)"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("cells", 1, 1), ValueError, '"rows", "range" or "groups", not "cells"'),
        (("rows", -1, 1), ValueError, "not negative: -1"),
        (("rows", 1.5, 1), ValueError, "counted by an integer, not by 1.5"),
        (("rows", 1, "one"), ValueError, "counted by an integer, not by one"),
        (("rows", object(), 1), TypeError, "object(?s:.*)start_bound"),
        (("range", 1, col("a")), TypeError, "end_bound"),
        ((1, 1, 1), TypeError, "units"),
    ],
)
def test_impossible_frames_are_refused(
    arguments: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        WindowFrame(*arguments)


def test_clauses_add_up() -> None:
    expr = f.sum(col("v"), distinct=True).filter(col("v") > 1).build()
    assert str(expr) == "Expr(sum(DISTINCT v) FILTER (WHERE v > Int64(1)))"
    again = expr.filter(col("v") > 2).build()
    assert str(again) == "Expr(sum(DISTINCT v) FILTER (WHERE v > Int64(2)))"


def test_builders_do_not_change() -> None:
    builder = f.array_agg(col("v")).order_by("v")
    builder.distinct()
    assert str(builder.build()) == "Expr(array_agg(v) ORDER BY [v ASC NULLS LAST])"
    assert repr(builder) == "ExprFuncBuilder(array_agg(v) ORDER BY [v ASC NULLS LAST])"


def test_only_calls_over_rows_have_clauses() -> None:
    message = "only a call of a window or aggregate function has rows around it, not a"
    for call in (
        lambda: col("a").over(),
        lambda: col("a").distinct(),
        lambda: col("a").filter(lit(True)),
        lambda: col("a").order_by("b"),
        lambda: col("a").partition_by("b"),
        lambda: col("a").window_frame(WindowFrame("rows", 1, 1)),
        lambda: col("a").null_treatment("ignore_nulls"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.unguarded
def test_windows_travel() -> None:
    frame = WindowFrame("range", 1, 0)
    expr = f.sum(col("v")).over(partition_by="k", order_by="o", window_frame=frame)
    assert over(pickle.loads(pickle.dumps(expr))) == over(expr)
