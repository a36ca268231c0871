"""Queries on a cluster show what they do: their metrics, their progress, and their rows."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from planwire import (
    ExecutionError,
    InlineRefused,
    Progress,
    ScalarUDF,
    SessionContext,
    col,
    udf,
)
from planwire._progress import Bar
from planwire.dataframe import StageProgress

from support import kinds
from support.clusters import by_hand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planwire import DataFrame

pytestmark = pytest.mark.timeout(180)

NUMBER = pa.int64()

FILES, ROWS = 4, 50

OPTIONS = {"datafusion.execution.target_partitions": str(FILES)}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of several files, each of which is a partition."""
    path = tmp_path_factory.mktemp("files")
    for file in range(FILES):
        numbers = range(file * ROWS, (file + 1) * ROWS)
        pq.write_table(pa.table({"a": list(numbers)}), path / f"{file}.parquet")
    return path


@pytest.fixture(scope="module", params=[1, 3], ids=["one vcore", "three vcores"])
def cluster(request: pytest.FixtureRequest, files: Path) -> SessionContext:
    """A cluster whose tasks have one partition each, and one whose tasks have several."""
    ctx = SessionContext.standalone_cluster(
        executors=2, vcores=request.param, cluster_config=OPTIONS
    )
    return with_table(ctx, files)


@pytest.fixture(scope="module")
def asking(files: Path) -> Iterator[SessionContext]:
    """A cluster whose executor asks for its tasks, which have three partitions and one."""
    pull = ["--policy", "pull"]
    with by_hand(scheduler=pull, executor=[*pull, "--vcores", "3"]) as ctx:
        ctx.sql(f"set datafusion.execution.target_partitions = {FILES}").collect()
        yield with_table(ctx, files)


def with_table(ctx: SessionContext, files: Path) -> SessionContext:
    ctx.register_parquet("t", files)
    ctx.register_udf(double("double"))
    ctx.register_udf(double("other"))
    ctx.register_udaf(kinds.make("aggregate", "middle"))
    return ctx


def double(name: str) -> ScalarUDF:
    def doubled(numbers: pa.Array) -> pa.Array:
        return pa.array([2 * number for number in numbers.to_pylist()], NUMBER)

    return udf(doubled, [NUMBER], NUMBER, "immutable", name)


def analyzed(frame: DataFrame) -> list[str]:
    """The plan with the metrics, line by line."""
    [text] = frame.to_pydict()["plan"]
    return str(text).splitlines()


def seen_rows(lines: list[str], function: str) -> dict[str, int]:
    """The rows that a function saw, by the operators that called it."""
    found = [(line, re.search(rf"\b{function}\.rows=(\d+)\b", line)) for line in lines]
    return {line.split(":")[0].strip(): int(rows[1]) for line, rows in found if rows}


@pytest.mark.inline
@pytest.mark.parametrize(
    ("query", "function", "rows"),
    [
        ("select double(a) from t", "double", {"DataSourceExec": FILES * ROWS}),
        # Each function is called in a stage of its own.
        (
            "select other(s) from (select a % 7 as g, sum(double(a)) as s from t group by 1)",
            "double",
            {"AggregateExec": FILES * ROWS},
        ),
        (
            "select other(s) from (select a % 7 as g, sum(double(a)) as s from t group by 1)",
            "other",
            {"ProjectionExec": 7},
        ),
        # A task calls it to choose the partition of the next stage.
        (
            "select sum(a) over (partition by double(a)) from t",
            "double",
            dict.fromkeys(["SortShuffleWriterExec", "SortExec", "WindowAggExec"], FILES * ROWS),
        ),
    ],
)
def test_function_is_measured_at_the_operator_that_calls_it_in_all_tasks(
    cluster: SessionContext, query: str, function: str, rows: dict[str, int]
) -> None:
    lines = analyzed(cluster.sql(f"explain analyze {query}"))
    assert seen_rows(lines, function) == rows
    for line in lines:
        if f"{function}.rows" in line:
            assert re.search(rf"\b{function}\.calls=\d+\b.*\b{function}\.time=[\d.]+", line)


@pytest.mark.inline
def test_explained_frame_shows_the_stages(
    cluster: SessionContext, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.sql("select double(a) % 2 as g, count(*) from t group by 1").explain(
        analyze=True, verbose=True
    )
    shown = capsys.readouterr().out
    stages = re.findall(r"stage_id=(\d+), partitions=(\d+)", shown)
    assert stages == [("1", str(FILES)), ("2", str(FILES))]
    assert f"double.rows={FILES * ROWS}" in shown
    assert re.search(r"\| Output Rows +\| 1 ", shown)


@pytest.mark.inline
@pytest.mark.parametrize(
    ("level", "categories", "shown"),
    [
        ("dev", None, {"output_rows", "write_time", "double.rows", "double.time"}),
        ("summary", None, {"output_rows", "double.rows", "double.time"}),
        ("summary", ["rows"], {"output_rows", "double.rows"}),
        ("dev", ["timing"], {"write_time", "double.time"}),
    ],
)
def test_explained_frame_shows_the_metrics_that_are_asked_for(
    cluster: SessionContext,
    capsys: pytest.CaptureFixture[str],
    level: str,
    categories: list[str] | None,
    shown: set[str],
) -> None:
    frame = cluster.sql("select double(a) from t")
    frame.explain(analyze=True, analyze_level=level, analyze_categories=categories)
    text = capsys.readouterr().out
    measured = {"output_rows", "write_time", "double.rows", "double.time"}
    assert {name for name in measured if f"{name}=" in text} == shown


def test_format_that_a_cluster_does_not_draw_is_an_error(cluster: SessionContext) -> None:
    with pytest.raises(ExecutionError, match="on a cluster has the format indent only"):
        cluster.sql("explain analyze format pgjson select a from t").collect()


@pytest.mark.inline
def test_function_that_fails_while_it_is_measured_is_the_cause(cluster: SessionContext) -> None:
    with pytest.raises(ExecutionError, match="in executor") as failed:
        cluster.table("t").select(failing()(col("a"))).explain(analyze=True)
    assert str(failed.value.__cause__) == "no such number"


def failing() -> ScalarUDF:
    def fail(numbers: pa.Array) -> pa.Array:
        raise ValueError("no such number")

    return udf(fail, [NUMBER], NUMBER, "immutable", "fail")


@pytest.mark.inline
def test_executor_that_refuses_a_function_is_named_while_it_is_measured(files: Path) -> None:
    with by_hand(PLANWIRE_FLOOR="refuse") as strict:
        with_table(strict, files)
        with pytest.raises(InlineRefused, match="in executor"):
            strict.sql("explain analyze select double(a) from t").collect()


def held(go: Path) -> ScalarUDF:
    """A function that waits for a file."""

    def wait(numbers: pa.Array) -> pa.Array:
        while not go.exists():
            time.sleep(0.01)
        return numbers

    return udf(wait, [NUMBER], NUMBER, "volatile", "wait")


def grouped(ctx: SessionContext, go: Path) -> DataFrame:
    """A query of three stages, the first of which waits for a file."""
    ctx.register_udf(held(go))
    return ctx.sql("select wait(a) % 7 as g, count(*) as c from t group by 1 order by 1")


@pytest.mark.inline
def test_progress_tells_of_stages_and_operators(cluster: SessionContext, tmp_path: Path) -> None:
    go = tmp_path / "go"
    seen: list[Progress] = []

    def tell(progress: Progress) -> None:
        seen.append(progress)
        if progress.stages:
            go.touch()

    rows = grouped(cluster, go).to_pydict(progress=tell)
    assert rows["g"] == list(range(7))
    begun = next(progress for progress in seen if progress.stages)
    assert [stage.partitions_done for stage in begun.stages] == [0] * 3
    told = [sum(stage.partitions_done for stage in progress.stages) for progress in seen]
    assert told == sorted(told)
    last = seen[-1]
    assert (last.done, last.failed, last.rows, last.rows_read) == (True, False, 7, FILES * ROWS)
    assert last.fraction_read == 1.0
    parts = [(1, FILES), (2, FILES), (3, 1)]
    assert last.stages == tuple(StageProgress(stage, of, of) for stage, of in parts)
    assert [(one.name, one.depth, one.rows) for one in last.operators[:2]] == [
        ("SortPreservingMergeExec", 0, 7),
        ("ShuffleReaderExec", 1, 7),
    ]
    assert [operator.depth for operator in last.operators] == list(range(len(last.operators)))
    names = [[operator.name for operator in progress.operators] for progress in (begun, last)]
    assert names[0] == names[1]


@pytest.mark.inline
def test_progress_comes_from_an_executor_that_asks_for_its_tasks(asking: SessionContext) -> None:
    seen: list[Progress] = []
    lines = analyzed(asking.sql("explain analyze select double(a) from t"))
    assert seen_rows(lines, "double") == {"DataSourceExec": FILES * ROWS}
    asking.sql("select double(a) from t").collect(progress=seen.append)
    assert [stage.done for stage in seen[-1].stages] == [True]
    assert seen[-1].rows == seen[-1].rows_read == FILES * ROWS


def test_rows_count_once_for_each_task_that_reads_them(asking: SessionContext) -> None:
    lines = analyzed(asking.sql("explain analyze select count(*) from t x join t y on x.a < y.a"))
    above = next(index for index, line in enumerate(lines) if "NestedLoopJoinExec" in line)
    left = next(line for line in lines[above:] if "ShuffleReaderExec" in line)
    assert f"output_rows={2 * FILES * ROWS}," in left


def test_stages_that_nobody_reads_any_more_are_told_of(cluster: SessionContext) -> None:
    seen: list[Progress] = []
    frame = cluster.sql("select a % 7 as g, sum(a) as s from t group by 1 order by 1")
    # When the stage before has ended, the number of its rows is known.
    assert frame.count(progress=seen.append) == 7
    assert ("DataSourceExec", FILES * ROWS) in [
        (operator.name, operator.rows) for operator in seen[-1].operators
    ]


@pytest.mark.inline
def test_table_in_memory_tells_of_its_rows(cluster: SessionContext) -> None:
    seen: list[Progress] = []
    frame = cluster.from_pydict({"a": [1, 2, 3]})
    frame.select((col("a") + 1).alias("b")).collect(progress=seen.append)
    source = seen[-1].operators[-1]
    assert (source.rows, source.batches, source.expected_rows) == (3, 1, 3)


@pytest.mark.inline
def test_progress_of_a_query_that_fails_ends_with_that(cluster: SessionContext) -> None:
    seen: list[Progress] = []
    with pytest.raises(ExecutionError, match="no such number"):
        cluster.table("t").select(failing()(col("a"))).collect(progress=seen.append)
    assert [progress.done for progress in seen].index(True) == len(seen) - 1
    assert seen[-1].failed
    assert [stage.done for stage in seen[-1].stages] == [False]


def test_query_that_is_not_planned_has_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ExecutionError):
        SessionContext.cluster("df://127.0.0.1:1").sql("select 1").collect(progress=True)
    assert capsys.readouterr().err == ""


@pytest.mark.inline
def test_ctrl_c_ends_a_query_with_progress(cluster: SessionContext, tmp_path: Path) -> None:
    go, seen = tmp_path / "go", []
    has_begun, is_over = threading.Event(), threading.Event()

    def tell(progress: Progress) -> None:
        seen.append(progress)
        if progress.stages:
            has_begun.set()

    def press() -> None:
        has_begun.wait()
        if not is_over.is_set():
            os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=press)
    pressing.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            grouped(cluster, go).collect(progress=tell)
    finally:
        for event in (is_over, has_begun):
            event.set()
        go.touch()
        pressing.join()
    assert (seen[-1].done, seen[-1].failed) == (True, True)
    assert cluster.sql("select 1 as a").to_pydict() == {"a": [1]}


def test_exception_of_the_callback_ends_the_query(cluster: SessionContext) -> None:
    def tell(progress: Progress) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        cluster.sql("select a from t").collect(progress=tell)


def test_bar_counts_stages() -> None:
    stages = (StageProgress(1, 4, 4), StageProgress(2, 4, 2), StageProgress(3, 2, 0))
    text = Bar().text(Progress(1.25, (), False, False, stages))
    assert text == "[############--------]  60%  1.2 s, 1 of 3 stages, 0 rows read"


@pytest.mark.inline
def test_notebook_draws_the_rows_of_a_cluster(cluster: SessionContext) -> None:
    html = cluster.sql("select double(a) as d from t order by d")._repr_html_()
    assert '<td class="number">38</td>' in html
    assert "<p>" in html
