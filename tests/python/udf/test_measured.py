"""Functions written in Python are measured at the operator that calls them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from planwire import (
    Accumulator,
    DataFrame,
    ExecutionPlan,
    SessionConfig,
    SessionContext,
    WindowEvaluator,
    col,
    udaf,
    udf,
    udwf,
)

PARTITIONS, BATCHES, ROWS = 2, 3, 10


def session() -> SessionContext:
    """A session with a table of two partitions, each of three batches of ten rows."""
    ctx = SessionContext(SessionConfig().with_target_partitions(PARTITIONS))
    batches = [pa.record_batch({"a": list(range(ROWS)), "g": [0, 1] * 5}) for _ in range(BATCHES)]
    ctx.register_record_batches("t", [batches] * PARTITIONS)
    for function in (twice, odd):
        ctx.register_udf(function)
    ctx.register_udaf(slow_sum)
    ctx.register_udwf(number)
    return ctx


twice = udf(lambda a: pc.multiply(a, 2), pa.int64(), pa.int64(), "immutable", "twice")
odd = udf(lambda a: pc.equal(pc.bit_wise_and(a, 1), 1), pa.int64(), pa.bool_(), "immutable", "odd")


class Sum(Accumulator):
    def __init__(self) -> None:
        self.sum = 0

    def update(self, *values: Any) -> None:
        self.sum += pc.sum(values[0]).as_py() or 0

    def merge(self, states: Any) -> None:
        self.update(states[0])

    def state(self) -> list[Any]:
        return [self.sum]

    def evaluate(self) -> Any:
        return self.sum


class Number(WindowEvaluator):
    def evaluate_all(self, values: list[pa.Array], num_rows: int) -> pa.Array:
        return pa.array(range(num_rows), pa.int64())


slow_sum = udaf(Sum, pa.int64(), pa.int64(), [pa.int64()], "immutable", "slow_sum")
number = udwf(Number, pa.int64(), pa.int64(), "immutable", "number")


def analyzed(df: DataFrame) -> list[str]:
    """The lines of EXPLAIN ANALYZE."""
    batches = df.collect()
    return "\n".join(
        text for batch in batches for text in batch.column("plan").to_pylist()
    ).splitlines()


def figures(lines: list[str], function: str) -> dict[str, tuple[int, int]]:
    """Calls and rows of a function, by the operators that called it."""
    found = {}
    for line in lines:
        name = re.escape(function)
        measured = rf"{name}\.calls=(\d+), {name}\.rows=(\d+), .*{name}\.time=[\d.]+[nµm]?s"
        figure = re.search(measured, line)
        if figure:
            found[line.strip().split(":")[0]] = int(figure[1]), int(figure[2])
    return found


def test_a_scalar_function_is_measured_at_the_operator_that_calls_it() -> None:
    ctx = session()
    lines = analyzed(ctx.sql("EXPLAIN ANALYZE SELECT twice(a) FROM t WHERE odd(a)"))
    in_all = PARTITIONS * BATCHES
    assert figures(lines, "odd") == {"FilterExec": (in_all, in_all * ROWS)}
    assert list(figures(lines, "twice")) == ["ProjectionExec"]
    assert figures(lines, "twice")["ProjectionExec"][1] == in_all * ROWS // 2


def test_the_same_function_in_two_operators_is_measured_at_each() -> None:
    ctx = session()
    lines = analyzed(ctx.sql("EXPLAIN ANALYZE SELECT twice(a) FROM t WHERE twice(a) > 10"))
    found = figures(lines, "twice")
    assert set(found) == {"FilterExec", "ProjectionExec"}
    assert found["FilterExec"] == (PARTITIONS * BATCHES, PARTITIONS * BATCHES * ROWS)
    # The built-in product tells how many rows are left.
    assert found["ProjectionExec"][1] == ctx.sql("SELECT a FROM t WHERE a * 2 > 10").count()


@pytest.mark.parametrize("group", ["", " GROUP BY g"])
def test_an_aggregate_function_is_measured_in_both_halves(group: str) -> None:
    ctx = session()
    lines = analyzed(ctx.sql(f"EXPLAIN ANALYZE SELECT slow_sum(a) FROM t{group}"))
    partial = [line for line in lines if "mode=Partial" in line]
    final = [line for line in lines if "mode=Final" in line]
    [(calls, rows)] = figures(partial, "slow_sum").values()
    assert rows == PARTITIONS * BATCHES * ROWS
    assert calls >= PARTITIONS * BATCHES
    groups = 2 if group else 1
    [(_, states)] = figures(final, "slow_sum").values()
    assert states == groups * PARTITIONS


def test_a_window_function_is_measured() -> None:
    ctx = session()
    lines = analyzed(ctx.sql("EXPLAIN ANALYZE SELECT number(a) OVER (PARTITION BY g) FROM t"))
    [(operator, (calls, rows))] = figures(lines, "number").items()
    assert "Window" in operator
    # Two partitions, each an object and its rows.
    assert (calls, rows) == (4, PARTITIONS * BATCHES * ROWS)


def test_a_function_in_the_key_of_a_repartition_is_measured_there() -> None:
    ctx = session()
    lines = analyzed(ctx.sql("EXPLAIN ANALYZE SELECT sum(a) OVER (PARTITION BY odd(a)) FROM t"))
    assert figures(lines, "odd")["RepartitionExec"] == (
        PARTITIONS * BATCHES,
        PARTITIONS * BATCHES * ROWS,
    )


def test_explain_prints_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    session().sql("SELECT twice(a) FROM t").explain(analyze=True)
    assert f"twice.calls={PARTITIONS * BATCHES}" in capsys.readouterr().out


def test_a_plan_has_the_figures_of_each_partition_and_run() -> None:
    ctx = session()
    plan = ctx.sql("SELECT twice(a) AS b FROM t").execution_plan()
    assert plan.collect_metrics() == []
    for partition in range(PARTITIONS):
        assert sum(batch.to_pyarrow().num_rows for batch in ctx.execute(plan, partition)) > 0
    assert rows_of(plan) == [(0, BATCHES * ROWS), (1, BATCHES * ROWS)]
    # Run again, the figures are those of the last run.
    assert sum(batch.to_pyarrow().num_rows for batch in ctx.execute(plan, 1)) > 0
    assert rows_of(plan) == [(1, BATCHES * ROWS)]


def rows_of(plan: ExecutionPlan) -> list[tuple[Any, Any]]:
    metrics = [metric for _, metrics in plan.collect_metrics() for metric in metrics.metrics()]
    mine = [metric for metric in metrics if metric.name.startswith("twice.")]
    assert all(metric.labels() == {"function": "twice"} for metric in mine)
    times: list[Any] = [metric.value for metric in mine if metric.name == "twice.time"]
    assert times
    assert all(time > 0 for time in times)
    rows: list[Any] = [metric for metric in mine if metric.name == "twice.rows"]
    return sorted((metric.partition, metric.value) for metric in rows)


def test_a_part_of_a_plan_that_is_run_by_itself_is_measured_by_itself() -> None:
    ctx = session()
    plan = ctx.sql("SELECT twice(a) AS b FROM t ORDER BY b LIMIT 3").execution_plan()
    list(ctx.execute(plan, 0))
    part = plan
    while not part.display().startswith("ProjectionExec"):
        [part] = part.children()
    before = rows_of(plan)
    list(ctx.execute(part, 0))
    assert rows_of(plan) == before
    assert rows_of(part) == [(0, BATCHES * ROWS)]


def test_two_queries_that_run_together_do_not_mix_their_figures() -> None:
    ctx = session()
    both = threading.Barrier(2)

    def meet(values: pa.Array) -> pa.Array:
        both.wait(60)
        return values

    ctx.register_udf(udf(meet, pa.int64(), pa.int64(), "volatile", "meet"))
    lines: dict[int, list[str]] = {}

    def run(rows: int) -> None:
        ctx.from_arrow(pa.table({"a": list(range(rows))}), name=f"of_{rows}")
        lines[rows] = analyzed(ctx.sql(f"EXPLAIN ANALYZE SELECT meet(a) FROM of_{rows}"))

    threads = [threading.Thread(target=run, args=(rows,)) for rows in (5, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {rows: list(figures(lines[rows], "meet").values()) for rows in lines} == {
        5: [(1, 5)],
        7: [(1, 7)],
    }


def test_a_query_that_a_function_runs_is_not_measured_as_its_caller() -> None:
    ctx = session()

    def nested(values: pa.Array) -> pa.Array:
        # Planned with, on this thread, and run.
        assert "42" in str(ctx.sql("SELECT twice(21)").optimized_logical_plan())
        inner = ctx.sql("SELECT twice(21) AS c, twice(a) AS b FROM t").to_pydict()
        assert set(inner["c"]) == {42}
        return values

    ctx.register_udf(udf(nested, pa.int64(), pa.int64(), "volatile", "nested"))
    lines = analyzed(ctx.sql("EXPLAIN ANALYZE SELECT nested(a) FROM t"))
    assert figures(lines, "twice") == {}
    assert figures(lines, "nested") == {
        "ProjectionExec": (PARTITIONS * BATCHES, PARTITIONS * BATCHES * ROWS)
    }


def test_a_function_that_fails_leaves_the_figures_of_what_it_did() -> None:
    ctx = session()
    calls: Iterator[int] = iter(range(100))

    def fail(values: pa.Array) -> pa.Array:
        if next(calls) == 2:
            raise ValueError("no more")
        return values

    ctx.register_udf(udf(fail, pa.int64(), pa.int64(), "volatile", "fail"))
    plan = ctx.sql("SELECT fail(a) FROM t").execution_plan()
    with pytest.raises(Exception, match="no more"):
        list(ctx.execute(plan, 0))
    [calls_made] = [metrics.sum_by_name("fail.calls") for _, metrics in plan.collect_metrics()][:1]
    assert calls_made == 3


def test_a_name_starts_no_line_of_its_own() -> None:
    ctx = session()
    evil = udf(lambda a: a, pa.int64(), pa.int64(), "volatile", "a\nb")
    df = ctx.table("t").select(evil(col("a")).alias("x"))
    plan = df.execution_plan()
    list(ctx.execute(plan, 0))
    names = {metric.name for _, metrics in plan.collect_metrics() for metric in metrics.metrics()}
    assert "a\\u{a}b.calls" in names


def test_the_rows_of_a_plan_that_is_measured_are_the_same() -> None:
    ctx = session()
    queries = [
        "SELECT twice(a) AS b, g FROM t WHERE odd(a) ORDER BY b DESC LIMIT 7",
        "SELECT g, slow_sum(a) AS s FROM t GROUP BY g ORDER BY g",
        "SELECT l.a, count(*) AS n FROM t l JOIN t r ON twice(l.a) = r.a GROUP BY l.a ORDER BY l.a",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT twice(i) FROM n WHERE i < 50)"
        " SELECT * FROM n",
        "SELECT a FROM t WHERE a > (SELECT slow_sum(a) / 100 FROM t) ORDER BY a",
        "SELECT a FROM t WHERE twice(a) IN (SELECT a FROM t) UNION ALL SELECT odd(a)::int FROM t"
        " ORDER BY 1",
    ]
    for query in queries:
        df = ctx.sql(query)
        plan = df.execution_plan()
        partitions = [
            batch.to_pyarrow().to_pydict()
            for partition in range(plan.partition_count)
            for batch in ctx.execute(plan, partition)
        ]
        rows = {name: [row for part in partitions for row in part[name]] for name in df.to_pydict()}
        assert rows == df.to_pydict(), query


@pytest.mark.parametrize("analyze", ["", "EXPLAIN ANALYZE "])
def test_a_plan_that_was_measured_travels_as_what_it_was(analyze: str) -> None:
    ctx = session()
    plan = ctx.sql(f"{analyze}SELECT a + 1 AS b FROM t ORDER BY b DESC LIMIT 3").execution_plan()
    list(ctx.execute(plan, 0))
    [part] = plan.children()
    for sent in (plan, part):
        arrived = ExecutionPlan.from_bytes(sent.to_bytes(ctx), ctx)
        assert names(arrived) == names(sent)
        assert [batch.to_pyarrow().num_rows for batch in ctx.execute(arrived, 0)]


def names(plan: ExecutionPlan) -> list[str]:
    return [line.split(":")[0] for line in plan.display_indent().splitlines()]
